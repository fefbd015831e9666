#include "sentry/streams/families/alerts.h"

#include <chrono>

#include "json/members.h"
#include "sentry/answers/scopes.h"
#include "sentry/streams/families/of_project.h"
#include "sentry/streams/spec/releases.h"
#include "sentry/streams/spec/row_parts.h"
#include "sentry/streams/spec/signals.h"

namespace source_sentry {
namespace {

bool has_acted(std::string_view workflow, const Config& /*config*/) {
  return member_value(workflow, "lastTriggered") != "null";
}

}  // namespace

std::vector<StreamSpec> alerts_streams() {
  return {
      {.name = "detectors",
       .docs = "What Sentry watches: metrics, crons, uptime, errors of each project.",
       .remarks =
           "Called monitors in Sentry's pages. Servers before 2025 have none; a token without a "
           "user is refused with 401.",
       .path = "organizations/{org}/detectors/",
       .query = "project=-1&sortBy=id&per_page=100",
       .probe_query = "project=-1&sortBy=id&per_page=1",
       .scopes = scopes::kOrganization,
       .by_contents = true,
       .unstable = {"latestGroup", "openIssues"}},
      {.name = "workflows",
       .docs = "What is done when a detector finds something: conditions and actions.",
       .remarks = "Called alerts in Sentry's pages. Their actions hold addresses and channels.",
       .path = "organizations/{org}/workflows/",
       .query = "sortBy=id&per_page=100",
       .probe_query = "sortBy=id&per_page=1",
       .scopes = scopes::kOrganization,
       .by_contents = true,
       .unstable = {"lastTriggered"}},
      {.name = "alert_fires",
       .docs = "For which issues each workflow has acted: how often in 90 days, and when last.",
       .remarks = "A workflow is visited when it has acted again, and once a week.",
       .promise = Promise::kExperimental,
       .path = "organizations/{org}/workflows/",
       .query = "sortBy=id&per_page=100",
       .probe_query = "sortBy=id&per_page=1",
       .things = "history",
       .scopes = scopes::kOrganization,
       .primary_key = {"workflowId", "issueId"},
       .rows_id = "id",
       .children = {{.paths = {"organizations/{org}/workflows/{row.id}/group-history/"},
                     .id_key = "",
                     .of = "workflow {row.name}",
                     .injected = {{"workflowId", "{row.id}"}},
                     .wanted = has_acted}},
       .split = alert_fire,
       .visits_changed = members_moved({"lastTriggered"}, std::chrono::days(7))},
      {.name = "metric_alert_rules",
       .docs = "Metric alert rules, in the form that detectors replace.",
       .remarks = "Sentry is about to remove this route.",
       .promise = Promise::kPrivate,
       .path = "organizations/{org}/alert-rules/",
       // Without it, those of projects that the token's owner is not a member of are left out.
       .query = "project=-1&per_page=100",
       .probe_query = "project=-1&per_page=1",
       .page_rows = 25,
       .things = "metric alert rules",
       .scopes = scopes::kOrganization,
       .by_contents = true,
       .unstable = {"latestIncident", "snooze"}},
      {.name = "issue_alert_rules",
       .docs = "Issue alert rules of each project, in the form that workflows replace.",
       .remarks = "Sentry is about to remove this route.",
       .promise = Promise::kPrivate,
       .path = "projects/{org}/{project}/rules/",
       .things = "issue alert rules",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true,
       .unstable = {"lastTriggered", "snooze"}},
      {.name = "incidents",
       .docs = "Times at which a metric alert was over its threshold.",
       .remarks = "Sentry is about to remove this route.",
       .promise = Promise::kPrivate,
       .path = "organizations/{org}/incidents/",
       .query = "project=-1&per_page=100",
       .probe_query = "project=-1&per_page=1",
       .page_rows = 25,
       .scopes = scopes::kOrganization,
       .by_contents = true},
      {.name = "notification_actions",
       .docs = "Who is told when Sentry drops a project's events because of a spike.",
       .remarks = "Those of no project are left out. Sentry lists them in no fixed order: a list "
                  "of more than a hundred that shows some twice is INCOMPLETE.",
       .path = "organizations/{org}/notifications/actions/",
       // Without it, those of projects that the token's owner is not a member of are left out.
       .query = "project=-1&per_page=100",
       .probe_query = "project=-1&per_page=1",
       .things = "notification actions",
       .scopes = scopes::kOrganization,
       .by_contents = true,
       .id_is_number = true},
      {.name = "monitors",
       .docs = "Cron monitors, with the state of each environment.",
       .remarks = "GlitchTip's route of the same name is something else, and is not read.",
       .path = "organizations/{org}/monitors/",
       // The default order is by status, and moves while it is read.
       .query = "project=-1&sort=name&asc=1&per_page=100",
       .probe_query = "project=-1&sort=name&asc=1&per_page=1",
       .scopes = scopes::kOrganization,
       .by_contents = true,
       // They move with every check-in.
       .unstable = {"environments.lastCheckIn", "environments.nextCheckIn",
                    "environments.nextCheckInLatest", "lastCheckIn", "nextCheckIn",
                    "nextCheckInLatest"},
       .routes = with_and_without_project},
      {.name = "monitor_checkins",
       .docs = "Check-ins of cron monitors.",
       .remarks =
           "A monitor is visited when it has checked in since; a check-in that was under way then "
           "is read again for 90 minutes. Sentry keeps them for 30 days.",
       .path = "organizations/{org}/monitors/",
       .query = "project=-1&sort=name&asc=1&per_page=100",
       .probe_query = "project=-1&sort=name&asc=1&per_page=1",
       .things = "check-ins",
       .scopes = scopes::kOrganization,
       .rows_id = "id",
       .routes = with_and_without_project,
       // The second is of servers before 2023, whose monitors have no slug.
       .children = {{.paths = {"organizations/{org}/monitors/{row.slug}/checkins/",
                               "monitors/{row.id}/checkins/"},
                     .of = "monitor {row.name}",
                     .injected = {{"monitorId", "{row.id}"}, {"monitorSlug", "{row.slug}"}},
                     .scopes = scopes::kProject,
                     .overlap = std::chrono::minutes(90)}},
       .visits_changed = members_moved({"environments", "lastCheckIn"})},
      {.name = "uptime_monitors",
       .docs = "Addresses whose availability Sentry checks.",
       .remarks = "Their headers and bodies may hold credentials of the checked site. Sentry "
                  "lists them in no fixed order: a list of more than a hundred that shows some "
                  "twice is INCOMPLETE.",
       .promise = Promise::kExperimental,
       .path = "organizations/{org}/uptime/",
       .query = "project=-1&per_page=100",
       .probe_query = "project=-1&per_page=1",
       .things = "uptime monitors",
       .scopes = scopes::kOrganization,
       .holds_secrets = true,
       .by_contents = true},
  };
}

}  // namespace source_sentry
