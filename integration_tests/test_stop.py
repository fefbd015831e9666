"""Runs that end early: signals, closed pipes, kills, and what the next run makes of it (G9, G10)."""

import json
import random
import signal
import subprocess

import pytest
from support import protocol
from support.connector import EXECUTABLE, catalog
from support.crashes import read_until_killed
from support.sandbox import Sandbox, most_in_a_second


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A sandbox that takes its time, so that a run can be met in its middle."""
    sandbox = Sandbox(tmp_path_factory.mktemp("slow"), "--events", 3000, "--event-size", "small", "--projects", 1,
                      "--latency", 20)
    yield sandbox
    sandbox.stop()


def read_until_records(process):
    """Reads lines until the first record; what was read."""
    lines = b""
    for line in process.stdout:
        lines += line
        if line.startswith(b'{"type":"RECORD"'):
            return lines
    raise AssertionError(lines)


@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_the_run_with_whole_lines_and_states(connector, slow, which):
    process = connector.start("read", slow.config(), catalog("events", "issues"))
    begin = read_until_records(process)
    process.send_signal(which)
    messages = protocol.parse(begin + process.stdout.read())
    assert process.wait(timeout=20) == -which and process.stderr.read() == b""
    ends = {m["trace"]["stream_status"]["stream_descriptor"]["name"]: m["trace"]["stream_status"]["status"]
            for m in messages if m["type"] == "TRACE" and m["trace"]["type"] == "STREAM_STATUS"}
    assert ends["events"] == "INCOMPLETE"


def test_a_signal_gets_through_when_nobody_reads(connector, slow):
    process = connector.start("read", slow.config(), catalog("events"))
    read_until_records(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=9) == -signal.SIGTERM  # PyAirbyte waits ten seconds


def test_a_closed_pipe_ends_the_run_quietly(connector, slow):
    """G10, like `head -1`."""
    process = connector.start("read", slow.config(), catalog("events"))
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=20) == -signal.SIGPIPE
    assert process.stderr.read() == b""


def test_a_full_disk_is_told_on_stderr(connector, slow):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([EXECUTABLE, *connector.arguments("read", slow.config(), catalog("events"))],
                              stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and b"No space left on device" in done.stderr


@pytest.mark.parametrize("sync_mode", [None, "full_refresh"])
def test_what_a_killed_run_wrote_and_the_next_run_are_everything(connector, slow, sync_mode):
    """SIGKILL at random points; each next run goes on from the last STATE that came out."""
    dice = random.Random(7)
    truth = {row["id"] for row in slow.truth()["events"]}
    seen, written, saved = set(), 0, []
    for attempt in range(60):
        process = connector.start("read", slow.config(), catalog("events", sync_mode=sync_mode), saved)
        stop_after = dice.randrange(100, 900)
        for count, line in enumerate(process.stdout):
            if count == stop_after:
                process.kill()
            if not line.endswith(b"\n"):
                break  # torn by the kill: Airbyte drops it, and so do we
            message = json.loads(line)
            if message["type"] == "RECORD":
                seen.add(message["record"]["data"]["id"])
                written += 1
            elif message["type"] == "STATE":
                saved = [message["state"]]
        if process.wait() == 0:
            break
    else:
        raise AssertionError("no run came to its end")
    assert attempt >= 3, "the runs were hardly killed"
    assert seen == truth
    # At most the pages since the last STATE come twice, ten and one more under way, and the second that they are in.
    assert written - len(seen) <= attempt * (110 + most_in_a_second(slow))


def test_what_a_run_writes_first_comes_not_again_when_it_looks_back(connector, start_sandbox):
    """A run that goes on inside a window writes the rest of it, and then begins the next one with a look back."""
    sandbox = start_sandbox("--events", 100, "--issues", 20, "--projects", 1, "--event-size", "small")
    config = sandbox.config(num_workers=1, lookback_window="PT10M")
    first = connector.read(config, catalog("events"))
    for _ in range(4):
        sandbox.advance(60)
        sandbox.change(add_events={"project": "web", "count": 75})
    sandbox.advance(5)
    killed = read_until_killed(connector, config, catalog("events"), first.state_file(), lines=130, drain=False)
    saved = killed.last_states()
    assert "page" in saved[0]["stream"]["stream_state"]["position"]
    rest = connector.read(config, catalog("events"), saved)
    assert rest.code == 0 and len(rest.ids("events")) == len(set(rest.ids("events")))
    whole = {event["id"] for event in sandbox.truth()["events"]}
    assert {*first.ids("events"), *killed.ids("events"), *rest.ids("events")} == whole
