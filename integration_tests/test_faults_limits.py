"""429 in all its forms: waited out as the server says, and by our own patience where it says nothing of use."""

import email.utils
import time
from datetime import datetime

import pytest
from support.connector import catalog
from support.fast_time import fast
from support.hostile import page_of, sentry_with

NOON = datetime.fromisoformat("2026-01-15T12:00:00+00:00")  # what support.hostile.encode says the time is


def read_events(connector, serve, respond, **more):
    return connector.read(serve(sentry_with("/events/", respond)).config(), catalog("events"), **more)


def limited(**headers):
    names = {"reset": "X-Sentry-Rate-Limit-Reset", "remaining": "X-Sentry-Rate-Limit-Remaining",
             "retry_after": "Retry-After", "date": "Date"}
    return {"status": 429, "body": {"detail": "You are attempting to use this endpoint too frequently."},
            "headers": {names[key]: value for key, value in headers.items()}}


def test_a_reset_hours_away_is_announced_and_waited_for(connector, serve):
    """Three hours; the status says until when, and the heartbeat goes on."""
    times = []

    def respond(target):
        times.append(time.monotonic())
        return limited(remaining=0, reset=int(NOON.timestamp()) + 3 * 3600) if len(times) == 1 else page_of(1)

    run = read_events(connector, serve, respond, env=fast(2000))
    assert run.code == 0 and run.ids("events") == ["e1"] and len(times) == 2
    assert times[1] - times[0] >= 3 * 3600 / 2000 - 0.1
    waits = [status for status in run.statuses("events") if status.get("reasons")]
    assert [reason["type"] for reason in waits[0]["reasons"]] == ["RATE_LIMITED"]
    begin = next(message["trace"]["emitted_at"] for message in run.of("TRACE"))
    reset = waits[0]["reasons"][0]["rate_limited"]["quota_reset"]
    assert 2.9 * 3600e3 < reset - begin < 3.3 * 3600e3
    assert len(run.states("events")) > 100, "the last STATE is written again every half minute"


@pytest.mark.parametrize("headers", [
    {}, {"remaining": 0}, {"reset": int(NOON.timestamp()) - 60}, {"reset": 0}, {"reset": -1}, {"reset": "soon"},
    {"reset": "9" * 40}, {"reset": int(NOON.timestamp()) + 3 * 86400}, {"reset": ""}, {"retry_after": -5},
    {"retry_after": "tomorrow"}, {"retry_after": "9" * 40}, {"retry_after": "Thu, 15 Jan 2026 11:00:00 GMT"},
    {"reset": int(NOON.timestamp()) + 60, "date": None}, {"reset": int(NOON.timestamp()) + 60, "date": "today"},
], ids=["absent", "remaining only", "past", "1970", "negative", "a word", "past 2^64", "days away", "empty",
        "negative Retry-After", "a word in Retry-After", "Retry-After past 2^64", "Retry-After in the past",
        "no Date to compare with", "a Date that is none"])
def test_a_reset_of_no_use_is_replaced_by_our_own_patience(connector, serve, headers):
    """1, 2 and 4 seconds."""
    times = []

    def respond(target):
        times.append(time.monotonic())
        return limited(**headers) if len(times) <= 3 else page_of(1)

    run = read_events(connector, serve, respond, env=fast(20))
    assert run.code == 0 and run.ids("events") == ["e1"]
    waits = [(after - before) * 20 for before, after in zip(times, times[1:])]
    assert all(wait >= least - 0.1 for wait, least in zip(waits, (1, 2, 4))), waits
    assert sum(waits) < 60, waits


# Body, content type, and the header that tells of the reset; two tell the length of the limit's window.
SHAPES = {
    "gateway": ('"You are attempting to use this endpoint too frequently. Limit is 40 requests in 5 seconds"',
                "text/html; charset=utf-8", "X-Sentry-Rate-Limit-Reset"),
    "query": ({"detail": "Rate limit exceeded. Please try your query with a smaller date range or fewer projects."},
              "application/json", "X-Sentry-Rate-Limit-Reset"),
    "old": ({"detail": "You are attempting to use this endpoint too quickly. Limit is 3/5s"},
            "application/json", "X-Sentry-Rate-Limit-Reset"),
    "GlitchTip": ({"message": "Please retry later"}, "application/json", "Retry-After"),
}
# The value of either header.
RESETS = {
    "hours away": {"X-Sentry-Rate-Limit-Reset": int(NOON.timestamp()) + 2 * 3600, "Retry-After": 2 * 3600},
    "past": {"X-Sentry-Rate-Limit-Reset": int(NOON.timestamp()) - 60, "Retry-After": "Thu, 15 Jan 2026 11:59:00 GMT"},
    "absent": {"X-Sentry-Rate-Limit-Reset": None, "Retry-After": None},
    "nonsense": {"X-Sentry-Rate-Limit-Reset": "9e99", "Retry-After": "soon"},
}


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_with_every_odd_reset_is_waited_out(connector, serve, shape, reset):
    """In the middle of a list. Where the reset says nothing of use, the window in the text does, else our patience."""
    body, content_type, header = SHAPES[shape]
    answer = {"status": 429, "body": body, "headers": {"Content-Type": content_type, header: RESETS[reset][header]}}
    refusals, factor = (1, 3000) if reset == "hours away" else (3, 20)
    times = []

    def respond(target):
        if "cursor=0%3A2%3A0" not in target:
            return page_of(1, 2, cursor="0:2:0")
        times.append(time.monotonic())
        return answer if len(times) <= refusals else page_of(3)

    run = read_events(connector, serve, respond, env=fast(factor))
    assert run.code == 0 and sorted(run.ids("events")) == ["e1", "e2", "e3"] and len(times) == refusals + 1
    waits = [(after - before) * factor for before, after in zip(times, times[1:])]
    least = [2 * 3600] if reset == "hours away" else [5, 5, 5] if shape in ("gateway", "old") else [1, 2, 4]
    assert all(low - 0.1 <= wait < low * 1.5 + 5 * factor for low, wait in zip(least, waits)), waits
    assert [status["reasons"][0]["type"] for status in run.statuses("events") if status.get("reasons")]


@pytest.mark.parametrize("retry_after", ["2", email.utils.format_datetime(NOON.replace(second=2), usegmt=True)])
def test_retry_after_is_kept_in_both_of_its_forms(connector, serve, retry_after):
    times = []

    def respond(target):
        times.append(time.monotonic())
        return limited(retry_after=retry_after) if len(times) == 1 else page_of(1)

    assert read_events(connector, serve, respond).code == 0
    assert 1.9 <= times[1] - times[0] < 10


def test_a_limit_that_is_met_again_and_again_is_never_a_failure(connector, serve):
    calls = []

    def respond(target):
        calls.append(target)
        return limited(retry_after=30) if len(calls) <= 40 else page_of(1)

    run = read_events(connector, serve, respond, env=fast(300))
    assert run.code == 0 and run.ids("events") == ["e1"] and len(calls) == 41
