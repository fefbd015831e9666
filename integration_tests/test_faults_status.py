"""Answers that are no success, one after the other and for ever: what passes is waited out, what stays is told, and
nothing is read as "no data"."""

import json
import os
import threading
import time
import urllib.parse
from datetime import datetime

import pytest
from support.connector import INCREMENTAL, STREAMS, catalog, state
from support.fast_time import fast
from support.hostile import link, page_of, sentry_with
from support.sandbox import true_ids

PROJECTS = ["/acme/projects/", "/api/0/projects/?"]
# What tells the requests by which each stream is read, today's routes and older ones.
ROUTES = {"events": ["/web/events/"], "issues": ["/issues/"], "releases": ["/releases/"],
          "project_keys": ["/web/keys/"], "projects": PROJECTS, "all_projects_detail": PROJECTS}


def answers(*first, then):
    """A respond that gives each of `first` once, and then always the same."""
    queue = list(first)
    calls = []

    def respond(target):
        calls.append(target)
        return queue.pop(0) if queue else then

    respond.calls = calls
    return respond


def read_events(connector, serve, respond, saved=None, **more):
    return connector.read(serve(sentry_with("/events/", respond)).config(), catalog("events"), saved, **more)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_burst_of_five_is_waited_out(connector, serve, status):
    respond = answers(*[{"status": status, "body": ""}] * 5, then=page_of(1))
    run = read_events(connector, serve, respond, env=fast(60))
    assert run.code == 0 and run.ids("events") == ["e1"]
    assert len(respond.calls) == 6 and len(run.logs("WARN")) == 5


SLOW = [408, 504]
SMALL = ("--events", 300, "--issues", 100, "--releases", 30, "--event-size", "small")


@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
@pytest.mark.parametrize("stream", ROUTES)
def test_a_status_for_ever_fails_its_stream_and_no_other(connector, start_sandbox, stream, status):
    sandbox = start_sandbox(*SMALL)
    sandbox.faults(*[{"path": path, "after": 3 if stream == "events" else 0, "times": -1, "status": status,
                      "body": '{"detail":"made to fail"}'} for path in ROUTES[stream]])
    run = connector.read(sandbox.config(), catalog("project_detail", stream), env=fast(200))
    assert run.code == 1 and run.statuses("project_detail")[-1]["status"] == "COMPLETE"
    error = run.errors(stream)[0]
    assert error["failure_type"] == "transient_error" and "made to fail" in error["message"], error
    assert run.statuses(stream)[-1]["status"] == "INCOMPLETE"
    if stream in INCREMENTAL:
        assert run.states(stream)[-1] == {INCREMENTAL[stream]: "1900-01-01T00:00:00.000000Z"}
    sandbox.reset()
    rest = connector.read(sandbox.config(), catalog(stream), run.state_file())
    assert rest.code == 0 and sorted(map(str, rest.ids(stream))) == true_ids(sandbox.truth(), stream)


@pytest.mark.parametrize("status", [500, 502, 408, 504])
@pytest.mark.parametrize("stream", ROUTES)
def test_a_burst_changes_nothing_of_what_is_read(connector, start_sandbox, stream, status):
    sandbox = start_sandbox(*SMALL)
    sandbox.faults(*[{"path": path, "times": 5 if status in SLOW else 2, "status": status, "body": ""}
                     for path in ROUTES[stream]])
    run = connector.read(sandbox.config(), catalog(stream), env=fast(60))
    assert run.code == 0 and sorted(map(str, run.ids(stream))) == true_ids(sandbox.truth(), stream)


def test_what_an_older_route_read_to_the_end_is_told(connector, start_sandbox):
    """A server whose newer route never answers may be too old for it, or not well: who reads the log should know."""
    sandbox = start_sandbox(*SMALL)
    sandbox.faults({"path": "organizations/acme/issues/", "times": -1, "status": 500, "body": ""})
    run = connector.read(sandbox.config(), catalog("issues"), env=fast(60))
    assert run.code == 0 and sorted(run.ids("issues")) == true_ids(sandbox.truth(), "issues")
    assert any("read by an older route" in line for line in run.logs("WARN")), run.logs("WARN")


