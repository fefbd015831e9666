"""The streams of Explore that a user puts together (explore_streams): their types, what they are asked for, that they
are complete, and how mistakes are told."""

import json

import fastjsonschema
import pytest
from support.all_streams import config_of
from support.crashes import read_until_killed

WALL = 10_000
SPANS = {"name": "my_spans", "dataset": "spans", "fields": ["span.op", "span.duration", "is_transaction"]}
LOGS = {"name": "my_logs", "dataset": "logs", "fields": ["message", "severity"]}
OPEN = ["null", "string", "number", "boolean"]


@pytest.fixture
def world(start_sandbox):
    return start_sandbox("--events", 300, "--issues", 40, "--releases", 30)


def config(sandbox, *streams, **more):
    return config_of(sandbox, explore_streams=list(streams) or [SPANS], **more)


def wanted(*names, sync_mode="incremental"):
    return {"streams": [{"stream": {"name": name, "json_schema": {}, "supported_sync_modes": [sync_mode]},
                         "sync_mode": sync_mode, "destination_sync_mode": "append"} for name in names]}


def asked(sandbox):
    return [one["params"] for one in sandbox.requests() if one["path"].endswith("/organizations/acme/events/")]


def keys(rows):
    return sorted((row["trace"], row["id"]) for row in rows)


def entry(run, name):
    [message] = run.of("CATALOG")
    return next((stream for stream in message["catalog"]["streams"] if stream["name"] == name), None)


def types_of(stream):
    return {name: (about["type"], about.get("format")) for name, about in
            stream["json_schema"]["properties"].items()}


def test_discover_takes_the_types_from_the_server(connector, sandbox):
    run = connector.discover(config(sandbox, SPANS, LOGS))
    assert run.code == 0 and len(asked(sandbox)) == 2
    assert all(one["per_page"] == ["1"] for one in asked(sandbox))
    spans = entry(run, "my_spans")
    types = types_of(spans)
    assert set(types) == {"id", "trace", "timestamp", "span.op", "span.duration", "is_transaction"}
    assert types["span.op"] == (["null", "string"], None)
    assert types["span.duration"] == (["null", "number"], None)
    assert types["is_transaction"] == (["null", "boolean"], None)
    assert types["timestamp"] == (["null", "string"], "date-time")
    assert spans["source_defined_primary_key"] == [["trace"], ["id"]]
    assert spans["default_cursor_field"] == ["timestamp"]
    assert {"sentry.item_id", "timestamp", "timestamp_precise", "message", "severity"} == set(
        types_of(entry(run, "my_logs")))


def test_discover_asks_for_nothing_else(connector, sandbox):
    assert connector.discover(config_of(sandbox)).code == 0
    assert sandbox.requests() == []


def test_types_stay_open_where_the_server_does_not_answer(connector, sandbox):
    sandbox.faults({"path": "/events/", "times": -1, "status": 403, "body": '{"detail":"no"}'})
    run = connector.discover(config(sandbox))
    assert run.code == 0
    assert {tuple(kinds) for kinds, _ in types_of(entry(run, "my_spans")).values()} == {tuple(OPEN)}
    [told] = [line for line in run.logs("WARN") if "my_spans" in line]
    assert "leaves them open" in told and "org:read" in told


@pytest.mark.parametrize("mode", ["full_refresh", "incremental"])
def test_records_are_as_sentry_has_them(connector, sandbox, mode):
    fits = fastjsonschema.compile(entry(connector.discover(config(sandbox)), "my_spans")["json_schema"])
    run = connector.read(config(sandbox), wanted("my_spans", sync_mode=mode))
    truth = {(row["trace"], row["id"]): row for row in sandbox.rows("spans")}
    assert run.code == 0 and len(run.records()) == len(truth) > 0
    for record in run.records():
        fits(record)
        row = truth[record["trace"], record["id"]]
        assert record == {name: row[name] for name in record} and {"span.op", "timestamp"} <= set(record)
    assert {one["sampling"][0] for one in asked(sandbox)} == {"HIGHEST_ACCURACY"}


