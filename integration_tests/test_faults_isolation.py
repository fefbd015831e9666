"""One bad record, one bad window, one stream that is suddenly empty: each is told apart, and the rest goes on."""

import json
import re

import pytest
from support.api import Api
from support.connector import catalog, state
from support.fast_time import fast
from support.hostile import PROJECT, HostileServer, event, link, page_of, sentry_with

SAVED = state(events={"dateCreated": "2026-01-09T23:59:00Z"})
DEEP = "[" * 10_000 + "]" * 10_000
BAD_RECORDS = {
    "no object": "7", "null": "null", "a list": '[{"id":"e2"}]', "invalid UTF-8": b'{"id":"e2","x":"\xff"}',
    "10,000 deep": f'{{"id":"e2","dateCreated":"2026-01-10T00:00:00Z","x":{DEEP}}}',
    "NaN": '{"id":"e2","dateCreated":"2026-01-10T00:00:00Z","x":NaN}',
}


@pytest.mark.parametrize("bad", BAD_RECORDS)
def test_one_bad_record_is_isolated(connector, serve, bad):
    """It is skipped with a counted, named warning; the rest is read, here and on the pages behind; the stream ends
    INCOMPLETE, and its state does not move past the hole."""
    good = [json.dumps(event(number)).encode() for number in (1, 3)]
    entry = BAD_RECORDS[bad].encode() if isinstance(BAD_RECORDS[bad], str) else BAD_RECORDS[bad]
    page = {"body": b"[" + good[0] + b"," + entry + b"," + good[1] + b"]", "headers": link("0:10:0")}
    server = serve(sentry_with("/events/", lambda target: page_of(4) if "cursor=" in target else page))
    run = connector.read(server.config(), catalog("events"), SAVED, env=fast(30))
    assert run.ids("events") == ["e1", "e3", "e4"]
    assert any("1 " in text and "events" in text for text in run.logs("WARN"))
    assert run.code == 1 and run.statuses("events")[-1]["status"] == "INCOMPLETE"
    assert run.states("events")[-1]["dateCreated"] == "2026-01-09T23:59:00.000000Z"


@pytest.mark.parametrize("bad", ["no object", "null", "a list"])
def test_an_entry_that_is_no_record_is_not_silent(connector, serve, bad):
    """The error counts such entries, and the next run meets them again."""
    page = {"body": f"[{json.dumps(event(1))},{BAD_RECORDS[bad]},{json.dumps(event(3))}]", "headers": link()}
    server = serve(sentry_with("/events/", lambda target: page))
    run = connector.read(server.config(), catalog("events"), SAVED)
    assert run.code == 1 and run.ids("events") == ["e1", "e3"]
    assert "1 entry that is not a record" in run.errors("events")[0]["message"]
    again = connector.read(server.config(), catalog("events"), run.state_file())
    assert again.code == 1 and again.ids("events") == ["e1", "e3"]


@pytest.mark.parametrize("stream, path", [("project_keys", "/keys/"), ("projects", "/acme/projects/?")])
def test_a_bad_entry_of_a_plain_list_is_counted(connector, serve, stream, path):
    listed = [{**PROJECT, "id": "1"}, 7, {**PROJECT, "id": "2"}]
    server = serve(sentry_with(path, lambda target: {"body": listed, "headers": link()}))
    run = connector.read(server.config(), catalog(stream))
    assert run.code == 1 and run.ids(stream) == ["1", "2"]
    assert "1 entry that is not a record" in run.errors(stream)[0]["message"]
    assert run.statuses(stream)[-1]["status"] == "INCOMPLETE"


ANY_ISSUE = {"query": "", "sort": "date", "project": "-1"}
HISTORY = ("--events", 6000, "--event-size", "small", "--projects", 1, "--days", 30)


@pytest.mark.parametrize("fault", [
    {"status": 500, "body": ""}, {"truncate": 100}, {"replace": ["\"id\"", "id"]}], ids=["500", "cut", "no JSON"])
def test_a_failure_that_outlasts_its_attempts_costs_nothing_once_it_passes(connector, start_sandbox, fault):
    """What fails as one window is asked for in smaller ones before anything is left out."""
    sandbox = start_sandbox(*HISTORY)
    everything = sorted(row["id"] for row in sandbox.truth()["events"])
    sandbox.faults({"path": "/events/", "after": 300, "times": 6, **fault})
    run = connector.read(sandbox.config(), catalog("events"), env=fast(60))
    assert run.code == 0 and sorted(run.ids("events")) == everything


