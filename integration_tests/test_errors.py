"""Answers that a server must not give: each ends in a clear message and the right exit code (G2, G3)."""

import gzip

import pytest
from support.connector import STREAMS, catalog, state
from support.fast_time import fast
from support.hostile import PROJECT, HostileServer, encode, sentry_with
from support.sandbox import most_in_a_second

NO_MORE = {"Link": '<u>; rel="previous"; results="false"; cursor="0:0:1", '
                   '<u>; rel="next"; results="false"; cursor="0:100:0"'}
EVENT = '{"id":"e1","dateCreated":"2026-01-10T00:00:00Z"}'


def more(cursor):
    return {"Link": f'<u>; rel="previous"; results="false"; cursor="p", <u>; rel="next"; results="true"; '
                    f'cursor="{cursor}"'}


def full_page(first=0, rows=10):
    return [{"id": f"e{first + i}", "dateCreated": "2026-01-10T00:00:00Z"} for i in range(rows)]


def expect_failure(run, kind, *says):
    """`events` failed with these words, the other stream did not."""
    assert run.code == 1
    error = run.errors("events")[0]
    assert error["failure_type"] == kind, error
    for text in says:
        assert text in error["message"], error
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"
    assert run.statuses("project_keys")[-1]["status"] == "COMPLETE"
    aggregate = run.errors()[-1]
    assert aggregate["message"].startswith("During the sync, the following streams did not sync successfully: ")
    assert "stream_descriptor" not in aggregate and aggregate["failure_type"] == "config_error"


def read_against(connector, serve, respond, saved=None, **more):
    server = serve(sentry_with("/events/", respond))
    return connector.read(server.config(num_workers=2), catalog("events", "project_keys"), saved, **more)


@pytest.mark.parametrize("answer, kind, says", [
    ({"status": 400, "body": {"detail": "Invalid date range: x"}}, "system_error", ["Invalid date range"]),
    ({"status": 401, "body": {"detail": "Token expired"}}, "config_error", ["expired"]),
    ({"status": 403, "body": {"detail": "You do not have permission to perform this action."}}, "config_error",
     ["project:read"]),
    ({"status": 404, "body": {"detail": "The requested resource does not exist"}}, "config_error", ["cannot find"]),
    ({"status": 404, "body": ""}, "config_error", ["does not offer"]),
    ({"status": 413, "body": ""}, "system_error", ["HTTP 413"]),
    ({"status": 302, "headers": {"Location": "https://sso.example.com/"}, "body": ""}, "config_error", ["redirects"]),
    ({"body": "<!DOCTYPE html><html>Log in</html>", "headers": {"Content-Type": "text/html"}}, "config_error",
     ["web page"]),
])
def test_a_refusal_is_explained(connector, serve, answer, kind, says):
    expect_failure(read_against(connector, serve, lambda target: answer), kind, *says)


@pytest.mark.parametrize("body, says", [
    ("{}", "no JSON list"),
    ("null", "no JSON list"),
    ('"text"', "no JSON list"),
    ("", "an empty body"),
    ("[" + EVENT, "is not valid"),
    ("[" + EVENT + "][]", "more text after the end"),
    ('[{"id":"e1","n":NaN}]', "no valid value"),
    (b'[{"id":"\xff"}]', "invalid UTF-8"),
    ("[" + "[" * 5000 + "]" * 5000 + "]", "nesting"),
    ('[{"id":"e1","dateCreated":"2026-01-10T00:00:00Z"},7]', "entry that is not a record"),
])
def test_a_body_that_is_no_list_of_records_is_refused(connector, serve, body, says):
    run = read_against(connector, serve, lambda target: {"body": body, "headers": NO_MORE})
    expect_failure(run, "system_error", says)


def test_odd_but_valid_bodies_are_passed_on(connector, serve):
    body = ('\ufeff[ {"id":"e1","dateCreated":"2026-01-10T00:00:00Z","big":123456789012345678901234567890,'
            '"e":1e400,"f":1.0,"u":"\\ud800 \\u0000","d":1,"d":2,\r\n "x": [ 1,\n2 ] }]')
    run = read_against(connector, serve, lambda target: {"body": body, "headers": NO_MORE})
    assert run.code == 0
    line = next(line for line in run.stdout.decode().splitlines() if '"RECORD"' in line)
    for text in ('"big":123456789012345678901234567890,', '"e":1e400,', '"f":1.0,', '"u":"\\ud800 \\u0000"',
                 '"d":1,"d":2,', '"x":[1,2]}'):
        assert text in line
    assert len(run.records("events")) == 1


