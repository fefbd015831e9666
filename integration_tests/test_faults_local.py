"""What this machine refuses is not told as the server's fault, and costs nothing that can be done without it: memory,
files, sockets, ways out, and a look-up that does not end."""

import errno
import json
import os
import signal
import subprocess
import time

import pytest
from support.connector import EXECUTABLE, STREAMS, Run, catalog
from support.fast_time import fast
from support.hindrances import hindered
from support.hostile import encode, link, page_of, sentry_with

BIG = b'[{"id": "e1", "dateCreated": "2026-01-10T00:00:00Z", "x": "' + b"x" * 3_000_000 + b'"}]'
CHUNKED = (b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n" % len(BIG)
           + BIG + b"\r\n0\r\n\r\n")


@pytest.mark.parametrize("answer", [encode(body=BIG, headers=link()), CHUNKED], ids=["announced", "in chunks"])
def test_memory_that_is_refused_costs_its_stream_only(connector, serve, answer):
    """The streams behind it are read by the same client."""
    server = serve(sentry_with("/web/events/", lambda target: answer))
    run = connector.read(server.config(num_workers=1), catalog(), env=hindered(NO_ALLOCATION_OF=2_000_000))
    error, = run.errors("events")
    assert run.code == 1 and "not enough memory" in error["message"] and error["failure_type"] == "system_error"
    ended = {stream: run.statuses(stream)[-1]["status"] for stream in STREAMS}
    assert ended.pop("events") == "INCOMPLETE" and set(ended.values()) == {"COMPLETE"}, ended


@pytest.mark.parametrize("many", [1, 20, 10**9])
@pytest.mark.parametrize("command", ["read", "check"])
def test_no_allocation_that_fails_ends_in_a_crash(connector, serve, command, many):
    """Wherever it is: an error of the protocol, or a line on stderr where even for that there is none."""
    server = serve(sentry_with("/web/events/", lambda target: page_of(1)))
    arguments = connector.arguments(command, server.config(), catalog() if command == "read" else None)
    for first in range(200, 10_000, 311):
        done = subprocess.run([EXECUTABLE, *arguments], capture_output=True, timeout=60,
                              env={**os.environ, **hindered(NO_ALLOCATION_FROM=first, NO_ALLOCATIONS=many)})
        assert done.returncode in (0, 1), (first, done)
        messages = [json.loads(line) for line in done.stdout.splitlines()]  # whole lines
        told = any(message.get("trace", {}).get("type") == "ERROR" for message in messages)
        assert done.returncode == 0 or told or done.stderr, (first, done)


NAMED = {"hostname": "http://sentry.example.com"}


@pytest.mark.parametrize("command", ["read", "check"])
def test_a_signal_ends_a_look_up(connector, tmp_path, command):
    begun = tmp_path / "begun"
    config = {"auth_token": "x", "organization": "acme", "project": "web", **NAMED}
    process = connector.start(command, config, catalog("events") if command == "read" else None,
                              env={**os.environ, **hindered(LOOKUP_BEGUN=begun)})
    while not begun.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    stdout, stderr = process.communicate(timeout=20)
    run = Run(process.returncode, stdout, stderr)
    assert run.code == -signal.SIGTERM and run.stderr == ""
    if command == "read":
        assert run.statuses("events")[-1]["status"] == "INCOMPLETE"  # which the signal's own end does not write
    else:
        assert run.connection_status()["status"] == "FAILED"


@pytest.mark.parametrize("more, said", [
    ({}, "No server named sentry.example.com can be found"),
    ({"proxy": "http://proxy.example.com:3128"}, "The proxy on the way to http://sentry.example.com does not work"),
])
def test_a_look_up_without_an_end_is_given_up_after_the_time_to_connect(connector, tmp_path, more, said):
    """Thirty seconds, six times, beside the pauses between them."""
    config = {"auth_token": "x", "organization": "acme", "project": "web", **NAMED, **more}
    run = connector.read(config, catalog("events"), env=hindered(fast(100), LOOKUP_BEGUN=tmp_path / "begun"))
    error, = run.errors("events")
    assert run.code == 1 and said in error["message"] and error["failure_type"] == "transient_error"


SAID = {  # by the errno, what is said of it beside the system's own words
    "SOCKET_ERROR": {errno.EMFILE: "raise the limit", errno.ENFILE: "raise the limit", errno.ENOBUFS: "more memory",
                     errno.ENOMEM: "more memory", errno.EACCES: "allow it", errno.EAFNOSUPPORT: "IPv6"},
    "CONNECT_ERROR": {errno.EADDRNOTAVAIL: "no free port", errno.EPERM: "allow it", errno.EACCES: "allow it",
                      errno.ENETUNREACH: "IPv6", errno.EHOSTUNREACH: "this machine's network",
                      errno.ENETDOWN: "this machine's network"},
}


@pytest.mark.parametrize("call, number", [(call, number) for call in SAID for number in SAID[call]])
@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:1"])
def test_what_this_machine_refuses_is_no_fault_of_the_server(connector, serve, call, number, proxy):
    server = serve(sentry_with("/nothing", None))
    config = server.config(**({"proxy": proxy} if proxy else {}))
    run = connector.check(config, env=hindered(fast(200), **{call: number}))
    message = run.connection_status()["message"]
    assert os.strerror(number) in message and SAID[call][number] in message, message
    assert "does not accept connections" not in message and "does not work" not in message


def test_connections_that_a_server_refuses_are_still_its_own(connector, serve):
    server = serve(sentry_with("/nothing", None))
    run = connector.check(server.config(), env=hindered(fast(200), CONNECT_ERROR=errno.ECONNREFUSED))
    assert "does not accept connections" in run.connection_status()["message"]


@pytest.mark.parametrize("changes", [{}, NAMED, {"hostname": "https://127.0.0.1:1"}])
def test_a_full_table_of_files_is_told_as_such(connector, serve, changes):
    """Also where a name is looked up, or certificates are read: both take a file."""
    server = serve(sentry_with("/nothing", None))
    arguments = connector.arguments("check", server.config(**changes))
    told = 0
    for files in range(4, 9):
        done = subprocess.run(["prlimit", f"--nofile={files}", EXECUTABLE, *arguments], capture_output=True,
                              timeout=60, env={**os.environ, **fast(200)})
        run = Run(done.returncode, done.stdout, done.stderr)
        if run.of("CONNECTION_STATUS"):
            message = run.connection_status().get("message", "")
            told += "Too many open files" in message
    assert told