def test_only_what_was_chosen_is_asked_for(connector, sandbox):
    chosen = {**SPANS, "query": "is_transaction:true", "projects": ["web"], "environment": "production"}
    run = connector.read(config(sandbox, chosen), wanted("my_spans"))
    assert run.code == 0, run.errors()
    params = asked(sandbox)[-1]
    assert params["projectSlug"] == ["web"] and "project" not in params
    assert params["environment"] == ["production"] and params["query"] == ["is_transaction:true"]
    assert run.records() and all(record["is_transaction"] for record in run.records())


def test_what_is_new_comes_once(connector, world):
    first = connector.read(config(world, LOGS), wanted("my_logs"))
    world.advance(60)
    added = world.change(add_events={"project": "web", "count": 30})["add_events"]["events"]
    world.advance(60)
    second = connector.read(config(world, LOGS), wanted("my_logs"), first.state_file())
    both = [row["sentry.item_id"] for row in first.records() + second.records()]
    assert len(second.records()) == len(added)
    assert sorted(both) == sorted(row["sentry.item_id"] for row in world.rows("logs"))


@pytest.mark.parametrize("lines", [40, 400])
def test_a_killed_read_is_gone_on_with(connector, world, lines):
    seen = read_until_killed(connector, config(world), wanted("my_spans"), lines=lines)
    run = connector.read(config(world), wanted("my_spans"), seen.last_states())
    assert run.code == 0, run.errors()
    before = list(seen.rows.get("my_spans", {}).values())
    assert set(keys(before + run.records())) == set(keys(world.rows("spans")))


def test_a_day_with_more_rows_than_sentry_lists_is_complete(connector, world):
    for hour in range(20):
        world.change(add_events={"project": "web", "count": 550, "at": f"2026-01-14T{hour:02}:30:00Z"})
    truth = keys(world.rows("spans"))
    assert len(truth) > WALL
    run = connector.read(config(world), wanted("my_spans"))
    assert run.code == 0 and not run.errors(), run.errors()
    assert keys(run.records()) == truth


@pytest.mark.parametrize("stream", ["my_spans", "spans"])
def test_a_sample_is_told_and_kept_in_the_state_until_an_answer_is_whole(connector, world, stream):
    world.faults({"path": "/events/", "times": -1, "replace": ['"dataScanned":"full"', '"dataScanned":"partial"']})
    first = connector.read(config(world), wanted(stream))
    assert len([line for line in first.logs("WARN") if "dataScanned" in line and stream in line]) == 1
    since = first.states(stream)[-1]["partial_since"]
    assert since.startswith("2026-01-15T12:1")
    world.advance(3600)
    again = connector.read(config(world), wanted(stream), first.state_file())
    assert again.states(stream)[-1]["partial_since"] == since, "it has been so since then"
    world.reset()
    whole = connector.read(config(world), wanted(stream), again.state_file())
    assert whole.code == 0 and "partial_since" not in whole.states(stream)[-1]