def test_an_empty_record_is_none(connector, serve):
    """The protocol allows no empty record, so it is no more passed on than a number would be."""
    body = '[{"id":"e1","dateCreated":"2026-01-10T00:00:00Z"},{}]'
    run = read_against(connector, serve, lambda target: {"body": body, "headers": NO_MORE})
    expect_failure(run, "system_error", "1 entry that is not a record")
    assert len(run.records("events")) == 1
    assert run.states("events")[-1] == {"dateCreated": "1900-01-01T00:00:00.000000Z"}


@pytest.mark.parametrize("headers", [
    {},
    {"Link": ""},
    {"Link": "garbage"},
    {"Link": '<u>; rel="next"; cursor="0:10:0"'},
    {"Link": '<u>; rel="next"; results="true"'},
])
def test_a_full_page_without_usable_link_fails_after_its_records(connector, serve, headers):
    run = read_against(connector, serve, lambda target: {"body": full_page(), "headers": headers})
    expect_failure(run, "system_error", "Link header")
    assert len(run.records("events")) == 10
    assert run.states("events")[-1] == {"dateCreated": "1900-01-01T00:00:00.000000Z"}


def test_a_short_page_without_link_is_the_whole_list(connector, serve):
    run = read_against(connector, serve, lambda target: {"body": full_page(rows=3)})
    assert run.code == 0 and len(run.records("events")) == 3


@pytest.mark.parametrize("cycle", [1, 3])
def test_a_cursor_that_repeats_ends_the_stream(connector, serve, cycle):
    pages = []

    def respond(target):
        pages.append(target)
        return {"body": full_page(10 * len(pages)), "headers": more(f"c{len(pages) % cycle}")}

    run = read_against(connector, serve, respond, state(events={"dateCreated": "2026-01-09T23:59:00Z"}))
    expect_failure(run, "system_error", "circle")
    assert len(pages) <= cycle + 4


def test_a_link_to_another_host_does_not_lead_there(connector, serve):
    stolen = serve(HostileServer(lambda target: {"body": []}))
    evil = {"Link": f'<{stolen.url}/x>; rel="previous"; results="false"; cursor="p", '
                    f'<{stolen.url}/x>; rel="next"; results="true"; cursor="0:10:0"'}

    def respond(target):
        if "cursor=" in target:
            return {"body": full_page(10), "headers": NO_MORE}
        return {"body": full_page(), "headers": evil}

    run = read_against(connector, serve, respond, state(events={"dateCreated": "2026-01-09T23:59:00Z"}))
    assert run.code == 0 and len(run.records("events")) == 20
    assert stolen.targets == []


@pytest.mark.parametrize("failure", [
    {"status": 500, "body": {"detail": "Internal Error", "errorId": "abc"}},
    {"status": 502, "body": "<html>Bad Gateway</html>"},
    {"status": 503, "body": ""},
    {"status": 504, "body": ""},
    {"status": 408, "body": {"detail": {"code": "request-timeout", "message": "x", "extra": {}}}},
    {"status": 400, "body": {"detail": "Query timeout. Please try again. If the problem persists try a smaller"}},
    None,
    b"",
    b"HTTP/1.1 200 OK\r\nContent-Le",
    encode(body=[{"id": "e1"}])[:-8],
    encode(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b"[" + EVENT.encode() + b"]")[:-12]),
    {"body": "[{"},
], ids=["500", "502", "503", "504", "408", "400 time-out", "closed", "no byte", "cut header", "cut body",
        "cut gzip", "cut JSON"])
def test_a_passing_failure_is_tried_again(connector, serve, failure):
    calls = []

    def respond(target):
        calls.append(target)
        return failure if len(calls) == 1 else {"body": f"[{EVENT}]", "headers": NO_MORE}

    run = read_against(connector, serve, respond)
    assert run.code == 0 and run.ids("events") == ["e1"]
    assert len(run.logs("WARN")) == 1 and len(calls) == 2