def test_the_error_of_two_broken_routes_names_both(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    sandbox.faults({"path": "/issues/", "times": -1, "status": 500, "body": ""})
    run = connector.read(sandbox.config(), catalog("issues"), env=fast(60))
    error, = run.errors("issues")
    for route in "organizations/acme/issues/", "projects/acme/web/issues/":
        assert f"GET {route}: HTTP 500" in error["message"]


TOO_MUCH = {"status": 400, "body": {"detail": "Query timeout. Please try again. If the problem persists try a smaller "
                                              "date range or fewer projects."}}


@pytest.mark.parametrize("answer", [TOO_MUCH, *({"status": status, "body": ""} for status in SLOW)])
def test_a_query_time_out_is_answered_with_a_smaller_window(connector, serve, answer):
    """A server that cannot look at more than a week at a time."""
    def respond(target):
        start, end = (datetime.fromisoformat(value[:19]) for value in window_of(target))
        if (end - start).days > 7:
            return answer
        hit = start <= datetime(2026, 1, 10) < end
        return page_of(*([1] if hit else []))

    run = read_events(connector, serve, respond, saved=state(events={"dateCreated": "2025-12-01T00:00:00Z"}),
                      env=fast(200))
    assert run.code == 0 and run.ids("events") == ["e1"]


def window_of(target):
    query = urllib.parse.parse_qs(target.partition("?")[2])
    return query["start"][0], query["end"][0]


def test_a_query_time_out_for_ever_is_no_configuration_error(connector, serve):
    run = read_events(connector, serve, answers(then=TOO_MUCH), env=fast(60))
    assert run.code == 1 and run.errors("events")[0]["failure_type"] == "transient_error"
    assert "Query timeout" in run.errors("events")[0]["message"]


BROWNOUT = {"status": 410, "body": {"message": "This API no longer exists."},
            "headers": {"X-Sentry-Deprecation-Date": "2026-03-01T00:00:00Z",
                        "X-Sentry-Replacement-Endpoint": "/api/0/organizations/:org/events/"}}


def test_a_brown_out_is_waited_out_and_told(connector, serve):
    times = []

    def respond(target):
        times.append(time.monotonic())
        return BROWNOUT if len(times) == 1 else page_of(1)

    run = read_events(connector, serve, respond, env=fast(30))
    assert run.code == 0 and run.ids("events") == ["e1"]
    assert times[1] - times[0] >= 60 / 30, "a brown-out lasts a minute"
    warning, = run.logs("WARN")
    assert "2026-03-01" in warning and "/api/0/organizations/:org/events/" in warning


def test_a_brown_out_of_a_deprecated_route_loses_nothing(connector, start_sandbox):
    """Sentry's own brown-outs: the minute after noon. This server has only the deprecated list of projects."""
    sandbox = start_sandbox("--quirk", "brownouts", "--quirk", "no-org-projects", "--now", "2026-01-15T11:00:00Z")
    before = connector.read(sandbox.config(), catalog("projects"))
    assert before.code == 0 and before.ids("projects")
    sandbox.advance(3610)
    process = connector.start("read", sandbox.config(), catalog("projects"), env={**os.environ, **fast(30)})
    told = next(line for line in process.stdout if b"switched its route" in line)
    sandbox.advance(60)
    assert b"Attempt 2" in told
    again = [json.loads(line) for line in process.stdout]
    assert process.wait() == 0
    assert [line["record"]["data"]["id"] for line in again if line["type"] == "RECORD"] == before.ids("projects")


def test_a_route_that_is_gone_for_ever_names_its_successor(connector, serve):
    run = read_events(connector, serve, answers(then=BROWNOUT), env=fast(300))
    error = run.errors("events")[0]
    assert run.code == 1 and "/api/0/organizations/:org/events/" in error["message"]
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"


OLD_ISSUES, ISSUES = "/projects/:org/:project/issues/", "/organizations/:org/issues/"


@pytest.mark.parametrize("gone, successor", [("/acme/issues/", OLD_ISSUES), ("/web/issues/", ISSUES)])
def test_the_successor_of_a_route_that_is_off_is_taken_where_we_know_it(connector, sandbox, gone, successor):
    """At once: the brown-out is not waited for. Also from a state that holds a place on the older route."""
    began = "1900-01-01T00:00:00.000000Z"
    page = {"window_end": "2026-01-15T00:00:00Z", "cursor": "0:100:0",
            "route": "projects/acme/web/issues/?sort=date&limit=100"}
    saved = {"lastSeen": began, "position": {"run": "incremental", "after": began, "read_until": began, "page": page}}
    sandbox.faults({"path": gone, "times": -1, "status": 410, "body": '{"message":"This API no longer exists."}',
                    "headers": {"X-Sentry-Replacement-Endpoint": f"/api/0{successor}"}})
    begin = time.monotonic()
    run = connector.read(sandbox.config(), catalog("issues"), state(issues=saved) if gone == "/web/issues/" else None)
    assert run.code == 0 and time.monotonic() - begin < 30
    assert sorted(run.ids("issues")) == true_ids(sandbox.truth(), "issues")
    assert any(f"its successor is /api/0{successor}" in text for text in run.logs("WARN"))


@pytest.mark.parametrize("body", ["", {"detail": "The requested feature is not available."}])
def test_a_missing_feature_fails_its_stream_and_no_other(connector, sandbox, body):
    sandbox.faults({"path": "/releases/", "times": -1, "status": 404, "body": body})
    run = connector.read(sandbox.config(), catalog())
    assert run.code == 1 and run.errors("releases")[0]["failure_type"] == "config_error"
    assert [stream for stream in STREAMS if run.statuses(stream)[-1]["status"] == "INCOMPLETE"] == ["releases"]


def test_check_tells_a_missing_feature_from_a_missing_scope(connector, sandbox):
    sandbox.faults({"path": "/releases/", "times": -1, "status": 404, "body": ""})
    status = connector.check(sandbox.config()).connection_status()
    assert status["status"] == "SUCCEEDED" and "releases" in status["message"]
    assert "scope" not in status["message"], status


def test_check_probes_the_streams_in_parallel(connector, serve):
    """The first of them is answered only once all others have been asked for, too. Two are made of what others ask
    for."""
    asked, enough, waited = [], threading.Event(), []

    def respond(target):
        asked.append(target)
        if len(asked) >= len(STREAMS) - 2:
            enough.set()
        waited.append(enough.wait(30))
        return {"headers": link()}

    server = serve(sentry_with("?", respond))
    assert connector.check(server.config()).connection_status()["status"] == "SUCCEEDED"
    assert all(waited), asked


NO_PERMISSION = {"status": 403, "body": {"detail": "You do not have permission to perform this action."}}


def test_403_without_scopes_names_those_that_we_know(connector, serve):
    run = read_events(connector, serve, answers(then=NO_PERMISSION))
    assert run.code == 1 and "project:read" in run.errors("events")[0]["message"]


def test_403_with_scopes_names_the_servers(connector, serve):
    respond = answers(then={**NO_PERMISSION, "headers": {
        "WWW-Authenticate": 'Bearer realm="api", error="insufficient_scope", scope="event:special event:admin"'}})
    run = read_events(connector, serve, respond)
    assert run.code == 1 and "event:special" in run.errors("events")[0]["message"]


def test_a_token_that_dies_in_the_middle_of_all_streams_loses_nothing(connector, start_sandbox):
    """401 everywhere after some pages: every stream that was not done fails and keeps its state."""
    sandbox = start_sandbox("--events", 1500, "--issues", 1200, "--releases", 400, "--event-size", "small")
    sandbox.faults({"path": "*", "after": 60, "times": -1, "status": 401, "body": '{"detail":"Invalid token"}'})
    run = connector.read(sandbox.config(), catalog())
    assert run.code == 1 and run.records()
    failed = [stream for stream in STREAMS if run.statuses(stream)[-1]["status"] == "INCOMPLETE"]
    assert "events" in failed
    for stream in failed:
        assert run.errors(stream)[0]["failure_type"] == "config_error"
        assert "does not know the token" in run.why(stream)
    assert run.stdout.count(b"does not know the token") == 1
    sandbox.reset()
    rest = connector.read(sandbox.config(), catalog(), run.state_file())
    assert rest.code == 0
    truth = sandbox.truth()
    for stream in STREAMS:
        both = {str(one) for one in run.ids(stream) + rest.ids(stream)}
        assert sorted(both) == true_ids(truth, stream), stream
