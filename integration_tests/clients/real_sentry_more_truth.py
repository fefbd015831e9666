"""What a real Sentry's database holds of the streams beyond the core, by their primary keys, asked for in SQL."""

import base64
import json
import pickle
import zlib

from real_sentry_truth import ORGANIZATION, VISIBLE_PROJECTS, stored_events

OWN_PROJECTS = f"project_id in ({VISIBLE_PROJECTS})"
OWN_ISSUES = f"group_id in (select id from sentry_groupedmessage where {OWN_PROJECTS})"
OWN = f"organization_id = {ORGANIZATION}"
RELEASE = f"join sentry_release as release on release.id = release_id and release.{OWN}"

# Those that both versions keep alike.
QUERIES = {
    "organizations": ORGANIZATION,
    "teams": f"select id from sentry_team where status = 0 and {OWN}",
    "organization_members": f"select id from sentry_organizationmember where {OWN}",
    "team_members": f"""select team_id || '/' || organizationmember_id from sentry_organizationmember_teams
        where is_active and team_id in (select id from sentry_team where status = 0 and {OWN})""",
    "project_teams": f"select project_id || '/' || team_id from sentry_projectteam where {OWN_PROJECTS}",
    "project_members": f"""select distinct project_id || '/' || member.id from sentry_projectteam as owner
        join sentry_organizationmember_teams as link on link.team_id = owner.team_id and link.is_active
        join sentry_organizationmember as member on member.id = link.organizationmember_id
        join auth_user as person on person.id = member.user_id and person.is_active where {OWN_PROJECTS}""",
    "organization_users": f"""select distinct member.id from sentry_projectteam as owner
        join sentry_organizationmember_teams as link on link.team_id = owner.team_id and link.is_active
        join sentry_organizationmember as member on member.id = link.organizationmember_id
        join auth_user as person on person.id = member.user_id and person.is_active where {OWN_PROJECTS}""",
    "project_users": f"select project_id || '/' || hash from sentry_eventuser where {OWN_PROJECTS}",
    "issue_comments": f"select id from sentry_activity where type = 8 and {OWN_ISSUES}",
    "issue_hashes": f"select group_id || '/' || hash from sentry_grouphash where {OWN_ISSUES}",
    "user_feedback": f"select id from sentry_userreport where group_id is not null and {OWN_PROJECTS}",
    "release_deploys": f"select deploy.id from sentry_deploy as deploy {RELEASE}",
    "release_commits": f"""select release.version || '/' || commit.key from sentry_releasecommit as link {RELEASE}
        join sentry_commit as commit on commit.id = link.commit_id""",
    "release_files": f"select release.version || '/' || file.id from sentry_releasefile as file {RELEASE}",
    # Events without an environment have one with an empty name, which is not shown.
    "environments": f"""select id from sentry_environment where name != '' and {OWN} and id in (
        select environment_id from sentry_environmentproject where {OWN_PROJECTS})""",
    "project_environments": f"""select project_id || '/' || id from sentry_environmentproject where {OWN_PROJECTS}
        and environment_id in (select id from sentry_environment where name != '')""",
    "repositories": f"select id from sentry_repository where status = 0 and {OWN}",
    "project_ownership": VISIBLE_PROJECTS,  # each has some, if only the defaults
    "debug_files": f"select project_id || '/' || id from sentry_projectdsymfile where {OWN_PROJECTS}",
    "issue_alert_rules": f"select project_id || '/' || id from sentry_rule where status = 0 and {OWN_PROJECTS}",
    "monitors": f"select guid from sentry_monitor where {OWN}",
    "monitor_checkins": f"select guid from sentry_monitorcheckin where {OWN_PROJECTS}",
    "dashboards": f"select id from sentry_dashboard where {OWN}",
    "dashboard_widgets": f"""select widget.id from sentry_dashboardwidget as widget
        join sentry_dashboard as dashboard on dashboard.id = dashboard_id and dashboard.{OWN}""",
    "saved_queries": f"select id from sentry_discoversavedquery where {OWN}",
    "integrations": f"select integration_id from sentry_organizationintegration where {OWN}",
    "sentry_apps": f"select uuid from sentry_sentryapp where date_deleted is null and owner_id = {ORGANIZATION}",
    "sentry_app_installations": f"select uuid from sentry_sentryappinstallation where date_deleted is null and {OWN}",
    "api_keys": f"select id from sentry_apikey where {OWN}",
    "audit_logs": f"select id from sentry_auditlogentry where {OWN}",
    "service_hooks": f"select project_id || '/' || guid from sentry_servicehook where {OWN_PROJECTS}",
}

