"""The streams of Explore: what is asked for, beyond the 10,000 rows that Sentry lists, and what is told of samples and
of servers without a dataset."""

import pytest
from support.all_streams import config_of, keys, true_keys
from support.connector import ALL, catalog
from support.crashes import read_until_killed
from support.fast_time import fast

LISTED = ["errors_explore", "logs", "spans", "trace_metrics", "transactions", "uptime_checks"]
WALL = 10_000


@pytest.fixture
def world(start_sandbox):
    return start_sandbox("--events", 300, "--issues", 40, "--releases", 30)


def read(connector, world, stream, saved=None, sync_mode=None, **more):
    return connector.read(config_of(world, **more), catalog(stream, sync_mode=sync_mode), saved)


def fill(world, day, hours, events):
    """So many events of each hour, each hour's in one second."""
    for hour in range(hours):
        world.change(add_events={"project": "web", "count": events, "at": f"{day}T{hour:02}:30:00Z"})


def asked(world):
    return [one["params"] for one in world.requests() if one["path"].endswith("/organizations/acme/events/")]


@pytest.mark.parametrize("stream", LISTED)
def test_records_are_as_sentry_has_them(connector, sandbox, stream):
    run = read(connector, sandbox, stream)
    truth = {tuple(row[key] for key in ALL[stream]["primary_key"]): row for row in sandbox.rows(stream)}
    assert run.code == 0 and len(run.records()) == len(truth) > 0
    for record in run.records():
        row = truth[tuple(record[key] for key in ALL[stream]["primary_key"])]
        assert record == {name: row[name] for name in record}
    wanted = set(asked(sandbox)[-1]["field"])
    assert len(wanted) <= 20 and wanted <= set(run.records()[0])


@pytest.mark.parametrize("stream", ["logs", "spans"])
def test_a_day_with_more_rows_than_sentry_lists_is_complete(connector, world, stream):
    fill(world, "2026-01-14", 20, 550)
    assert len(world.rows(stream)) > WALL
    for mode in ("full_refresh", None):
        run = read(connector, world, stream, sync_mode=mode)
        assert run.code == 0 and not run.errors(), run.errors()
        assert keys(stream, run.records()) == true_keys(world, stream)


def test_a_second_with_more_rows_than_sentry_lists_is_told_with_their_number(connector, world):
    world.change(add_events={"project": "web", "count": WALL // 2 + 50, "at": "2026-01-14T10:30:00Z"})
    run = read(connector, world, "spans")
    crowd = [row for row in world.rows("spans") if row["timestamp"].startswith("2026-01-14T10:30:00")]
    [error] = run.errors("spans")
    assert run.code != 0 and "only the first 10,000" in error["message"], error
    assert f"counts {len(crowd)} in" in error["message"] and "2026-01-14T10:30:00Z" in error["message"], error
    missing = set(true_keys(world, "spans")) - set(keys("spans", run.records()))
    assert missing <= set(keys("spans", crowd)) and len(missing) <= len(crowd) - WALL, "nothing else is missing"
    again = read(connector, world, "spans", run.state_file())
    assert len(again.errors("spans")) == 1, "it is tried again"


@pytest.mark.parametrize("stream", ["logs", "trace_metrics"])
def test_what_is_new_comes_once(connector, world, stream):
    first = read(connector, world, stream)
    world.advance(60)
    added = world.change(add_events={"project": "web", "count": 30})["add_events"]["events"]
    world.advance(60)
    second = read(connector, world, stream, first.state_file())
    new = set(keys(stream, second.records())) - set(keys(stream, first.records()))
    assert len(new) == len(added) == len(second.records())
    assert sorted(keys(stream, first.records() + second.records())) == true_keys(world, stream)


@pytest.mark.parametrize("lines", [40, 400, 5000])
def test_a_killed_read_is_gone_on_with(connector, world, lines):
    fill(world, "2026-01-14", 10, 300)
    seen = read_until_killed(connector, config_of(world), catalog("spans"), lines=lines)
    run = read(connector, world, "spans", seen.last_states())
    assert run.code == 0, run.errors()
    before = list(seen.rows.get("spans", {}).values())
    assert set(keys("spans", before + run.records())) == set(true_keys(world, "spans"))


@pytest.mark.parametrize("stream", ["spans", "metric_catalog"])
def test_a_sample_is_told_once(connector, sandbox, stream):
    sandbox.faults({"path": "/events/", "times": -1, "replace": ['"dataScanned":"full"', '"dataScanned":"partial"']})
    run = read(connector, sandbox, stream)
    told = [line for line in run.logs("WARN") if "dataScanned" in line]
    assert len(told) == 1 and stream in told[0]
    assert run.code == 0 and keys(stream, run.records()) == true_keys(sandbox, stream)


def test_a_log_line_about_samples_is_none(connector, sandbox):
    sandbox.faults({"path": "/events/", "times": -1, "replace": ["angenommen", r'dataScanned\":\"partial']})
    run = read(connector, sandbox, "logs")
    assert run.code == 0 and not [line for line in run.logs("WARN") if "dataScanned" in line]
    assert any('dataScanned":"partial' in row["message"] for row in run.records())


def test_every_row_is_asked_for_rather_than_a_sample(connector, sandbox):
    assert read(connector, sandbox, "spans").code == 0
    assert {one["sampling"][0] for one in asked(sandbox)} == {"HIGHEST_ACCURACY"}


def test_pages_are_short_where_the_server_takes_no_longer_ones(connector, sandbox):
    sandbox.faults({"path": "per_page=9999", "times": -1, "status": 400,
                    "body": '{"detail":"Invalid per_page value. Cannot exceed 100."}'})
    run = read(connector, sandbox, "logs")
    assert run.code == 0 and keys("logs", run.records()) == true_keys(sandbox, "logs")
    assert {one["per_page"][0] for one in asked(sandbox)} == {"9999", "100", "1"}


@pytest.mark.parametrize("status, body", [
    (400, '{"detail":"dataset must be one of: discover, metricsEnhanced"}'),
    (404, ""),
    (500, '{"detail":"Internal Error","errorId":null}'),
])
def test_a_server_without_the_dataset_is_told(connector, sandbox, status, body):
    sandbox.faults({"path": "/acme/events/", "times": -1, "status": status, "body": body})
    run = connector.read(config_of(sandbox), catalog("trace_metrics"), env=fast(100))
    assert run.code != 0 and not run.records()
    assert "does not offer" in run.why("trace_metrics"), run.why("trace_metrics")
