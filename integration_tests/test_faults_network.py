"""Faults of the network: nothing of it is taken for an empty answer, and what can pass is waited out."""

import gzip
import json
import socket

import pytest
from support.connector import catalog, state
from support.fast_time import fast
from support.hostile import drip, encode, hang, page_of, reset_after, sentry_with, then_hang

WHOLE = encode(**page_of(1))
HALF_GZIP = encode(headers={"Content-Encoding": "gzip"}, body=gzip.compress(b'[{"id":"e1"}]' * 200))
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN = {
    "black hole": hang,
    "black hole in a header": then_hang(WHOLE[:40]),
    "black hole in a body": then_hang(WHOLE[:-5]),
    "black hole in a gzip stream": then_hang(HALF_GZIP[:-10]),
    "closed in a header": WHOLE[:40],
    "closed in a body": WHOLE[:-5],
    "closed in a gzip stream": HALF_GZIP[:-10],
    "closed in a chunk": CHUNKED + b'40\r\n[{"id":',
    "closed between chunks": CHUNKED + b'8\r\n[{"id":1\r\n',
    "gzip that is none": encode(headers={"Content-Encoding": "gzip"}, body="[]"),
    "reset": reset_after(b""),
    "reset in a header": reset_after(WHOLE[:40]),
    "reset in a body": reset_after(WHOLE[:-5]),
    "no HTTP": b"SSH-2.0-OpenSSH_9.2\r\n",
    "less than a byte per second": drip(WHOLE, 0.1),  # the connector lives that much faster
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_answer_that_stays_so_fails_the_stream_and_keeps_what_was_read(connector, serve, fault):
    calls = []

    def respond(target):
        calls.append(target)
        return BROKEN[fault] if "cursor=" in target else page_of(*range(10), cursor="0:10:0")

    server = serve(sentry_with("/events/", respond))
    run = connector.read(server.config(num_workers=2), catalog("events", "project_keys"),
                         state(events={"dateCreated": "2026-01-09T23:59:00Z"}), env=fast(120))
    assert run.code == 1 and run.ids("events") == [f"e{number}" for number in range(10)]
    error = run.errors("events")[0]
    assert error["failure_type"] == "transient_error", error
    assert server.url in error["message"] and "Try again later" in error["message"], error
    # Eight failures in a row, of smaller and smaller windows, each asked for twice beside a mere look.
    assert len([target for target in calls if "cursor=" in target]) <= 33
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"
    assert run.states("events")[-1]["dateCreated"] == "2026-01-09T23:59:00.000000Z", "the page's window is not whole"
    assert run.statuses("project_keys")[-1]["status"] == "COMPLETE"


@pytest.mark.parametrize("fault", ["black hole", "black hole in a body", "reset", "reset in a body",
                                   "closed in a chunk", "less than a byte per second"])
def test_a_broken_answer_that_passes_costs_nothing_but_time(connector, serve, fault):
    calls = []

    def respond(target):
        calls.append(target)
        return BROKEN[fault] if len(calls) == 1 else page_of(1)

    run = connector.read(serve(sentry_with("/events/", respond)).config(), catalog("events"), env=fast(60))
    assert run.code == 0 and run.ids("events") == ["e1"] and len(run.logs("WARN")) == 1


def test_a_slow_drip_is_an_answer_too(connector, serve):
    slow = drip(encode(**page_of(*range(5))), 0.02, size=4)
    run = connector.read(serve(sentry_with("/events/", lambda target: slow)).config(), catalog("events"))
    assert run.code == 0 and len(run.ids("events")) == 5 and not run.logs("WARN")


def test_headers_without_end_are_given_up(connector, serve):
    def flood(connection):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-More: " + b"x" * 1000 + b"\r\n")

    run = connector.read(serve(sentry_with("/events/", lambda target: flood)).config(), catalog("events"),
                         env=fast(60))
    assert run.code == 1 and run.errors("events")[0]["failure_type"] == "transient_error"


def test_a_refused_connection_is_tried_until_the_server_is_back(connector, serve):
    reserved = socket.socket()  # bound, so that nobody takes the port, and not listening yet
    reserved.bind(("127.0.0.1", 0))
    config = {"auth_token": "x", "organization": "acme", "project": "web",
              "hostname": f"http://127.0.0.1:{reserved.getsockname()[1]}"}
    process = connector.start("read", config, catalog("events"))
    first = next(line for line in process.stdout if b"Attempt" in line)
    assert b"does not accept connections" in first
    reserved.listen()
    serve(sentry_with("/events/", lambda target: page_of(1), listener=reserved))
    rest = [json.loads(line) for line in process.stdout]
    assert process.wait() == 0
    assert [message["record"]["data"]["id"] for message in rest if message["type"] == "RECORD"] == ["e1"]


def test_a_firewall_that_drops_everything_is_named(connector):
    """A listener whose queue is full: the kernel answers no SYN any more."""
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        config = {"auth_token": "x", "organization": "o", "project": "p",
                  "hostname": f"http://127.0.0.1:{full.getsockname()[1]}"}
        run = connector.read(config, catalog("issues"), env=fast(60))
    assert run.code == 1
    error = run.errors("issues")[0]
    assert error["failure_type"] == "transient_error" and "firewall" in error["message"]


def test_a_name_that_nobody_knows_is_named(connector):
    config = {"auth_token": "x", "organization": "o", "project": "p", "hostname": "http://no-such-host.invalid"}
    run = connector.read(config, catalog("issues"), env=fast(60))
    assert run.code == 1 and run.errors("issues")[0]["failure_type"] == "transient_error"
    assert "No server named no-such-host.invalid can be found" in run.errors("issues")[0]["message"]
