"""A hundred thousand events, read in full, incrementally, and in two halves after a kill."""

import json

import pytest
from support import protocol
from support.connector import EXECUTABLE, STREAMS, catalog
from support.sandbox import Sandbox, most_in_a_second, true_ids

EVENTS = 100_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("large"), "--events", EVENTS, "--issues", 5000, "--releases", 2000,
                      "--projects", 4, "--event-size", "small")
    yield sandbox
    sandbox.stop()


def collect(process):
    """Ids per stream and the last state of each, line by line, each line checked."""
    ids, states = {}, {}
    for line in process.stdout:
        if not line.endswith(b"\n"):
            break
        message = json.loads(line)
        protocol.message_validator()(message)
        if message["type"] == "RECORD":
            record = message["record"]
            protocol.record_validator(record["stream"])(record["data"])
            ids.setdefault(record["stream"], []).append(str(record["data"]["id"]))
        elif message["type"] == "STATE":
            states[message["state"]["stream"]["stream_descriptor"]["name"]] = message["state"]
    return ids, states


@pytest.mark.parametrize("sync_mode", ["full_refresh", None])
def test_everything_comes_once_in_both_modes(connector, large, sync_mode):
    process = connector.start("read", large.config(), catalog(sync_mode=sync_mode))
    ids, states = collect(process)
    assert process.wait() == 0
    truth = large.truth()
    assert len(truth["events"]) > EVENTS / 8
    for stream in STREAMS:
        if stream != "project_detail":
            assert sorted(ids[stream]) == true_ids(truth, stream), stream
    assert set(states) == set(STREAMS)


def test_a_kill_in_the_middle_costs_a_few_pages(connector, large):
    process = connector.start("read", large.config(), catalog("events"))
    ids, states = {}, {}
    seen = 0
    for line in process.stdout:
        if not line.endswith(b"\n"):
            break
        if line.startswith(b'{"type":"RECORD"'):
            seen += 1
            ids.setdefault(json.loads(line)["record"]["data"]["id"], 0)
        elif line.startswith(b'{"type":"STATE"'):
            states["events"] = json.loads(line)["state"]
        if seen == 8000:
            process.kill()
    process.wait()
    rest, _ = collect(connector.start("read", large.config(), catalog("events"), [states["events"]]))
    truth = {row["id"] for row in large.truth()["events"]}
    assert set(ids) | set(rest["events"]) == truth
    assert len(set(ids) & set(rest["events"])) <= 110 + most_in_a_second(large)


def test_memory_stays_small(connector, large):
    """The peak of the largest of this test's children; the sandbox is none of them until it is stopped."""
    process = connector.start("read", large.config(), catalog())
    peak = 0
    for number, line in enumerate(process.stdout):
        if number % 500 == 0:
            with open(f"/proc/{process.pid}/status") as status:
                peak = max([peak] + [int(text.split()[1]) for text in status if text.startswith("VmHWM")])
    assert process.wait() == 0
    if "asan" not in EXECUTABLE and "tsan" not in EXECUTABLE:
        assert 0 < peak < 45 * 1024, f"{peak} kB"
