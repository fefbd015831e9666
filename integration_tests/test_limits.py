"""Rate limits: waited out as the headers say, told to the user, with the heartbeat going on (G3)."""

import os
import time

import pytest
from support.connector import catalog
from support.fast_time import fast
from support.sandbox import true_ids


FASTER = 10


def rate_limited(run, stream):
    return [status for status in run.statuses(stream) if status.get("reasons")]


@pytest.mark.parametrize("shape", ["gateway", "query", "old", "glitchtip"])
def test_every_shape_of_429_is_waited_out(connector, sandbox, shape):
    sandbox.faults({"path": "/issues/", "times": 1, "rate_limited": 2, "rate_limited_shape": shape})
    run = connector.read(sandbox.config(), catalog("issues"))
    assert run.code == 0
    assert sorted(run.ids("issues")) == true_ids(sandbox.truth(), "issues")
    told = rate_limited(run, "issues")
    assert len(told) == 1 and [reason["type"] for reason in told[0]["reasons"]] == ["RATE_LIMITED"]
    after = run.statuses("issues")[run.statuses("issues").index(told[0]) + 1]
    assert after["status"] == "RUNNING" and not after.get("reasons")
    assert len([text for text in run.logs("INFO") if "rate limit" in text]) == 1


def test_it_waits_as_long_as_the_reset_says_and_no_longer(connector, sandbox):
    sandbox.faults({"path": "/issues/", "times": 1, "rate_limited": 4})
    begin = time.monotonic()
    assert connector.read(sandbox.config(), catalog("issues")).code == 0
    assert 3 <= time.monotonic() - begin < 20


def test_a_stream_that_waits_does_not_hold_up_the_others(connector, sandbox):
    sandbox.faults({"path": "/events/", "times": 1, "rate_limited": 5})
    run = connector.read(sandbox.config(), catalog("events", "issues"))
    assert run.code == 0
    position = {id(message): i for i, message in enumerate(run.messages)}
    issues_done = next(i for i, m in enumerate(run.messages) if m["type"] == "TRACE"
                       and m["trace"].get("stream_status", {}).get("status") == "COMPLETE"
                       and m["trace"]["stream_status"]["stream_descriptor"]["name"] == "issues")
    first_event = next(position[id(m)] for m in run.of("RECORD") if m["record"]["stream"] == "events")
    assert issues_done < first_event


def test_sentrys_own_limits_are_kept_without_provoking_refusals(connector, start_sandbox):
    sandbox = start_sandbox("--events", 200, "--projects", 1, "--event-size", "small", "--days", 2,
                            "--limits", "sentry.io", "--limit", "project-events=12/3/1")
    run = connector.read(sandbox.config(), catalog("events", "issues", "releases"))
    assert run.code == 0 and len(run.ids("events")) == len(sandbox.truth()["events"])
    refused = [request for request in sandbox.requests() if request["status"] == 429]
    assert len(refused) <= 1, "the headers say when to wait"
    assert rate_limited(run, "events")


def test_a_long_wait_keeps_the_heartbeat(connector, sandbox):
    """The last STATE is written again at least every minute, with the count of what came since."""
    sandbox.faults({"path": "/events/", "after": 1, "times": 1, "rate_limited": 65})
    process = connector.start("read", sandbox.config(), catalog("events"), env={**os.environ, **fast(FASTER)})
    times = [time.monotonic()]
    for line in process.stdout:
        if line.startswith((b'{"type":"STATE"', b'{"type":"RECORD"')):
            times.append(time.monotonic())
    assert process.wait() == 0
    gaps = [FASTER * (after - before) for before, after in zip(times, times[1:])]
    assert max(gaps) < 60 and sum(gap > 25 for gap in gaps) >= 2