# The newest hundred of an issue, of which repeated ones are left out, and its first event as one more.
ACTIVITY = f"""
    with listed as (
        select group_id, id, type, coalesce(ident, '') as ident, coalesce(user_id, 0) as user_id,
               row_number() over (partition by group_id order by datetime desc) as place
        from sentry_activity where {OWN_ISSUES}),
    shown as (
        select one.group_id, one.id, row_number() over (partition by one.group_id order by one.place) as place
        from listed as one left join listed as later on later.group_id = one.group_id and later.place = one.place - 1
        where one.place <= 200 and (one.type = 8 or later.id is null or
              (one.type, one.ident, one.user_id) != (later.type, later.ident, later.user_id)))
    select group_id || '/' || id from shown where place <= 100
    union all select id || '/0' from sentry_groupedmessage as issue where {OWN_PROJECTS}
        and (select count(*) from shown where group_id = issue.id) < 100"""

NEW_QUERIES = {
    **QUERIES,
    # Who only asked to join is not listed.
    "organization_members": f"{QUERIES['organization_members']} and invite_status = 0",
    "issue_activity": ACTIVITY,
    "event_attachments": f"select id from sentry_eventattachment where {OWN_ISSUES}",
    "searches": f"select id from sentry_savedsearch where type = 0 and (is_global or {OWN}) and visibility = 'organization'",
    "artifact_bundles": f"""select project_id || '/' || bundle_id from sentry_projectartifactbundle as link
        join sentry_artifactbundle as bundle on bundle.id = link.artifact_bundle_id where {OWN_PROJECTS}""",
    "source_map_archives": f"select project_id || '/' || release_id from sentry_release_project where {OWN_PROJECTS}",
    "notification_actions": f"select action_id from sentry_notificationactionproject where {OWN_PROJECTS}",
    "codeowners": f"select project_id || '/' || id from sentry_projectcodeowners where {OWN_PROJECTS}",
    "metric_alert_rules": f"select id from sentry_alertrule where status != 4 and {OWN}",
    "incidents": f"select id from sentry_incident where {OWN}",
}

# What is in no table, but part of the server.
BUILT_IN = {"dashboards": ["default-overview"]}

SHOWN_KEY = "replace(key, 'sentry:', '')"  # Sentry's own tags have a prefix there
OLD_QUERIES = {
    **QUERIES,
    "issue_events": f"select group_id || '/' || message_id from sentry_message where {OWN_PROJECTS}",
    "searches": f"select id from sentry_savedsearch where type = 0 and (is_global or owner_id is null and {OWN})",
    "issue_tags": f"select group_id || '/' || {SHOWN_KEY} from sentry_grouptagkey where {OWN_PROJECTS}",
    "issue_tag_values": f"select group_id || '/' || {SHOWN_KEY} || '/' || value from sentry_grouptagvalue where {OWN_PROJECTS}",
    "project_tags": f"select project_id || '/' || {SHOWN_KEY} from sentry_filterkey where status = 0 and {OWN_PROJECTS}",
    "project_tag_values":
        f"select project_id || '/' || {SHOWN_KEY} || '/' || value from sentry_filtervalue where {OWN_PROJECTS}",
    "feedback": "select id from sentry_groupedmessage where false",  # a search for a tag that no event has
    "dashboard_widgets": f"""select widget.id from sentry_widget as widget
        join sentry_dashboard as dashboard on dashboard.id = dashboard_id and dashboard.{OWN}""",
}