def test_one_bad_window_is_isolated(connector, start_sandbox):
    """A page in the middle of the history fails for good: all windows but its own are read, and the next run, on a
    server that is well again, brings the rest."""
    sandbox = start_sandbox(*HISTORY)
    everything = {row["id"]: row["dateCreated"] for row in sandbox.truth()["events"]}
    sandbox.faults({"path": "/events/", "after": 300, "drop_headers": ["Link"], "times": 1})
    run = connector.read(sandbox.config(), catalog("events"), env=fast(60))
    assert run.code == 1 and run.statuses("events")[-1]["status"] == "INCOMPLETE"
    assert max(everything.values()) in {record["dateCreated"] for record in run.records("events")}
    missing = everything.keys() - set(run.ids("events"))
    assert 0 < len(missing) < 4500 and len(set(run.ids("events"))) == len(run.ids("events"))
    warning, = (text for text in run.logs("WARN") if "left out" in text)
    start, end = re.search(r"the window (\S+) to (\S+) is left out", warning).groups()
    assert all(start <= everything[one] <= end for one in missing)
    error, = run.errors("events")
    assert f"{start} to {end}" in error["message"] and "Nothing else was left out" in error["message"]
    assert run.states("events")[-1]["dateCreated"] <= start, "the state does not move past the hole"
    sandbox.reset()
    rest = connector.read(sandbox.config(), catalog("events"), run.state_file())
    assert rest.code == 0 and {*run.ids("events"), *rest.ids("events")} == everything.keys()
    assert {one for one in everything if everything[one] > end} <= set(rest.ids("events")), "what is behind comes again"


@pytest.mark.parametrize("stream, path", [("issues", "organizations/acme/issues/"),
                                          ("project_keys", "projects/acme/{project}/keys/")])
@pytest.mark.parametrize("status", [500, 403])
def test_a_bad_first_row_costs_no_other(connector, start_sandbox, stream, path, status):
    """No page has shown a cursor by then. Those of issues hold the time of the last event, here of several."""
    sandbox = start_sandbox("--projects", 3, "--events", 0, "--issues", 0)
    api = Api(sandbox)
    for number in range(5):
        sandbox.change(add_issue={"project": "web", "at": f"2026-01-15T10:00:{min(number, 3):02}Z"})
        sandbox.change(add_issue={"project": "web", "at": "2026-01-15T10:00:03Z"})
    project = max((one["slug"] for one in api.rows("organizations/acme/projects/")),
                  key=lambda slug: len(api.rows(f"projects/acme/{slug}/keys/"))) if stream == "project_keys" else "web"
    rows = [row["id"] for row in api.rows(path.format(project=project), **ANY_ISSUE if stream == "issues" else {})]
    sandbox.faults({"path": f"/{stream.removeprefix('project_')}/", "holds": f'"id":"{rows[0]}"', "times": -1,
                    "status": status, "body": '{"detail":"no"}'})
    run = connector.read(sandbox.config(project=project), catalog(stream), env=fast(60))
    assert len(rows) > 2 and sorted(run.ids(stream)) == sorted(rows[1:])
    error, = run.errors(stream)
    assert "row 1 of " in error["message"] and "Nothing else was left out" in error["message"]
    if stream == "issues":
        assert run.states(stream)[-1]["lastSeen"] <= "2026-01-15T10:00:03.000000Z", "it does not move past the hole"
    sandbox.reset()
    rest = connector.read(sandbox.config(project=project), catalog(stream), run.state_file())
    assert rest.code == 0 and rows[0] in rest.ids(stream)


def test_a_server_that_is_dead_is_given_up(connector, start_sandbox):
    """Eight failures in a row are enough, and cost few requests; the next run loses nothing."""
    sandbox = start_sandbox(*HISTORY)
    sandbox.faults({"path": "/events/", "after": 300, "times": -1, "status": 500, "body": ""})
    run = connector.read(sandbox.config(), catalog("events"), env=fast(60))
    error, = run.errors("events")
    assert run.code == 1 and "nothing more was tried" in error["message"]
    assert len(sandbox.requests()) <= 1 + 300 + 40
    everything = {row["id"] for row in sandbox.truth()["events"]}
    sandbox.reset()
    rest = connector.read(sandbox.config(), catalog("events"), run.state_file())
    assert rest.code == 0 and {*run.ids("events"), *rest.ids("events")} == everything


