"""Lists that belong to rows of another one: which of them are asked for again, and on which servers."""

import collections

import pytest
from support.all_streams import config_of, keys, true_keys
from support.connector import catalog

SMALL = ("--events", 300, "--issues", 40, "--releases", 30)
OF_ISSUES = {"issue_comments": "notes", "issue_hashes": "hashes", "issue_events": "events", "issue_tags": "tags"}


def asked(sandbox, name):
    """The paths of the lists of that name that were asked for."""
    return [request["path"] for request in sandbox.requests() if request["path"].endswith(f"/{name}/")]


def test_only_the_issue_with_a_new_comment_is_visited(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    first = connector.read(config_of(sandbox), catalog("issue_comments"))
    issue = next(row["id"] for row in sandbox.rows("issues") if row["category"] != "feedback")
    sandbox.change(comment_issue=issue)
    sandbox.advance(60)
    sandbox.control("DELETE", "requests")
    second = connector.read(config_of(sandbox), catalog("issue_comments"), first.state_file())
    assert second.code == 0 and {row["issueId"] for row in second.records()} == {issue}
    assert len(asked(sandbox, "notes")) == 1
    both = set(keys("issue_comments", first.records() + second.records()))
    assert both == set(true_keys(sandbox, "issue_comments"))


def test_values_of_a_tag_are_asked_for_only_where_an_issue_does_not_show_all_of_them(connector, start_sandbox):
    """Its tags come with ten values each, in one request."""
    sandbox = start_sandbox("--events", 3000, "--issues", 60, "--releases", 30)
    config = {**config_of(sandbox), "tag_keys": ["level", "user"]}
    run = connector.read(config, catalog("issue_tag_values"))
    assert run.code == 0 and not run.errors(), run.errors()
    wanted = [row for row in sandbox.rows("issue_tag_values") if row["key"] in config["tag_keys"]]
    feedback = {issue["id"] for issue in sandbox.rows("issues") if issue["category"] == "feedback"}
    assert (sorted((row["issueId"], row["key"], row["value"]) for row in run.records())
            == sorted((row["issueId"], row["key"], row["value"]) for row in wanted if row["issueId"] not in feedback))
    long = {(row["issueId"], row["key"]) for row in sandbox.rows("issue_tags")
            if row["uniqueValues"] > 10 and row["key"] in config["tag_keys"] and row["issueId"] not in feedback}
    asked_for = {tuple(path.split("/")[-5::2][:2]) for path in asked(sandbox, "values")}
    assert long and {key for _, key in asked_for} == {"user"} and asked_for == long
    assert {row["key"] for row in run.records()} == {"level", "user"}


def test_an_issue_without_open_periods_is_answered_by_an_object(connector, start_sandbox):
    sandbox = start_sandbox("--events", 3000, "--issues", 300)  # problems of performance among them
    run = connector.read(config_of(sandbox), catalog("issue_open_periods"))
    assert run.code == 0 and not run.errors(), run.errors()
    without = {row["id"] for row in sandbox.rows("issues") if row["category"] != "feedback"}
    without -= {row["issueId"] for row in run.records()}
    assert without and run.records()


def test_feedback_holds_what_its_user_wrote(connector, start_sandbox):
    sandbox = start_sandbox("--events", 3000, "--issues", 200)
    first = connector.read(config_of(sandbox), catalog("feedback"))
    assert first.code == 0 and not first.errors(), first.errors()
    assert first.records() and all(row["message"] and row["url"] and row["eventID"] for row in first.records())
    assert {row["contact_email"] is None for row in first.records()} == {True, False}
    second = connector.read(config_of(sandbox), catalog("feedback"), first.state_file())
    assert second.code == 0 and len(second.records()) < len(first.records())


def test_only_the_release_with_a_new_deploy_is_visited(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    first = connector.read(config_of(sandbox), catalog("release_deploys"))
    version = sandbox.rows("releases")[-1]["version"]
    sandbox.change(deploy_release=version)
    sandbox.advance(60)
    sandbox.control("DELETE", "requests")
    second = connector.read(config_of(sandbox), catalog("release_deploys"), first.state_file())
    assert second.code == 0 and {row["releaseVersion"] for row in second.records()} == {version}
    assert len(asked(sandbox, "deploys")) == 1


def test_the_events_of_an_issue_are_asked_for_since_the_last_run(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    first = connector.read(config_of(sandbox), catalog("issue_events"))
    made = sandbox.change(add_events={"project": "web", "count": 3})
    sandbox.advance(7200)
    sandbox.control("DELETE", "requests")
    second = connector.read(config_of(sandbox), catalog("issue_events"), first.state_file())
    assert second.code == 0 and second.errors() == []
    lists = [request for request in sandbox.requests() if "/events/" in request["path"]]
    assert lists and all("start" in request["params"] for request in lists)
    assert set(made["add_events"]["events"]) <= {row["eventID"] for row in second.records()}
    assert len(second.records()) < len(first.records())


def test_of_a_monitor_that_comes_into_sight_all_check_ins_are_read(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    monitor, checkins = sandbox.rows("monitors")[0], sandbox.rows("monitor_checkins")
    elsewhere = {"id": "0", "slug": "elsewhere"}  # a project that nobody sees
    moved = {"shelf": "monitors", "row": {"id": monitor["id"]}}
    sandbox.change(put_row={**moved, "row": {**moved["row"], "project": elsewhere}})
    first = connector.read(config_of(sandbox), catalog("monitor_checkins"))
    sandbox.change(put_row={**moved, "row": {**moved["row"], "project": monitor["project"]}})
    sandbox.advance(7200)
    second = connector.read(config_of(sandbox), catalog("monitor_checkins"), first.state_file())
    assert first.code == 0 and second.code == 0
    of_it = [row for row in checkins if row["monitorId"] == monitor["id"]]
    assert of_it and keys("monitor_checkins", of_it) == keys("monitor_checkins", second.records())
    assert not {row["id"] for row in of_it} & {row["id"] for row in first.records()}


@pytest.mark.parametrize("stream", OF_ISSUES)
def test_servers_before_2023_have_them_without_the_organization(connector, start_sandbox, stream):
    """The first way is tried for the first issues alone, which are asked for side by side."""
    sandbox = start_sandbox(*SMALL, "--quirk", "early-org-routes")
    run = connector.read(config_of(sandbox), catalog(stream))
    assert run.code == 0 and not run.errors(), run.errors()
    assert keys(stream, run.records()) == true_keys(sandbox, stream)
    ways = collections.Counter("/organizations/" in path for path in asked(sandbox, OF_ISSUES[stream]))
    assert 0 < ways[True] <= 3 * 8 < ways[False] + 24


def test_an_issue_that_is_deleted_meanwhile_costs_the_others_nothing(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    issue = sandbox.rows("issue_comments")[0]["issueId"]
    sandbox.faults({"path": f"/issues/{issue}/notes/", "times": -1, "status": 404,
                    "body": '{"detail":"The requested resource does not exist"}'})
    run = connector.read(config_of(sandbox), catalog("issue_comments"))
    assert run.code == 0 and not run.errors()
    others = [row for row in run.records() if row["issueId"] != issue]
    assert others == run.records() and others


def test_a_list_that_fails_is_named_and_read_by_the_next_run(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    issue = sandbox.rows("issue_comments")[0]["issueId"]
    sandbox.faults({"path": f"/issues/{issue}/notes/", "times": -1, "status": 403, "body": '{"detail":"no"}'})
    first = connector.read(config_of(sandbox), catalog("issue_comments"))
    assert first.code == 1 and issue in first.why("issue_comments")
    sandbox.control("DELETE", "faults")
    sandbox.control("DELETE", "requests")
    second = connector.read(config_of(sandbox), catalog("issue_comments"), first.state_file())
    assert second.code == 0 and {row["issueId"] for row in second.records()} == {issue}
    assert len(asked(sandbox, "notes")) == 1


def test_what_events_hold_is_what_their_bodies_say(connector, sandbox):
    config = config_of(sandbox)
    events = {row["id"]: row for row in connector.read(config, catalog("events")).records()}
    parts = connector.read(config, catalog("event_tags", "event_exceptions", "event_frames", "event_breadcrumbs"))
    assert parts.code == 0
    tags = {(event["id"], tag["key"]) for event in events.values() for tag in event["tags"]}
    assert {(row["eventID"], row["key"]) for row in parts.records("event_tags")} == tags and tags
    values, frames, crumbs = set(), set(), set()
    for event in events.values():
        for entry in event["entries"]:
            if entry["type"] == "breadcrumbs":
                crumbs |= {(event["id"], place) for place in range(len(entry["data"]["values"] or []))}
            for place, value in enumerate(entry["data"]["values"] if entry["type"] == "exception" else []):
                values.add((event["id"], place, value["type"]))
                frames |= {(event["id"], place, number)
                           for number in range(len((value["stacktrace"] or {"frames": []})["frames"]))}
    assert {(row["eventID"], row["index"], row["type"]) for row in parts.records("event_exceptions")} == values
    assert {(row["eventID"], row["exceptionIndex"], row["index"]) for row in parts.records("event_frames")} == frames
    assert {(row["eventID"], row["index"]) for row in parts.records("event_breadcrumbs")} == crumbs
    assert values and frames and crumbs


def test_what_projects_hold_is_what_their_rows_say(connector, sandbox):
    config = config_of(sandbox)
    run = connector.read(config, catalog("projects", "project_features", "project_access"))
    assert run.code == 0
    for stream, member in (("project_features", "features"), ("project_access", "access")):
        said = {(row["id"], name) for row in run.records("projects") for name in row[member]}
        assert {(row["projectId"], row["name"]) for row in run.records(stream)} == said and said
