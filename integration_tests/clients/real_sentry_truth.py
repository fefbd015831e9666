"""What a real Sentry's database holds, asked for in SQL and not through the API."""

import base64
import json
import zlib

PROJECT = """(select project.id from sentry_project as project
              join sentry_organization as organization on organization.id = project.organization_id
              where organization.slug = :'organization' and project.slug = :'project')"""
ORGANIZATION = "(select id from sentry_organization where slug = :'organization')"
VISIBLE_PROJECTS = f"select id from sentry_project where status = 0 and organization_id = {ORGANIZATION}"

# Each stream's records by what tells them apart: releases have no id in 9.1.2, keys go by their public half.
QUERIES = {
    "events": f"select id from sentry_message where project_id = {PROJECT}",
    "issues": f"select id from sentry_groupedmessage where project_id = {PROJECT}",
    "projects": VISIBLE_PROJECTS,
    "project_detail": f"select {PROJECT}",
    "releases": f"select version from sentry_release where organization_id = {ORGANIZATION}",
    "project_keys": f"select public_key from sentry_projectkey where project_id = {PROJECT}",
    "all_projects_detail": VISIBLE_PROJECTS,
    "teams": f"select id from sentry_team where status = 0 and organization_id = {ORGANIZATION}",
}

# 23.7.1 keeps no table of events: their bodies lie in the node store, and only there.
NEW_QUERIES = {
    **{stream: query for stream, query in QUERIES.items() if stream != "events"},
    "issues": f"{QUERIES['issues']} and status not in (3, 4, 5)",  # not about to be deleted or merged
    "releases": f"select id from sentry_release where organization_id = {ORGANIZATION}",
    "project_keys": f"{QUERIES['project_keys']} and status in (0, 1)",
}


def true_ids(sentry, stream, organization="acme", project="web"):
    """The sorted ids of all that `stream` should give."""
    return sorted(row[0] for row in sentry.rows(QUERIES[stream], organization=organization, project=project))


def new_true_ids(sentry, stream, organization="acme", project="web"):
    """The same for 23.7.1."""
    if stream == "events":
        [[number]] = sentry.rows(f"select {PROJECT}", organization=organization, project=project)
        return sorted(event["event_id"] for event in stored_events(sentry) if str(event["project"]) == number)
    return sorted(row[0] for row in sentry.rows(NEW_QUERIES[stream], organization=organization, project=project))


def stored_events(sentry):
    for [data] in sentry.rows("select data from nodestore_node"):
        body = json.loads(zlib.decompress(base64.b64decode(data)).split(b"\n")[0])
        if body.get("event_id") and body.get("hashes"):
            yield body


def ids(run, stream):
    """The sorted ids of all that a run gave, repeats included."""
    return sorted(record["version" if stream == "releases" else "id"] for record in run.records(stream))
