"""Fires a metric alert of Sentry 23.7.1 at an integration, and resolves it, as its own code does when the event store
has told of too many events; the server here has none to tell. Prints the ids of the rule and of the incident. Runs in
the server's own environment. Arguments: the project's id and the integration's slug."""

import json
import os
import sys
from unittest import mock

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the server logs to standard output

from sentry.runner import configure

configure()

from django.utils import timezone
from sentry.incidents.logic import (create_alert_rule, create_alert_rule_trigger, create_alert_rule_trigger_action,
                                    create_incident)
from sentry.incidents.models import AlertRuleThresholdType, AlertRuleTriggerAction, IncidentStatus, IncidentType
from sentry.models import Project, SentryApp


def main():
    project, app = Project.objects.get(id=int(sys.argv[1])), SentryApp.objects.get(slug=sys.argv[2])
    with mock.patch("sentry.snuba.subscriptions.create_subscription_in_snuba"):
        rule = create_alert_rule(project.organization, [project], "Too many", "level:error", "count()", 10,
                                 AlertRuleThresholdType.ABOVE, 1, resolve_threshold=10)
        trigger = create_alert_rule_trigger(rule, "critical", 100)
        action = create_alert_rule_trigger_action(
            trigger, AlertRuleTriggerAction.Type.SENTRY_APP, AlertRuleTriggerAction.TargetType.SENTRY_APP,
            sentry_app_id=app.id)
    incident = create_incident(project.organization, IncidentType.ALERT_TRIGGERED, rule.name, timezone.now(),
                               projects=[project], alert_rule=rule)
    incident.update(status=IncidentStatus.CRITICAL.value)
    action.fire(action, incident, project, 812, IncidentStatus.CRITICAL)
    incident.update(status=IncidentStatus.CLOSED.value, date_closed=timezone.now())
    action.resolve(action, incident, project, 3, IncidentStatus.CLOSED)
    json.dump([str(rule.id), str(incident.id)], answer)


main()
