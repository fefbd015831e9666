"""Time series by whole days: usage and release health (org_stats, stats_summary, release_health)."""

import collections
import datetime
import re
import urllib.parse

import pytest
from support.all_streams import config_of
from support.connector import ALL, catalog

SERIES = ["org_stats", "stats_summary", "release_health"]
PATHS = {"org_stats": "stats_v2/", "stats_summary": "stats-summary/", "release_health": "sessions/"}
TODAY = datetime.date(2026, 1, 15)  # of the sandbox's clock
DAY = 86_400


def day(back):
    return f"{TODAY - datetime.timedelta(days=back)}T00:00:00Z"


def by_key(stream, rows):
    return {tuple(str(row[key]) for key in ALL[stream]["primary_key"]): row for row in rows}


def true_rows(sandbox, stream, back=90):
    """What a complete read gives of the days since then."""
    rows = [row for row in sandbox.rows(stream) if row["date"] >= day(back)]
    return by_key(stream, [{name: value for name, value in row.items() if name != "id"} for row in rows])


def asked(sandbox, stream):
    """The first and last moments of the windows that were asked for."""
    found = []
    for request in sandbox.requests():
        query = urllib.parse.parse_qs(request["query"])
        if request["path"].endswith(PATHS[stream]) and "start" in query:
            found.append((query["start"][0], query["end"][0]))
    return found


def days_of(run, stream):
    return sorted({record["date"] for record in run.records(stream)})


@pytest.mark.parametrize("sync_mode", ["full_refresh", None])
@pytest.mark.parametrize("stream", SERIES)
def test_every_value_of_every_day_is_read(connector, sandbox, stream, sync_mode):
    run = connector.read(config_of(sandbox), catalog(stream, sync_mode=sync_mode))
    assert run.code == 0 and not run.errors(), run.errors()
    truth = true_rows(sandbox, stream)
    assert by_key(stream, run.records()) == truth
    assert len(run.records()) == len(truth)
    if sync_mode is None:
        assert run.states(stream)[-1]["date"] == f"{TODAY}T00:00:00.000000Z"


def test_zeros_and_nulls_are_kept(connector, sandbox):
    run = connector.read(config_of(sandbox), catalog(*SERIES))
    assert any(record["sum(quantity)"] == 0 for record in run.records("org_stats"))
    without = [record for record in run.records("release_health") if record["crash_free_rate(session)"] is None]
    assert without and all(record["sum(session)"] == 0 for record in without)
    assert all("totals" not in record for record in run.records("org_stats"))


@pytest.mark.parametrize("stream", SERIES)
def test_whole_days_are_asked_for(connector, sandbox, stream):
    connector.read(config_of(sandbox), catalog(stream))
    windows = asked(sandbox, stream)
    assert windows
    for start, end in windows:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00Z", start) and re.fullmatch(r"\d{4}-\d\d-\d\dT23:59:59Z", end)
        if stream != "org_stats":
            assert start[:10] == end[:10]
    if stream == "release_health":  # more groups than a page has
        assert max(collections.Counter(windows).values()) > 1


@pytest.mark.parametrize("stream", SERIES)
def test_the_last_three_days_are_read_again(connector, start_sandbox, stream):
    """What came in late replaces what was read before."""
    sandbox = start_sandbox("--events", 300, "--issues", 40)
    first = connector.read(config_of(sandbox), catalog(stream))
    sandbox.advance(DAY)
    sandbox.reset()
    second = connector.read(config_of(sandbox), catalog(stream), first.state_file())
    assert days_of(second, stream) == [day(back) for back in (2, 1, 0, -1)]
    assert min(asked(sandbox, stream))[0] == day(2)
    both = by_key(stream, first.records() + second.records())
    truth = true_rows(sandbox, stream)
    assert {key: row for key, row in both.items() if key[0] >= min(truth)[0]} == truth  # the oldest day is gone


@pytest.mark.parametrize("stream", SERIES)
def test_a_start_date_bounds_the_first_run(connector, sandbox, stream):
    run = connector.read(config_of(sandbox, start_date=day(5)), catalog(stream))
    assert by_key(stream, run.records()) == true_rows(sandbox, stream, 5)


@pytest.mark.parametrize("stream", SERIES)
def test_a_killed_run_is_continued(connector, start_sandbox, stream):
    sandbox = start_sandbox("--events", 300, "--issues", 40)
    sandbox.faults({"path": PATHS[stream], "after": 2, "times": -1, "status": 401, "body": '{"detail":"no"}'})
    first = connector.read(config_of(sandbox), catalog(stream))
    assert first.code != 0 and first.states(stream)
    sandbox.reset()
    second = connector.read(config_of(sandbox), catalog(stream), first.state_file())
    assert second.code == 0, second.errors()
    truth = true_rows(sandbox, stream)
    assert by_key(stream, first.records() + second.records()) == truth
    if stream != "release_health":  # its oldest days hold nothing
        assert len(second.records()) < len(truth)
    assert min(asked(sandbox, stream))[0] > day(89)


@pytest.mark.parametrize("stream", SERIES)
def test_a_day_that_fails_is_told_and_read_by_the_next_run(connector, start_sandbox, stream):
    sandbox = start_sandbox("--events", 300, "--issues", 40)
    fault = {"path": f"start={day(7)}", "times": -1, "status": 400, "body": '{"detail":"no"}'}
    config = config_of(sandbox, start_date=day(7) if stream == "org_stats" else day(10))
    sandbox.faults(fault)
    first = connector.read(config, catalog(stream))
    assert first.code != 0 and day(7)[:10] in first.why(stream)
    assert day(7) not in days_of(first, stream) and day(6) in days_of(first, stream)
    sandbox.reset()
    second = connector.read(config, catalog(stream), first.state_file())
    assert second.code == 0 and day(7) in days_of(second, stream)
    assert day(6) in days_of(second, stream)
