"""What is deleted, renamed or late between the pages of a list costs nothing else."""

import json

import pytest
from support.connector import catalog
from support.crashes import read_until_killed, read_whole

NO_COUNT = {"path": "/organizations/acme/events/", "times": -1, "status": 403,
            "body": '{"detail":"You do not have permission to perform this action."}'}
ONE = ["--projects", 1, "--events", 1400, "--event-size", "small", "--issues", 20, "--days", 30]


def there(sandbox, stream):
    return set(map(str, sandbox.control("GET", f"truth?organization=acme&ids=1&only={stream}")[stream]))


def busiest_issue(sandbox, written):
    """The issue with most of these events."""
    rows = sandbox.truth()["events"]
    issues = [row["issue"] for row in rows if row["id"] in written]
    return max(set(issues), key=issues.count)


def read_while(connector, sandbox, config, stream, change, after):
    """Ids of a read and of the one after it; `change` is called when the first has given so many lines."""
    process = connector.start("read", config, catalog(stream))
    ids, state = set(), None
    for number, line in enumerate(process.stdout):
        message = json.loads(line)
        if message["type"] == "RECORD":
            ids.add(str(message["record"]["data"]["id"]))
        elif message["type"] == "STATE":
            state = message["state"]
        if number == after:
            change()
    process.communicate()
    assert process.returncode == 0
    return ids | set(read_whole(connector, config, catalog(stream), [state]).ids(stream))


@pytest.mark.parametrize("changes, faults", [({}, []), ({}, [NO_COUNT]), ({"event_bodies": "detail"}, [])],
                         ids=["counted", "not counted", "by detail"])
def test_an_issue_that_is_deleted_while_its_events_are_read_hides_no_others(connector, start_sandbox, changes, faults):
    sandbox = start_sandbox(*ONE, "--latency", 2)
    sandbox.faults(*faults)
    newest = {row["id"] for row in sandbox.truth()["events"][-300:]}
    issue = busiest_issue(sandbox, newest)
    ids = read_while(connector, sandbox, sandbox.config(**changes), "events",
                     lambda: sandbox.change(delete_issue=issue), 300)
    assert not there(sandbox, "events") - ids


def test_an_issue_that_is_deleted_before_its_read_is_killed_hides_no_others(connector, start_sandbox):
    """The states that follow are of a window that rows were moved in, which shows only at its end."""
    sandbox = start_sandbox(*ONE, "--latency", 2)
    process = connector.start("read", sandbox.config(), catalog("events"))
    ids, state, moved = set(), None, 0
    for number, line in enumerate(process.stdout):
        message = json.loads(line)
        if message["type"] == "RECORD":
            ids.add(message["record"]["data"]["id"])
        elif message["type"] == "STATE":
            state = message["state"]
            inside = "counted" in state["stream"]["stream_state"].get("position", {}).get("page", {})
            if inside and not moved:
                sandbox.change(delete_issue=busiest_issue(sandbox, ids))
                moved = number
            elif inside and number > moved + 150:
                break
    process.kill()
    process.communicate()
    second = connector.read(sandbox.config(), catalog("events"), [state])
    assert second.code == 0
    assert not there(sandbox, "events") - ids - set(second.ids("events"))


def test_rows_are_watched_at_hardly_any_request(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 1, "--events", 3000, "--event-size", "small", "--days", 30)
    sandbox.advance(660)  # what is younger than ten minutes cannot be counted
    events = len(there(sandbox, "events"))
    sandbox.reset()
    run = connector.read(sandbox.config(), catalog("events"))
    assert run.code == 0 and len(run.ids("events")) == events
    asked = [request["path"] for request in sandbox.requests() if request["path"].endswith("/events/")]
    pages, counts = (sum(name in path for path in asked) for name in ("/projects/", "/organizations/"))
    assert pages <= events / 10 * 1.08 and counts <= events / 10 * 0.03
    [summary] = [text for text in run.logs("INFO") if " pages" in text]
    assert "repeated" not in summary


