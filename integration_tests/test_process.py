"""What the system does to the process: signals that stop it, that mean nothing or that end it, and limits of threads,
memory, processor time and file sizes."""

import os
import signal
import threading

import pytest
from support import protocol
from support.connector import catalog
from support.hostile import page_of, sentry_with


@pytest.fixture
def gate():
    """What the server waits for before it goes on; open when the test is over."""
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def halted(connector, serve, gate):
    """A read that has written a record and waits for its second page; then for a third, which never comes."""

    def respond(target):
        if "cursor=third" in target:
            return lambda connection: connection.recv(1)
        if "cursor=second" in target:
            gate.wait(60)
            return page_of(2, cursor="third")
        return page_of(1, cursor="second")

    server = serve(sentry_with("/projects/acme/web/events/", respond))
    process = connector.start("read", server.config(), catalog("events", sync_mode="full_refresh"))
    deaf = threading.Timer(40, process.kill)
    deaf.start()
    process.begin = lines_until(process, b'"id": "e1"')
    yield process
    deaf.cancel()
    process.kill()
    process.communicate()


def lines_until(process, mark):
    lines = b""
    for line in process.stdout:
        lines += line
        if mark in line:
            return lines
    raise AssertionError((lines, process.wait()))


def ended_by(process, which, read):
    """Whether the run ended by that signal, with whole lines and an INCOMPLETE."""
    messages = protocol.parse(read + process.stdout.read())
    assert process.wait(timeout=20) == -which and process.stderr.read() == b""
    statuses = [m["trace"]["stream_status"]["status"] for m in messages
                if m["type"] == "TRACE" and m["trace"]["type"] == "STREAM_STATUS"]
    assert statuses[-1] == "INCOMPLETE"


@pytest.mark.parametrize("which", [signal.SIGSTOP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXFSZ, signal.SIGPIPE,
                                   signal.SIGWINCH, signal.SIGCHLD, signal.SIGURG])
def test_a_signal_that_means_nothing_changes_nothing(halted, gate, which):
    halted.send_signal(which)
    if which == signal.SIGSTOP:
        os.waitpid(halted.pid, os.WUNTRACED)
        halted.send_signal(signal.SIGCONT)
    gate.set()
    begin = halted.begin + lines_until(halted, b'"id": "e2"')
    halted.send_signal(signal.SIGTERM)  # which it still hears
    ended_by(halted, signal.SIGTERM, begin)


@pytest.mark.parametrize("which", [signal.SIGQUIT, signal.SIGXCPU, signal.SIGALRM, signal.SIGVTALRM, signal.SIGPROF,
                                   signal.SIGIO, signal.SIGPWR])
def test_whatever_signal_ends_a_run_leaves_whole_lines(halted, which):
    halted.send_signal(which)
    ended_by(halted, which, halted.begin)


def test_a_run_that_is_stopped_during_its_grace_ends_by_its_signal(halted):
    halted.send_signal(signal.SIGSTOP)
    os.waitpid(halted.pid, os.WUNTRACED)
    halted.send_signal(signal.SIGTERM)
    halted.send_signal(signal.SIGCONT)
    ended_by(halted, signal.SIGTERM, halted.begin)