MISTAKES = {
    "no list": ({"name": "x"}, "'explore_streams' must be a list of objects"),
    "no object": (["x"], "'explore_streams[0]' must be an object"),
    "no name": ([{**SPANS, "name": ""}], "'explore_streams[0].name' is empty"),
    "a bad name": ([{**SPANS, "name": "My Spans"}], "'explore_streams[0].name' is \"My Spans\""),
    "a double name": ([SPANS, LOGS, SPANS], "'explore_streams[2].name' is \"my_spans\", which is the name of "
                                            "explore_streams[0], too"),
    "a core name": ([LOGS, {**SPANS, "name": "issues"}], "'explore_streams[1].name' is \"issues\""),
    "no dataset": ([{**SPANS, "dataset": "spam"}], "'explore_streams[0].dataset' is \"spam\""),
    "no fields": ([{**SPANS, "fields": []}], "'explore_streams[0].fields' is empty"),
    "a function": ([{**SPANS, "fields": ["count()"]}], "'explore_streams[0].fields' holds count()"),
    "too many fields": ([LOGS, SPANS, {**SPANS, "name": "y", "fields": [f"f{i}" for i in range(21)]}],
                        "'explore_streams[2].fields' holds 21 fields"),
    "too many with the key": ([{**SPANS, "fields": [f"f{i}" for i in range(18)]}], "trace, id, timestamp are always"),
    "an unknown key": ([{**SPANS, "feilds": []}], "'explore_streams[0].feilds' is unknown"),
    "aggregates": ([{**SPANS, "mode": "aggregates"}], "'explore_streams[0].mode' is \"aggregates\""),
    "both kinds of projects": ([{**SPANS, "projects": ["web", "4507"]}], "'explore_streams[0].projects'"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_place(connector, sandbox, mistake):
    streams, says = MISTAKES[mistake]
    status = connector.check(config_of(sandbox, explore_streams=streams)).connection_status()
    assert status["status"] == "FAILED" and says in status["message"], status
    run = connector.read(config_of(sandbox, explore_streams=streams), wanted("my_spans"))
    assert run.code == 1 and says in run.errors()[0]["message"]
    assert sandbox.requests() == []


@pytest.mark.parametrize("change, place, words", [
    ({"fields": ["span.opp"]}, "explore_streams[1].fields", "has no field 'span.opp'"),
    ({"query": "colour:red"}, "explore_streams[1].query", "does not search items by 'colour:red'"),
])
def test_what_the_server_refuses_is_told_in_its_words(connector, sandbox, change, place, words):
    refused = config(sandbox, LOGS, {**SPANS, **change})
    status = connector.check(refused).connection_status()
    assert status["status"] == "FAILED" and place in status["message"] and words in status["message"], status
    run = connector.read(refused, wanted("my_spans", "my_logs"))
    assert run.code == 1 and run.records("my_logs") and not run.records("my_spans")
    assert place in run.why("my_spans") and words in run.why("my_spans")


def test_check_asks_each_of_them_for_one_row(connector, sandbox):
    run = connector.check(config(sandbox, SPANS, LOGS))
    assert run.connection_status()["status"] == "SUCCEEDED"
    ours = [one for one in asked(sandbox) if "span.op" in one["field"] or "severity" in one["field"]]
    assert len(ours) == 2 and all(one["per_page"] == ["1"] for one in ours)
    assert any("my_spans: readable" in line for line in run.logs("INFO"))


def test_another_name_hides_the_stream_that_has_it(connector, sandbox):
    ours = config(sandbox, {**SPANS, "name": "logs"})
    run = connector.discover(ours)
    assert "span.op" in types_of(entry(run, "logs"))
    assert len([line for line in run.logs("INFO") if "logs" in line and "hides" in line]) == 1
    read = connector.read(ours, wanted("logs"))
    assert read.code == 0 and keys(read.records()) == keys(sandbox.rows("spans"))


def test_people_see_them_too(connector, sandbox, tmp_path):
    path = connector.file("mine.json", config(sandbox))
    out = tmp_path / "out"
    run = connector.run("read", "--config", path, "--streams", "my_*", "--output", str(out))
    assert run.code == 0, run.stderr
    assert any(out.rglob("my_spans*"))
    wrong = connector.run("read", "--config", path, "--streams", "my_spanz", "--output", str(out))
    assert wrong.code == 2 and 'Did you mean "my_spans"?' in wrong.stderr


def test_a_flag_takes_them_as_json(connector, sandbox):
    path = connector.file("plain.json", config_of(sandbox))
    run = connector.run("discover", "--config", path, "--set", "explore_streams=" + json.dumps([SPANS]))
    assert run.code == 0 and entry(run, "my_spans")
    wrong = connector.run("discover", "--config", path, "--set", "explore_streams=my_spans")
    assert wrong.code == 1 and "'explore_streams' must be a list of objects" in wrong.errors()[0]["message"]


def test_fields_are_left_out(connector, sandbox):
    ours = config(sandbox, exclude_fields=["my_spans.span.op"])
    assert "span.op" not in types_of(entry(connector.discover(ours), "my_spans"))
    run = connector.read(ours, wanted("my_spans"))
    assert run.records() and all("span.op" not in record for record in run.records())
