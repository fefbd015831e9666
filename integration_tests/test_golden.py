"""Whole transcripts, message by message, for the golden runs G1-G13 that every Airbyte source must give.

G3 is in test_limits.py, G7 in test_state_forms.py, G8 in test_commands.py and test_errors.py, G9 and G10 in
test_stop.py, G11 in test_commands.py; G12 holds for every run of every test (support/protocol.py, check_order).
"""

import subprocess

import pytest
from support.connector import EXECUTABLE, catalog
from support.hostile import PROJECT, sentry_with

ISSUES = [{"id": "2", "lastSeen": "2026-01-02T00:00:00Z"}, {"id": "1", "lastSeen": "2026-01-01T00:00:00Z"}]
NO_MORE = {"Link": '<u>; rel="previous"; results="false"; cursor="0:0:1", '
                   '<u>; rel="next"; results="false"; cursor="0:100:0"'}
# What a state of the server's one project is of.
OF = {"organization": "acme", "host": "127.0.0.1", "project": PROJECT["slug"], "id": PROJECT["id"],
      "created": PROJECT["dateCreated"]}


def status(stream, what):
    return {"type": "TRACE", "trace": {"type": "STREAM_STATUS", "stream_status": {
        "stream_descriptor": {"name": stream}, "status": what}}}


def record(stream, data):
    return {"type": "RECORD", "record": {"stream": stream, "data": data}}


def state_of(stream, value, count):
    return {"type": "STATE", "state": {"type": "STREAM", "stream": {
        "stream_descriptor": {"name": stream}, "stream_state": value}, "sourceStats": {"recordCount": count}}}


def transcript(run):
    """The messages of a run without what differs from run to run, logs left out."""

    def timeless(value):
        if isinstance(value, dict):
            return {key: timeless(inner) for key, inner in value.items() if key != "emitted_at"}
        return [timeless(inner) for inner in value] if isinstance(value, list) else value

    return [timeless(message) for message in run.messages if message["type"] != "LOG"]


def test_g1_two_records_then_an_empty_stream(connector, serve):
    server = serve(sentry_with("issues/", lambda target: {"body": ISSUES, "headers": NO_MORE}))
    run = connector.read(server.config(num_workers=1), catalog("issues", "project_keys"))
    assert run.code == 0
    # Sentry lists newest first, and records are passed on in its order.
    assert transcript(run) == [
        status("issues", "STARTED"), status("issues", "RUNNING"),
        record("issues", ISSUES[0]), record("issues", ISSUES[1]),
        state_of("issues", {"lastSeen": "2026-01-02T00:00:00.000000Z", "of": OF}, 2.0),
        status("issues", "COMPLETE"),
        status("project_keys", "STARTED"), status("project_keys", "RUNNING"),
        state_of("project_keys", {"__ab_no_cursor_state_message": True}, 0.0),
        status("project_keys", "COMPLETE"),
    ]


def test_g2_a_stream_that_fails_after_a_record(connector, serve):
    more = {"Link": '<u>; rel="next"; results="true"; cursor="0:100:0"'}
    key = {"id": "k1", "name": "Default"}

    def answer(target):
        if "cursor=" in target:
            return {"status": 403, "body": {"detail": "You do not have permission to perform this action."}}
        return {"body": [key], "headers": more}

    server = serve(sentry_with("keys/", answer))
    run = connector.read(server.config(num_workers=1), catalog("project_keys", "project_detail"))
    assert run.code == 1
    refusal, last = run.errors()
    assert refusal["failure_type"] == last["failure_type"] == "config_error"
    assert refusal["stream_descriptor"] == {"name": "project_keys"} and "HTTP 403" in refusal["internal_message"]
    assert "project_keys" in last["message"] and "stream_descriptor" not in last
    told = [message for message in transcript(run) if message.get("trace", {}).get("type") != "ERROR"]
    assert told == [
        status("project_keys", "STARTED"), status("project_keys", "RUNNING"), record("project_keys", key),
        state_of("project_keys", {}, 1.0), status("project_keys", "INCOMPLETE"),
        status("project_detail", "STARTED"), status("project_detail", "RUNNING"), record("project_detail", PROJECT),
        state_of("project_detail", {"__ab_no_cursor_state_message": True}, 1.0),
        status("project_detail", "COMPLETE"),
    ]


def test_g4_check_of_an_empty_configuration(connector):
    run = connector.check({})
    assert run.code == 0
    [message] = transcript(run)
    assert message["connectionStatus"]["status"] == "FAILED"
    assert message["connectionStatus"]["message"].startswith("Config validation error:")


def test_g5_read_of_an_empty_configuration(connector):
    run = connector.read({}, catalog())
    assert run.code == 1
    [message] = transcript(run)
    assert message["trace"]["error"]["failure_type"] == "config_error"


@pytest.mark.parametrize("modes", ["INVALID", "incremental"])
def test_g6_a_catalog_of_what_does_not_exist(connector, serve, modes):
    server = serve(sentry_with("nothing", None))
    stream = {"name": "__AIRBYTE__stream_that_does_not_exist", "json_schema": {"type": "object"},
              "supported_sync_modes": [modes]}
    run = connector.read(server.config(), {"streams": [
        {"stream": stream, "sync_mode": modes, "destination_sync_mode": modes}]})
    assert run.code == 1 and run.errors() and not run.of("RECORD")


def test_g13_values_pass_untouched(connector, serve):
    line = (r'{"id":"9007199254740993","lastSeen":"2026-01-02T00:00:00Z","big":18446744073709551615,'
            r'"title":"gr\u00fc\u00dfe \ud83d\ude00 \u0000 é","one":1,"real":1.0,"exp":1e400,"nothing":null}')
    server = serve(sentry_with("issues/", lambda target: {"body": f"[{line}]", "headers": NO_MORE}))
    done = subprocess.run([EXECUTABLE, *connector.arguments("read", server.config(), catalog("issues"))],
                          capture_output=True)
    assert done.returncode == 0
    [written] = [out for out in done.stdout.decode().splitlines() if out.startswith('{"type":"RECORD"')]
    assert f'"data":{line},' in written