def queried(sentry, query, organization="acme"):
    return sorted("|".join(row) for row in sentry.rows(query, organization=organization))


def parts_of(bodies):
    """Of events' bodies: what streams make records of. A body has `project` and `event_id`."""
    found = {"event_tags": [], "event_exceptions": [], "event_frames": [], "event_breadcrumbs": []}
    for body in bodies:
        event = f"{body['project']}/{body['event_id']}"
        found["event_tags"] += [f"{event}/{key}" for key, _ in tags_of(body)]
        for place, exception in enumerate(values_of(body.get("exception"))):
            found["event_exceptions"].append(f"{event}/{place}")
            frames = (exception.get("stacktrace") or {}).get("frames") or []
            found["event_frames"] += [f"{event}/{place}/{index}" for index in range(len(frames))]
        crumbs = values_of(body.get("breadcrumbs"))
        found["event_breadcrumbs"] += [f"{event}/{index}" for index in range(len(crumbs))]
    return {stream: sorted(keys) for stream, keys in found.items()}


def values_of(interface):
    return (interface or {}).get("values") or []


def tags_of(body):
    return [(tag[0].removeprefix("sentry:"), tag[1]) for tag in filter(None, body.get("tags") or [])]


def new_true_keys(sentry, stream, organization="acme"):
    """The sorted keys of all that `stream` should give of 23.7.1."""
    if stream in NEW_QUERIES:
        return sorted({*queried(sentry, NEW_QUERIES[stream], organization), *BUILT_IN.get(stream, [])})
    visible = {number for [number] in sentry.rows(VISIBLE_PROJECTS, organization=organization)}
    bodies = [body for body in stored_events(sentry) if str(body["project"]) in visible]
    if stream in (parts := parts_of(bodies)):
        return parts[stream]
    issues = {(project, hash): issue for project, hash, issue in sentry.rows(
        "select project_id, hash, group_id from sentry_grouphash where group_id is not null")}
    found = set()
    for body in bodies:
        project = str(body["project"])
        issue = next(issues[project, hash] for hash in body["hashes"] if (project, hash) in issues)
        found |= {
            "issue_events": {f"{issue}/{body['event_id']}"},
            "issue_hashes": {f"{issue}/{hash}" for hash in body["hashes"]},
            "issue_tags": {f"{issue}/{key}" for key, _ in tags_of(body)},
            "issue_tag_values": {f"{issue}/{key}/{value}" for key, value in tags_of(body)},
            "project_tags": {f"{project}/{key}" for key, _ in tags_of(body)},
            "project_tag_values": {f"{project}/{key}/{value}" for key, value in tags_of(body)},
            "replays": set(), "symbol_sources": set(), "relay_usage": set(),
        }[stream]
    return sorted(found)


def old_true_keys(sentry, stream, organization="acme"):
    """The same of 9.1.2."""
    if stream in OLD_QUERIES:
        return queried(sentry, OLD_QUERIES[stream], organization)
    return parts_of(old_bodies(sentry, organization))[stream]


def old_bodies(sentry, organization):
    """Its events' bodies; they name neither the project nor the event as the newer ones do."""
    ids = dict(sentry.rows(f"select project_id || ':' || message_id, id from sentry_message where {OWN_PROJECTS}",
                           organization=organization))
    for [data] in sentry.rows("select data from nodestore_node"):
        body = pickle.loads(zlib.decompress(base64.b64decode(data)), encoding="utf-8")
        project, event = str(body.get("project")), body.get("event_id")
        if f"{project}:{event}" in ids:
            yield {**body, "project": project, "event_id": event}
