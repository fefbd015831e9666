"""Clocks that are wrong: the server's Date decides, ours only measures how long something takes."""

import json
import os
import pathlib
import shutil
from datetime import datetime, timedelta

import pytest
from support.connector import EXECUTABLE, INCREMENTAL, STREAMS, catalog, state
from support.hostile import PROJECT, HostileServer, page_of, sentry_with
from support.sandbox import true_ids

NOON = datetime.fromisoformat("2026-01-15T12:00:00+00:00")  # what support.hostile.encode says the time is


def shifted(by):
    """Environment variables with which the time of day is off. The passing of time is not: no clock that is set
    changes the monotonic one."""
    if "asan" in EXECUTABLE or "tsan" in EXECUTABLE:
        pytest.skip("the sanitizers and libfaketime want the same calls")
    library = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
    assert library, f"libfaketime is missing (package faketime; the command is at {shutil.which('faketime')})"
    return {"LD_PRELOAD": str(library), "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}


def dated(when, **answer):
    """An answer with another Date than support.hostile's."""
    return {**answer, "headers": {**answer.get("headers", {}), "Date": f"{when:%a, %d %b %Y %H:%M:%S} GMT"}}


@pytest.mark.parametrize("when", ["1970-01-01", "2000-01-01", "2001-09-09", "2038-01-19", "9999-12-31"])
@pytest.mark.parametrize("saved", [None, "2026-01-09T23:59:00.000000Z"], ids=["first", "from a state"])
def test_a_date_that_cannot_be_true_is_no_clock(connector, serve, when, saved):
    """All is read, and the mark is that of what was read."""
    date = datetime.fromisoformat(when)

    def answer(target):
        if target == "/api/0/projects/acme/web/":
            return dated(date, body=PROJECT)
        return dated(date, **(page_of(1, 2) if "/web/events/" in target else page_of()))

    run = connector.read(serve(HostileServer(answer)).config(), catalog("events"),
                         saved and state(events={"dateCreated": saved}))
    assert run.code == 0 and run.ids("events") == ["e1", "e2"]
    assert not any("future" in text for text in run.logs("WARN"))
    assert run.states("events")[-1]["dateCreated"] == "2026-01-10T00:00:00.000000Z"


@pytest.mark.parametrize("age", [None, "86400"])
def test_a_cached_document_does_not_set_the_clock_back(connector, serve, age):
    """A front keeps the project's document for a day: the state is not in the future."""
    kept = dated(NOON - timedelta(days=1), body=PROJECT, headers={"Age": age})
    server = serve(HostileServer(
        lambda target: kept if target == "/api/0/projects/acme/web/" else
        page_of(*[1] if "/events/" in target else [])))
    saved = {"dateCreated": "2026-01-15T11:50:00.000000Z"}
    run = connector.read(server.config(), catalog("events"), state(events=saved))
    assert run.code == 0 and run.states("events")[-1]["dateCreated"] == saved["dateCreated"]
    assert not any("future" in text for text in run.logs("WARN"))


OFF = ["+1h", "-1h", "+400d", "-400d"]


@pytest.mark.parametrize("by", OFF)
def test_a_wrong_clock_changes_nothing_of_what_is_read(connector, sandbox, by):
    run = connector.read(sandbox.config(), catalog(), env=shifted(by))
    assert run.code == 0 and not run.logs("WARN")
    truth = sandbox.truth()
    for stream in STREAMS:
        assert sorted(map(str, run.ids(stream))) == true_ids(truth, stream), stream
    right = connector.read(sandbox.config(), catalog())
    for stream in INCREMENTAL:
        assert run.states(stream)[-1] == right.states(stream)[-1], stream


@pytest.mark.parametrize("by", OFF)
def test_a_wrong_clock_moves_no_request(connector, start_sandbox, by):
    """The server's day is not ours either: whatever is asked for lies between the times that it knows."""
    sandbox = start_sandbox("--now", "2026-01-15T12:00:00Z", "--event-size", "small")
    first = connector.read(sandbox.config(), catalog("events", "issues", "releases"), env=shifted(by))
    assert first.code == 0
    sandbox.advance(60)
    added = sandbox.change(add_events={"project": "web", "count": 5})["add_events"]["events"]
    sandbox.advance(2)
    second = connector.read(sandbox.config(), catalog("events", "issues", "releases"), first.state_file(),
                            env=shifted(by))
    assert second.code == 0 and set(second.ids("events")) - set(first.ids("events")) == set(added)
    ends = {request["params"]["end"][0] for request in sandbox.requests()
            if request["user_agent"].startswith("source-sentry") and "end" in request["params"]}
    assert ends and all("2025-10" < end <= "2026-01-15T12:01:59Z" for end in ends), ends


@pytest.mark.parametrize("by", ["+1h", "-1h"])
def test_a_rate_limit_is_waited_out_by_the_servers_clock(connector, sandbox, by):
    """By ours the reset is long over, or an hour away; by our patience it would be a second."""
    sandbox.faults({"path": "/issues/", "times": 1, "rate_limited": 4})
    run = connector.read(sandbox.config(), catalog("issues"), env=shifted(by), timeout=30)
    assert run.code == 0 and sorted(run.ids("issues")) == true_ids(sandbox.truth(), "issues")
    asked = [request for request in sandbox.requests() if "/issues/" in request["path"]]
    assert [request["status"] for request in asked] == [429] + [200] * (len(asked) - 1)
    refused, after = (datetime.fromisoformat(request["at"].replace("Z", "+00:00")) for request in asked[:2])
    assert after >= refused.replace(microsecond=0) + timedelta(seconds=4), "asked again before the reset"


@pytest.mark.parametrize("jump", ["+1h", "-1h"])
def test_a_clock_that_jumps_during_a_wait_does_not_change_it(connector, serve, tmp_path, jump):
    """The clock is set once the wait is known and announced."""
    clock = tmp_path / "clock"
    clock.write_text("+0")
    limit = {"status": 429, "body": "", "headers": {"X-Sentry-Rate-Limit-Remaining": "0",
                                                    "X-Sentry-Rate-Limit-Reset": int(NOON.timestamp()) + 3}}
    queue = [limit]
    server = serve(sentry_with("/events/", lambda target: queue.pop() if queue else page_of(1)))
    env = {**os.environ, **shifted(""), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_NO_CACHE": "1"}
    del env["FAKETIME"]
    process = connector.start("read", server.config(), catalog("events"), env=env)
    try:
        before = json.loads(next(line for line in process.stdout if b"RATE_LIMITED" in line))
        clock.write_text(jump)
        rest = [json.loads(line) for line in process.communicate(timeout=8)[0].splitlines()]
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0 and any(message["type"] == "RECORD" for message in rest)
    passed = (rest[-1]["trace"]["emitted_at"] - before["trace"]["emitted_at"]) / 1000
    assert abs(passed - int(jump[:-1]) * 3600) < 60, "the clock did not jump"


@pytest.mark.parametrize("hours", [1, -1, 24 * 365])
def test_a_state_is_compared_with_the_servers_time_and_not_with_ours(connector, serve, hours):
    """The state is ten minutes older than the server's now: it is not in the future, whatever our clock says."""
    server = serve(sentry_with("/events/", lambda target: page_of()))
    run = connector.read(server.config(), catalog("events"), state(events={"dateCreated": "2026-01-15T11:50:00Z"}),
                         env=shifted(f"{hours:+d}h"))
    assert run.code == 0 and not any("future" in text for text in run.logs("WARN"))
    assert run.states("events")[-1]["dateCreated"] == "2026-01-15T11:50:00.000000Z"