def test_a_project_that_is_deleted_while_releases_are_read_hides_no_others(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 3, "--events", 100, "--event-size", "small", "--releases", 1500,
                            "--latency", 5)
    ids = read_while(connector, sandbox, sandbox.config(project=None), "releases",
                     lambda: sandbox.change(delete_project="api"), 250)
    assert not there(sandbox, "releases") - ids


def test_an_issue_that_is_deleted_before_a_killed_read_goes_on_hides_no_others(connector, start_sandbox):
    sandbox = start_sandbox(*ONE)
    first = read_until_killed(connector, sandbox.config(), catalog("events"), lines=350)
    sandbox.change(delete_issue=busiest_issue(sandbox, set(first.ids("events"))))
    second = read_whole(connector, sandbox.config(), catalog("events"), first.last_states())
    assert not there(sandbox, "events") - {*first.ids("events"), *second.ids("events")}


def test_a_project_that_is_deleted_while_projects_are_listed_hides_no_others(connector, start_sandbox):
    """A list that nobody can ask for by time; in pages of a hundred."""
    sandbox = start_sandbox("--projects", 220, "--events", 220, "--event-size", "small", "--latency", 3)
    first = connector.read(sandbox.config(project=None), catalog("projects")).records("projects")[0]["slug"]
    ids = read_while(connector, sandbox, sandbox.config(project=None), "projects",
                     lambda: sandbox.change(delete_project=first), 50)
    assert not there(sandbox, "projects") - ids


def test_what_comes_late_before_a_killed_read_goes_on_is_read(connector, start_sandbox):
    """Within the lookback window: had the read not been killed, the next one would have found it."""
    sandbox = start_sandbox(*ONE)
    first = read_until_killed(connector, sandbox.config(), catalog("events"), lines=1300)
    sandbox.advance(60)
    sandbox.change(add_events={"project": "web", "at": 300})
    sandbox.advance(3600)
    sandbox.change(add_events={"project": "web"})
    sandbox.advance(5)
    second = connector.read(sandbox.config(), catalog("events"), first.last_states())
    third = connector.read(sandbox.config(), catalog("events"), second.state_file())
    assert not there(sandbox, "events") - {*first.ids("events"), *second.ids("events"), *third.ids("events")}


def test_a_project_that_takes_anothers_name_does_not_take_its_cursor(connector, start_sandbox):
    """`api` was read to its end and `web` was not when the read was killed; then web is called api."""
    sandbox = start_sandbox("--projects", 4, "--events", 400, "--event-size", "small", "--days", 30)
    events = sandbox.truth(project="web")["events"]
    numbers = {row["slug"]: row["id"] for row in sandbox.truth()["projects"]}
    api = {"partition": {"project": "api", "id": numbers["api"]}, "cursor": {"dateCreated": "2100-01-01T00:00:00Z"}}
    web = {"partition": {"project": "web", "id": numbers["web"]}, "cursor": {"dateCreated": "1900-01-01T00:00:00Z"}}
    saved = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "events"}, "stream_state": {
        "use_global_cursor": False, "states": [api, web]}}}]
    sandbox.change(rename_project={"from": "api", "to": "api-1"})
    sandbox.change(rename_project={"from": "web", "to": "api"})
    run = connector.read(sandbox.config(project=None), catalog("events"), saved)
    assert run.code == 0 and {row["id"] for row in events} <= set(run.ids("events"))


def test_a_project_renamed_while_it_is_read_is_told_and_completed_by_the_next_run(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 3, "--events", 1500, "--event-size", "small", "--days", 30, "--latency", 2)
    config = sandbox.config(project=None)
    process = connector.start("read", config, catalog("events"))
    lines = b""
    for number, line in enumerate(process.stdout):
        lines += line
        if number == 200:
            sandbox.change(rename_project={"from": "web", "to": "storefront"})
    process.communicate()
    messages = [json.loads(line) for line in lines.splitlines()]
    ids = {message["record"]["data"]["id"] for message in messages if message["type"] == "RECORD"}
    state = [message["state"] for message in messages if message["type"] == "STATE"][-1]
    assert process.returncode == 1 and b'renamed to \\"storefront\\"' in lines
    second = read_whole(connector, config, catalog("events"), [state])
    assert not there(sandbox, "events") - ids - set(second.ids("events"))