def test_a_lasting_failure_ends_after_six_tries_as_transient(connector, serve):
    calls = []

    def respond(target):
        calls.append(target)
        return {"status": 503, "body": "maintenance"}

    run = read_against(connector, serve, respond, env=fast(60))
    expect_failure(run, "transient_error", "maintenance", "Try again later")
    assert calls[:6] == calls[:1] * 6 and len(calls) == 7, "and a look whether it answers for anything else"


def test_one_failed_stream_keeps_its_safe_state_and_stops_nobody(connector, sandbox):
    """G2."""
    sandbox.faults({"path": "/events/", "after": 3, "times": -1, "status": 403, "body": '{"detail":"no"}'})
    run = connector.read(sandbox.config(), catalog())
    assert run.code == 1 and len(run.errors()) == 2
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"
    for stream in ("issues", "projects", "releases", "project_keys", "all_projects_detail", "project_detail"):
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"
    order = [m for m in run.messages if m["type"] in ("STATE", "TRACE")]
    assert order[-1]["trace"]["type"] == "ERROR"


def test_a_bad_token_fails_every_stream_alike_and_is_said_once(connector, sandbox):
    run = connector.read(sandbox.config(auth_token="wrong"), catalog())
    assert run.code == 1 and not run.of("RECORD")
    assert len(run.errors()) == len(STREAMS) + 1 and all("does not know the token" in run.why(stream) for stream in STREAMS)
    assert all(error["failure_type"] == "config_error" for error in run.errors())
    assert (run.stdout + run.stderr.encode()).count(b"does not know the token") == 1, "neither in the summary"
    assert all(stream in run.errors()[-1]["message"] for stream in STREAMS)
    assert len(sandbox.requests()) == 1, "one refusal is enough"


def test_a_token_that_dies_on_the_way_keeps_what_is_safe(connector, start_sandbox):
    sandbox = start_sandbox("--events", 4000, "--event-size", "small", "--projects", 1)
    sandbox.faults({"path": "/events/", "after": 150, "times": -1, "status": 401, "body": '{"detail":"Token expired"}'})
    run = connector.read(sandbox.config(), catalog("events"))
    assert run.code == 1 and "expired" in run.errors("events")[0]["message"]
    sandbox.reset()
    rest = connector.read(sandbox.config(), catalog("events"), run.state_file())
    assert set(run.ids("events")) | set(rest.ids("events")) == {row["id"] for row in sandbox.truth()["events"]}
    assert len(run.ids("events")) + len(rest.ids("events")) <= 4000 + 110 + most_in_a_second(sandbox)


def test_a_dead_server_is_named(connector):
    config = {"auth_token": "x", "organization": "o", "project": "p", "hostname": "http://127.0.0.1:1"}
    run = connector.read(config, catalog("issues"), env=fast(60))
    assert run.code == 1 and "http://127.0.0.1:1" in run.errors("issues")[0]["message"]
    assert run.errors("issues")[0]["failure_type"] == "transient_error"
    waits = [line.rpartition("Attempt")[2] for line in run.logs("WARN")]
    assert waits == [f" {n + 2} of 6 in {2 ** n} s." for n in range(5)], "it gave the server time to come back"


def test_a_renamed_project_is_followed(connector, serve):
    def answer(target):
        if target == "/api/0/projects/acme/web/":
            return {"status": 302, "headers": {"Location": "/api/0/projects/acme/web2/"},
                    "body": {"slug": "web2", "detail": {"code": "resource-moved", "message": "Resource has been moved",
                                                        "extra": {"url": "/api/0/projects/acme/web2/", "slug": "web2"}}}}
        if target == "/api/0/projects/acme/web2/":
            return {"body": {**PROJECT, "slug": "web2"}}
        if target.startswith("/api/0/organizations/acme/events/"):
            return {"status": 404, "body": ""}
        assert target.startswith("/api/0/projects/acme/web2/"), target
        return {"body": f"[{EVENT}]", "headers": NO_MORE}

    run = connector.read(serve(HostileServer(answer)).config(), catalog("events"))
    assert run.code == 0 and run.ids("events") == ["e1"]
    assert any("renamed to web2" in text for text in run.logs("WARN"))
