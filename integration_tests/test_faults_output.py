"""Faults behind us: a reader that stops, goes away or has no room, and signals. No torn line, no STATE ahead of its
records, and the documented exit code."""

import array
import fcntl
import itertools
import json
import os
import random
import resource
import signal
import subprocess
import termios
import threading
import time

import pytest
from support import protocol
from support.connector import EXECUTABLE, catalog
from support.fast_time import fast
from support.hostile import hang, page_of, sentry_with
from support.sandbox import Sandbox, true_ids

SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]
PIPE = 1 << 20  # what the connector makes of its stdout's pipe


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A sandbox that takes its time, so that a run can be met in its middle."""
    sandbox = Sandbox(tmp_path_factory.mktemp("slow"), "--events", 600, "--event-size", "small", "--projects", 1,
                      "--latency", 5)
    yield sandbox
    sandbox.stop()


WAITS = {
    "rate limit of an hour": ({"status": 429, "headers": {"Retry-After": "3600"}, "body": ""}, b"RATE_LIMITED"),
    "back-off": ({"status": 503, "body": ""}, b"in 8 s"),
    "black hole": (hang, None),
    "brown-out": ({"status": 410, "body": ""}, b"in 60 s"),
}


@pytest.mark.parametrize("which", SIGNALS)
@pytest.mark.parametrize("wait", WAITS)
def test_a_signal_ends_every_wait_at_once(connector, serve, wait, which):
    answer, said = WAITS[wait]
    asked = threading.Event()

    def respond(target):
        asked.set()
        return answer

    server = serve(sentry_with("/events/", respond))
    process = connector.start("read", server.config(), catalog("events"))
    lines = b""
    if said:
        for line in process.stdout:
            lines += line
            if said in line:
                break
    else:
        assert asked.wait(20)
    begin = time.monotonic()
    process.send_signal(which)
    lines += process.stdout.read()
    assert process.wait(timeout=20) == -which and time.monotonic() - begin < 3
    messages = protocol.parse(lines)
    assert messages[-1]["trace"]["stream_status"]["status"] == "INCOMPLETE"
    assert process.stderr.read() == b""


@pytest.mark.parametrize("which", SIGNALS)
def test_a_signal_at_any_line_leaves_whole_lines_and_states_that_hold(connector, slow, which):
    """parse() checks what came out; the run after it makes it complete."""
    dice = random.Random(which)
    truth = slow.truth()
    for count in dice.sample(range(1, 700), 8):
        process = connector.start("read", slow.config(num_workers=2), catalog("events", "releases"))
        lines = b"".join(itertools.islice(process.stdout, count))
        process.send_signal(which)
        lines += process.stdout.read()
        code = process.wait(timeout=20)
        assert code in (-which, 0), code  # 0: it was done before the signal came
        messages = protocol.parse(lines)
        states = {m["state"]["stream"]["stream_descriptor"]["name"]: m["state"]
                  for m in messages if m["type"] == "STATE"}
        rest = connector.read(slow.config(), catalog("events", "releases"), list(states.values()))
        for stream in ("events", "releases"):
            seen = {str(m["record"]["data"]["id"]) for m in messages
                    if m["type"] == "RECORD" and m["record"]["stream"] == stream}
            assert sorted(seen | {str(one) for one in rest.ids(stream)}) == true_ids(truth, stream), (stream, count)


@pytest.mark.parametrize("which", SIGNALS)
def test_a_signal_ends_a_check(connector, serve, which):
    asked = threading.Event()
    server = serve(sentry_with("/events/", lambda target: asked.set() or hang))
    process = connector.start("check", server.config(), None)
    assert asked.wait(20)
    process.send_signal(which)
    assert process.wait(timeout=20) == -which and process.stderr.read() == b""


@pytest.mark.parametrize("lines", [0, 1, 2, 5, 50, 300])
def test_a_pipe_closed_after_some_lines_ends_the_run_quietly(connector, slow, lines):
    process = connector.start("read", slow.config(), catalog("events"))
    for _ in range(lines):
        process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=20) == -signal.SIGPIPE
    assert process.stderr.read() == b""


@pytest.mark.parametrize("command", ["spec", "discover", "check"])
def test_a_pipe_that_nobody_reads_from_ends_every_command(connector, sandbox, command):
    arguments = connector.arguments(command, None if command == "spec" else sandbox.config())
    reader, writer = os.pipe()
    os.close(reader)
    process = subprocess.Popen([EXECUTABLE, *arguments], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert process.communicate(timeout=20)[1] == b"" and process.returncode == -signal.SIGPIPE


@pytest.mark.parametrize("command", ["spec", "discover", "check", "read"])
def test_a_full_disk_is_told_by_every_command(connector, sandbox, command):
    config = None if command == "spec" else sandbox.config()
    arguments = connector.arguments(command, config, catalog() if command == "read" else None)
    with open("/dev/full", "wb") as full:
        done = subprocess.run([EXECUTABLE, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert b"stdout cannot be written: No space left on device" in done.stderr


@pytest.mark.parametrize("room", [100, 5_000, 100_000, 300_000])
def test_a_disk_that_fills_up_in_the_middle_loses_nothing(connector, slow, room):
    """The kernel writes what still fits, so the last line may be torn, as after a kill; the lines before it count."""
    path = connector.folder / "output.jsonl"

    def leave_room():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)

    arguments = connector.arguments("read", slow.config(), catalog("events"))
    with open(path, "wb") as file:
        done = subprocess.run([EXECUTABLE, *arguments], stdout=file, stderr=subprocess.PIPE, timeout=60,
                              preexec_fn=leave_room)
    assert done.returncode == 1 and b"stdout cannot be written: File too large" in done.stderr
    assert path.stat().st_size == room
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
    saved = [line["state"] for line in lines if line["type"] == "STATE"][-1:]
    seen = {line["record"]["data"]["id"] for line in lines if line["type"] == "RECORD"}
    rest = connector.read(slow.config(), catalog("events"), saved)
    assert sorted(seen | set(rest.ids("events"))) == true_ids(slow.truth(), "events")


def test_a_reader_that_stops_for_an_hour_gets_everything(connector, sandbox):
    """The pipe fills up, our requests stand still, the server closes the connection: an hour, in which the connector
    lives 300 times as fast."""
    process = connector.start("read", sandbox.config(), catalog("events", "issues"), env={**os.environ, **fast(300)})
    begin = process.stdout.read(1)
    wait_until_full(process.stdout)
    time.sleep(3600 / 300)  # the fault itself
    lines = begin + process.stdout.read()
    assert process.wait() == 0 and process.stderr.read() == b""
    assert_whole(lines, sandbox)


def test_a_pipe_that_does_not_wait_is_waited_for(connector, sandbox):
    """Whoever else holds the pipe may have made it one that takes what it has room for, and refuses the rest."""
    ours, its = os.pipe()
    os.set_blocking(its, False)
    arguments = connector.arguments("read", sandbox.config(), catalog("events", "issues"))
    with subprocess.Popen([EXECUTABLE, *arguments], stdout=its, stderr=subprocess.PIPE) as process:
        os.close(its)
        with open(ours, "rb") as pipe:
            wait_until_full(pipe)
            lines = pipe.read()
        assert process.wait() == 0 and process.stderr.read() == b""
    assert_whole(lines, sandbox)


def assert_whole(lines, sandbox):
    messages = protocol.parse(lines)
    for stream in ("events", "issues"):
        ids = [m["record"]["data"]["id"] for m in messages if m["type"] == "RECORD" and m["record"]["stream"] == stream]
        assert sorted(ids) == true_ids(sandbox.truth(), stream)


def wait_until_full(pipe):
    """Until the writer has no room left for a page."""
    held = array.array("i", [0])
    deadline = time.monotonic() + 30
    while held[0] < PIPE * 7 // 8:
        assert time.monotonic() < deadline, f"only {held[0]} bytes were written"
        time.sleep(0.01)
        fcntl.ioctl(pipe, termios.FIONREAD, held)


def test_a_stdout_that_is_closed_is_told(connector, serve):
    """And what should have gone there goes nowhere else, such as into a connection that took its place."""
    server = serve(sentry_with("/events/", lambda target: page_of(1)))
    done = subprocess.run([EXECUTABLE, *connector.arguments("read", server.config(), catalog("events"))],
                          stderr=subprocess.PIPE, timeout=30, preexec_fn=lambda: os.close(1))
    assert done.returncode == 1 and b"stdout cannot be written" in done.stderr
    assert all(head.startswith(b"GET /api/0/") and head.endswith(b"\r\n\r\n") for head in server.heads)