def test_who_may_not_read_one_window_is_not_asked_for_the_next(connector, start_sandbox):
    sandbox = start_sandbox(*HISTORY)
    sandbox.faults({"path": "/events/", "after": 300, "times": -1, "status": 403, "body": ""})
    run = connector.read(sandbox.config(), catalog("events"))
    assert run.code == 1 and not run.logs("WARN") and run.errors("events")[0]["failure_type"] == "config_error"
    looks = 1  # whether it is something of that window alone
    assert len(sandbox.requests()) == 1 + 300 + 1 + looks


WAS = state(events={"dateCreated": "2026-01-14T00:00:00Z"})


def test_a_stream_that_held_data_and_is_empty_now_is_questioned(connector, serve):
    """The saved second itself is asked for again, so its record should come again at least."""
    server = serve(sentry_with("/events/", lambda target: page_of()))
    run = connector.read(server.config(), catalog("events"), WAS)
    assert any("project:read" in text and "events" in text for text in run.logs("WARN"))
    assert run.code == 0 and run.states("events")[-1]["dateCreated"] == "2026-01-14T00:00:00.000000Z"
    assert [target for target in server.targets if "start=" not in target] == [
        "/api/0/projects/acme/web/", "/api/0/projects/acme/web/events/?per_page=1", "/api/0/projects/acme/web/"]


def test_a_list_of_the_organization_is_questioned_at_the_organization(connector, start_sandbox):
    sandbox = start_sandbox("--releases", 0, "--events", 10)
    saved = state(releases={"dateCreated": "2026-01-01T00:00:00Z"})
    run = connector.read(sandbox.config(), catalog("releases"), saved)
    assert run.code == 0 and any("releases held data up to 2026-01-01" in text for text in run.logs("WARN"))
    assert sandbox.requests()[-1]["path"] == "/api/0/organizations/acme/"
    run = connector.read(sandbox.config(auth_token="sandbox-scopes-project.releases"), catalog("releases"), saved)
    assert run.code == 1 and "org:read" in run.errors("releases")[0]["message"]


@pytest.mark.parametrize("status, says", [(403, "project:read"), (404, 'the project "web"')])
def test_a_project_that_is_gone_since_is_the_streams_error(connector, serve, status, says):
    """Its lists are empty rather than refused: the project's own document tells."""
    asked = []

    def respond(target):
        if not target.endswith("/web/"):
            return page_of()
        asked.append(target)
        return {"body": PROJECT} if len(asked) == 1 else {"status": status, "body": {"detail": "no"}}

    run = connector.read(serve(HostileServer(respond)).config(), catalog("events"), WAS)
    assert run.code == 1 and says in run.errors("events")[0]["message"]
    assert run.states("events")[-1]["dateCreated"].startswith("2026-01-14T00:00:00")


@pytest.mark.parametrize("saved, rows", [
    ("2026-01-14T00:00:00Z", [event(1, dateCreated="2026-01-14T00:00:00Z")]),  # the boundary's record, as ever
    ("2026-01-15T12:00:00Z", []),  # the second under way is not asked for
    ("2025-09-01T00:00:00Z", []),  # longer than Sentry keeps events
    (None, [])], ids=["nothing new", "just now", "past retention", "no state"])
def test_what_is_ordinary_is_not_questioned(connector, serve, saved, rows):
    server = serve(sentry_with("/events/", lambda target: {"body": rows, "headers": link()}))
    run = connector.read(server.config(lookback_window="PT0S"), catalog("events"),
                         saved and state(events={"dateCreated": saved}))
    asked = [target for target in server.targets if "count()" not in target]
    # The search itself is held against the list without it: some servers answer with nothing what they do not know.
    without_window = [target for target in asked if "/events/" in target and "start=" not in target]
    searched_in_vain = not rows and saved != "2026-01-15T12:00:00Z"
    assert run.code == 0 and len(asked) - len(without_window) <= 2 and len(without_window) == searched_in_vain
    # That something may be lost is said all the same.
    assert [text for text in run.logs("WARN") if "is lost" not in text] == []
    assert bool(run.logs("WARN")) == (saved == "2025-09-01T00:00:00Z")
