"""Bodies that are no page of records, and records that are none: each is told, none is taken for an empty list."""

import json
import os
import subprocess
import sys

import pytest
from support.connector import EXECUTABLE, INCREMENTAL, catalog, state
from support.fast_time import fast
from support.hostile import PROJECT, HostileServer, encode, event, link, page_of, sentry_with

SAVED = state(events={"dateCreated": "2026-01-09T23:59:00Z"})
DEEP = "[" * 10_000 + "]" * 10_000
# Bodies that no stream can take for its answer, be that a list or one document.
BODIES = {
    "null": "null", "a number": "7", "a text": '"no"', "empty": "", "truncated": '[{"id":"e1","dateCr',
    "two documents": '{"id":"1"}{"id":"2"}', "two lists": '[{"id":"1"}]\n[{"id":"2"}]', "NaN": '[{"id":"1","n":NaN}]',
    "invalid UTF-8": b'[{"id":"\xff\xfe"}]', "a surrogate in UTF-8": b'[{"id":"\xed\xa0\x80"}]',
    "an overlong form": b'[{"id":"\xc0\xaf"}]', "a zero byte": b'[{"id":"e1"}]\0',
    "a raw control character": '["\x01"]',
    "10,000 deep": f'[{{"id":"e1","x":{DEEP}}}]', "a million deep": "[" * 1_000_000, "UTF-16": "[]".encode("utf-16"),
    "single quotes": "[{'id':'1'}]", "a comma too many": '[{"id":"1"},]', "half an escape": '[{"id":"\\u12"}]',
}
HTML = {"headers": {"Content-Type": "text/html"}, "body": "<!DOCTYPE html><html><title>Sign in</title></html>"}
LISTS = {"events": "/web/events/", "issues": "/issues/", "releases": "/releases/", "project_keys": "/keys/",
         "projects": "/projects/?", "all_projects_detail": "/projects/?"}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_is_no_page_fails_every_list(connector, serve, body):
    """All lists at once; the project itself can be read."""
    answer = {"body": BODIES[body], "headers": link()}
    server = serve(HostileServer(
        lambda target: {"body": PROJECT} if target == "/api/0/projects/acme/web/" else answer))
    run = connector.read(server.config(num_workers=7), catalog(*LISTS, "project_detail"), env=fast(20))
    assert run.code == 1 and run.statuses("project_detail")[-1]["status"] == "COMPLETE"
    for stream in LISTS:
        error, = run.errors(stream)
        assert error["failure_type"] == "system_error" and "That happened 3 times" in run.why(stream), error
        assert run.statuses(stream)[-1]["status"] == "INCOMPLETE" and not run.records(stream)
        if stream in INCREMENTAL:
            assert run.states(stream)[-1] == {INCREMENTAL[stream]: "1900-01-01T00:00:00.000000Z"}


@pytest.mark.parametrize("stream", LISTS)
def test_a_web_page_with_200_fails_its_stream(connector, serve, stream):
    server = serve(sentry_with(LISTS[stream], lambda target: HTML))
    run = connector.read(server.config(), catalog(stream, "project_detail"))
    assert run.code == 1 and "web page" in run.errors(stream)[0]["message"]
    assert run.errors(stream)[0]["failure_type"] == "config_error" and not run.records(stream)
    assert run.statuses("project_detail")[-1]["status"] == "COMPLETE"


@pytest.mark.parametrize("body", [*(body for body in BODIES), "a list"])
def test_a_project_that_is_no_document_is_told(connector, serve, body):
    """It is what all streams start with, and a stream of its own."""
    answer = {"body": {**BODIES, "a list": "[]"}[body]}
    server = serve(HostileServer(
        lambda target: answer if target == "/api/0/projects/acme/web/" else page_of()))
    run = connector.read(server.config(), catalog("project_detail"), env=fast(20))
    assert run.code == 1 and run.errors("project_detail")[0]["failure_type"] == "system_error"
    status = connector.check(server.config()).connection_status()
    assert status["status"] == "FAILED" and "is not a Sentry" in status["message"]


def test_an_empty_object_in_place_of_a_document_is_told(connector, serve):
    server = serve(HostileServer(lambda target: {"body": "{}"} if target.endswith("/web/") else page_of()))
    run = connector.read(server.config(), catalog("project_detail"))
    assert run.code == 1 and run.statuses("project_detail")[-1]["status"] == "INCOMPLETE"


def test_a_project_in_the_list_whose_document_is_broken_is_told(connector, serve):
    listed = {"body": [{**PROJECT, "slug": slug, "id": slug} for slug in ("good", "bad", "other")], "headers": link()}
    documents = {"/api/0/projects/acme/bad/": {"body": '{"id":"bad","slug":'},
                 **{f"/api/0/projects/acme/{slug}/": {"body": {**PROJECT, "slug": slug, "id": slug}}
                    for slug in ("good", "other")}}
    server = serve(HostileServer(
        lambda target: listed if "/projects/?" in target else documents.get(target, {"body": PROJECT})))
    run = connector.read(server.config(), catalog("all_projects_detail"))
    assert run.code == 1 and "bad" in run.errors("all_projects_detail")[0]["message"]
    assert run.ids("all_projects_detail") == ["good", "other"] and run.logs("WARN")
    assert run.statuses("all_projects_detail")[-1]["status"] == "INCOMPLETE"


ODD = {
    "a byte order mark": (b"\xef\xbb\xbf[%s]", b'{"id":"e1","dateCreated":"2026-01-10T00:00:00Z"}'),
    "lone surrogates": (b"[%s]", b'{"id":"e1","dateCreated":"2026-01-10T00:00:00Z","x":"\\ud800 \\udfff\\ud800"}'),
    "duplicate keys": (b"[%s]", b'{"id":"e1","dateCreated":"2026-01-10T00:00:00Z","k":1,"k":{"k":2}}'),
    "numbers past 2^64": (b"[%s]", b'{"id":"e1","dateCreated":"2026-01-10T00:00:00Z","n":-18446744073709551617,'
                                   b'"m":340282366920938463463374607431768211456}'),
    "1e400": (b"[%s]", b'{"id":"e1","dateCreated":"2026-01-10T00:00:00Z","n":[1e400,-1E-4000,0.1e+401]}'),
    "1,000 deep": (b"[%s]", b'{"id":"e1","dateCreated":"2026-01-10T00:00:00Z","x":%s}' % (b"[" * 1000 + b"]" * 1000)),
    "escaped zero": (b"[%s]", b'{"id":"e1","dateCreated":"2026-01-10T00:00:00Z","x":"a\\u0000b"}'),
    "line separators": (b"[%s]", '{"id":"e1","dateCreated":"2026-01-10T00:00:00Z","x":"\u2028"}'.encode()),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_is_odd_but_valid_is_passed_on_byte_by_byte(connector, serve, odd):
    around, record = ODD[odd]
    server = serve(sentry_with("/events/", lambda target: {"body": around % record, "headers": link()}))
    process = connector.start("read", server.config(), catalog("events"))
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    line, = [line for line in stdout.split(b"\n") if line.startswith(b'{"type":"RECORD"')]
    assert b'"data":' + record + b',"emitted_at":' in line


@pytest.mark.skipif("asan" in EXECUTABLE or "tsan" in EXECUTABLE, reason="the sanitizers need memory of their own")
def test_a_page_of_200_mb(connector, serve):
    """20,000 records of 10 KB on one page. It is held in memory whole, and so is its output."""
    filler = "x" * 10_000
    body = json.dumps([event(number, filler=filler) for number in range(20_000)]).encode()
    assert len(body) > 200e6
    server = serve(sentry_with("/events/", lambda target: {"body": body, "headers": link()}))
    process = connector.start("read", server.config(), catalog("events"))
    ids = [json.loads(line)["record"]["data"]["id"] for line in process.stdout
           if line.startswith(b'{"type":"RECORD"')]
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0 and ids == [f"e{number}" for number in range(20_000)]
    assert usage.ru_maxrss * 1024 < 4 * len(body), f"{usage.ru_maxrss} kB"


TINY = {  # what a page of 32 MB is made of, by its number
    "the same": lambda number: b'{"a":1}',
    "of a long id": lambda number: b'{"id":"%032x"}' % number,
    "outside of the window": lambda number: b'{"dateCreated":"2025-12-01"}',
    "empty": lambda number: b"{}",
    "one is broken": lambda number: b'{"a":1}' if number else b'{"a":NaN}',
}
VALUES = {  # of one record, which is a page of 32 MB
    "lists": b'"x":[' + b"[],[[]]," * 4_000_000 + b"7]",
    "members": b'"a":1,' * 5_000_000 + b'"b":2',
    "nested too deep": b'"x":[' + b"[" * 32_000_000,
}


@pytest.mark.skipif("asan" in EXECUTABLE or "tsan" in EXECUTABLE, reason="the sanitizers need memory of their own")
@pytest.mark.parametrize("stream, kind", [*(("events", kind) for kind in TINY), ("project_keys", "of a long id")])
def test_a_page_of_tiny_records_takes_no_more_than_another(connector, serve, stream, kind):
    """What a record costs beside its bytes would be many times these. Of a page that is asked for again there are two."""
    body, count = tiny_page(TINY[kind])
    all_come = kind in ("the same", "of a long id")
    peak = peak_of(connector, serve, stream, body, count if all_come else None)
    assert peak < (8 if kind == "one is broken" else 4) * len(body)


@pytest.mark.skipif("asan" in EXECUTABLE or "tsan" in EXECUTABLE, reason="the sanitizers need memory of their own")
@pytest.mark.parametrize("values", VALUES)
def test_a_record_of_tiny_values_takes_no_more_than_another(connector, serve, values):
    body = b'[{"id":"e1","dateCreated":"2026-01-10T00:00:00Z",' + VALUES[values] + b"}]"
    peak = peak_of(connector, serve, "events", body)
    assert peak < 4 * len(body)


def tiny_page(record):
    """About 32 MB, and how many records."""
    count = 32_000_000 // (len(record(10**6)) + 1)
    return b"[" + b",".join(record(number) for number in range(count)) + b"]", count


# Counts the records that a command writes, and its memory. In a small process of its own, since what a process has
# counts as its children's too.
MEASURE = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
records = sum(line.startswith(b'{"type":"RECORD"') for line in process.stdout)
print(records, os.wait4(process.pid, 0)[2].ru_maxrss)
"""


def peak_of(connector, serve, stream, body, records=None):
    """Bytes that reading this page takes at most; all `records` must come out."""
    server = serve(sentry_with(LISTS[stream], lambda target: {"body": body, "headers": link()}))
    command = [EXECUTABLE, *connector.arguments("read", server.config(), catalog(stream))]
    done = subprocess.run([sys.executable, "-c", MEASURE, *command], capture_output=True, timeout=100, check=True,
                          env={**os.environ, **fast(20)})
    written, kilobytes = map(int, done.stdout.split())
    assert records is None or written == records
    return kilobytes * 1024


def test_a_record_without_its_cursor_is_written_and_moves_no_state(connector, serve):
    records = [event(1), {"id": "no-cursor"}, event(2, dateCreated=None), event(3, dateCreated="yesterday"),
               event(4, dateCreated=1768003200), event(5)]
    server = serve(sentry_with("/events/", lambda target: {"body": records, "headers": link()}))
    lines = read_lines(connector, server)
    assert [line["record"]["data"] for line in lines if line["type"] == "RECORD"] == records
    warning, = [line["log"]["message"] for line in lines if line["type"] == "LOG" and line["log"]["level"] == "WARN"]
    assert "dateCreated" in warning and "no-cursor" in warning
    last = [line["state"]["stream"]["stream_state"] for line in lines if line["type"] == "STATE"][-1]
    assert last["dateCreated"] == "2026-01-10T00:00:00.000000Z"


def read_lines(connector, server):
    """The messages of a successful read of events that do not fit their schema."""
    process = connector.start("read", server.config(), catalog("events"), SAVED)
    lines = [json.loads(line) for line in process.communicate(timeout=30)[0].splitlines()]
    assert process.returncode == 0
    return lines


def test_records_without_any_cursor_leave_the_state_where_it_was(connector, serve):
    server = serve(sentry_with("/events/", lambda target: {"body": [{"id": "a"}, {"id": "b"}], "headers": link()}))
    run = connector.read(server.config(), catalog("events"), SAVED)
    assert run.code == 0 and run.ids("events") == ["a", "b"]
    assert run.states("events")[-1]["dateCreated"] == "2026-01-09T23:59:00.000000Z"


@pytest.mark.parametrize("record", [
    {"dateCreated": "2026-01-10T00:00:00Z"}, {"id": None, "dateCreated": "2026-01-10T00:00:00Z"},
    {"id": "", "dateCreated": "2026-01-10T00:00:00Z"}, {"id": {}, "dateCreated": "2026-01-10T00:00:00Z"}])
def test_a_record_without_its_key_is_written_and_told(connector, serve, record):
    """Several such are not taken for repetitions of each other."""
    records = [event(1), record, record, event(2)]
    server = serve(sentry_with("/events/", lambda target: {"body": records, "headers": link()}))
    lines = read_lines(connector, server)
    assert [line["record"]["data"] for line in lines if line["type"] == "RECORD"] == records
    assert len([line for line in lines if line["type"] == "LOG" and "no id" in line["log"]["message"]]) == 1


def test_a_page_longer_than_it_says_ends_where_it_says(connector, serve):
    """What follows belongs to no answer of ours."""
    body = json.dumps([event(1)]).encode()
    answer = encode(body=body, headers=link()) + b'[{"id":"stray","dateCreated":"2026-01-10T00:00:00Z"}]'
    run = connector.read(serve(sentry_with("/events/", lambda target: answer)).config(), catalog("events"))
    assert run.code == 0 and run.ids("events") == ["e1"]
