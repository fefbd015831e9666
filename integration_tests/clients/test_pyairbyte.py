"""PyAirbyte with the real executable, into DuckDB and into a real PostgreSQL, compared with the sandbox's truth."""

import json
import re
import subprocess

import pytest
from pyairbyte import PyAirbyte, joined, surroundings
from pyairbyte_caches import DuckDBTables, PostgresTables, column, column_types, sent, stored
from support.connector import EXECUTABLE, INCREMENTAL, STREAMS, catalog
from support.environments import environment
from support.protocol import ROOT
from support.sandbox import true_ids

# In the middle of an hour, so that no sparkline moves on between two reads.
WORLD = ("--now", "2026-01-15T12:10:00Z", "--events", 400, "--issues", 60, "--releases", 40)


@pytest.fixture(scope="module")
def pyairbyte(tmp_path_factory):
    client = PyAirbyte(tmp_path_factory.mktemp("pyairbyte"))
    yield client
    client.stop()


@pytest.fixture
def duckdb(pyairbyte, tmp_path):
    return DuckDBTables(pyairbyte, tmp_path)


@pytest.fixture(params=["duckdb", "postgres"])
def store(request, tmp_path):
    if request.param == "duckdb":
        return request.getfixturevalue("duckdb")
    return PostgresTables(request.getfixturevalue("postgres"), tmp_path.name)


def expect_all(answer, sandbox, streams=STREAMS):
    """That the cache has as many rows of every stream as there are in truth."""
    truth = sandbox.truth()
    assert "result" in answer, answer
    assert answer["result"] == {stream: len(true_ids(truth, stream)) for stream in streams}


def test_what_it_finds_out_before_it_reads(pyairbyte, sandbox):
    assert pyairbyte.expect("check", sandbox.config()) is None
    found = pyairbyte.expect("describe", sandbox.config())
    assert found["streams"] == STREAMS
    spec = json.loads((ROOT / "schemas" / "spec.json").read_text())
    assert found["config_spec"] == spec["connectionSpecification"]


def test_all_streams_and_then_what_is_new(pyairbyte, connector, start_sandbox, store):
    sandbox = start_sandbox(*WORLD)
    store.prepare(sandbox)
    expect_all(pyairbyte.read(sandbox.config(), store.cache), sandbox)
    before, first = store.tables(), sent(connector.read(sandbox.config(), catalog()), store)
    assert stored(before) == first
    for stream in STREAMS:
        assert column_types(stream, store).items() <= before[stream]["columns"].items(), stream

    sandbox.advance(120)
    sandbox.change(add_events={"project": "web", "count": 30, "new_issue": True},
                   add_release={"project": "web", "version": "web@99.0.0"}, add_project={"slug": "newcomer"})
    sandbox.advance(2)
    expect_all(pyairbyte.read(sandbox.config(), store.cache), sandbox)
    after, second = store.tables(), sent(connector.read(sandbox.config(), catalog()), store)
    added = {stream: second[stream].keys() - first[stream].keys() for stream in INCREMENTAL}
    assert {stream: len(ids) for stream, ids in added.items()} == {"events": 30, "issues": 1, "releases": 1,
                                                                  "projects": 1}
    for stream, rows in stored(after).items():
        again = came_again(before[stream], after[stream])
        if stream in INCREMENTAL:
            assert added[stream] <= again <= added[stream] | newest(first[stream], column(INCREMENTAL[stream])), stream
        else:
            assert again == rows.keys(), stream
        assert rows == {**first[stream], **{key: second[stream][key] for key in again}}, stream


def came_again(before, after):
    """The ids of the rows that were read between two looks at a table."""
    was = {row["id"]: row["_airbyte_extracted_at"] for row in before["rows"]}
    return {row["id"] for row in after["rows"] if was.get(row["id"]) != row["_airbyte_extracted_at"]}


def newest(rows, cursor):
    """The ids of those as old as the state: they come again, since more of that age may have come."""
    youngest = max(row[cursor] for row in rows.values())
    return {key for key, row in rows.items() if row[cursor] == youngest}


def test_a_forced_full_refresh_forgets_what_is_gone(pyairbyte, connector, start_sandbox, duckdb):
    sandbox, streams = start_sandbox(*WORLD), ["issues", "releases"]
    expect_all(pyairbyte.read(sandbox.config(), duckdb.cache, streams), sandbox, streams)
    before = duckdb.tables()
    gone = sandbox.truth()["issues"][0]["id"]
    sandbox.change(delete_issue=gone)
    expect_all(pyairbyte.read(sandbox.config(), duckdb.cache, streams, force_full_refresh=True,
                              write_strategy="replace"), sandbox, streams)
    after = duckdb.tables()
    assert stored(after) == sent(connector.read(sandbox.config(), catalog()), duckdb, streams)
    assert gone in stored(before)["issues"] and gone not in stored(after)["issues"]
    for stream in streams:
        assert came_again(before[stream], after[stream]) == stored(after)[stream].keys()
    # An incremental read goes on from there.
    sandbox.advance(60)
    sandbox.change(add_issue={"project": "web"})
    sandbox.advance(2)
    expect_all(pyairbyte.read(sandbox.config(), duckdb.cache, ["issues"]), sandbox, ["issues"])
    assert stored(duckdb.tables())["issues"] == sent(connector.read(sandbox.config(), catalog()), duckdb)["issues"]


@pytest.mark.parametrize("changes, says, source_says", [
    ({"organization": None}, "'organization' is a required property", "'organization' is a required property"),
    ({"num_workers": "many"}, "'many' is not of type 'integer'", "'num_workers' must be a whole number from 1 to 20"),
])
def test_a_configuration_that_the_spec_forbids(pyairbyte, sandbox, duckdb, changes, says, source_says):
    config = sandbox.config(**changes)
    refused = pyairbyte.ask("validate", config)
    assert refused["error"] == "AirbyteConnectorValidationFailedError" and says in refused["text"]
    checked = pyairbyte.ask("check", config)
    assert checked["error"] == "AirbyteConnectorCheckFailedError" and source_says in checked["text"]
    read = pyairbyte.read(config, duckdb.cache)
    assert read["error"] == "AirbyteConnectorFailedError" and source_says in read["printed"]
    assert not sandbox.requests()


def test_a_wrong_token(pyairbyte, sandbox, duckdb):
    config = sandbox.config(auth_token="not-the-token")
    checked = pyairbyte.ask("check", config)
    assert checked["error"] == "AirbyteConnectorCheckFailedError" and "does not know the token" in checked["text"]
    read = pyairbyte.read(config, duckdb.cache)
    # The exception names the exit code; the reason is printed, as with every source.
    assert read["error"] == "AirbyteConnectorFailedError" and "Exit Code: 1" in read["text"]
    assert "ERROR: Sentry does not know the token." in read["printed"]
    assert "not-the-token" not in json.dumps([checked, read])
    assert stored(duckdb.tables()) == {}


def test_a_source_that_fails_half_way_loses_nothing(pyairbyte, connector, start_sandbox, duckdb):
    """PyAirbyte writes rows and states only once the source has ended well."""
    sandbox, streams = start_sandbox(*WORLD), ["events", "issues"]
    config = sandbox.config(lookback_window="PT0S")
    expect_all(pyairbyte.read(config, duckdb.cache, streams), sandbox, streams)
    before = duckdb.tables()
    sandbox.advance(60)
    sandbox.change(add_events={"project": "web", "count": 60, "new_issue": True})
    sandbox.advance(2)
    sandbox.faults({"path": "full=true", "after": 3, "times": -1, "status": 403, "body": '{"detail":"no"}'})
    failed = pyairbyte.read(config, duckdb.cache, streams)
    assert failed["error"] == "AirbyteConnectorFailedError" and "Exit Code: 1" in failed["text"]
    assert 'ERROR: The token may not read the events of the project "web".' in failed["printed"]
    half = re.findall(r"events: ([0-9]+) records in 3 pages, .* Failed there", pyairbyte.source_log())
    assert len(half) == 1 and int(half[0]) > 20, "it should have failed half-way"
    assert duckdb.tables() == before
    sandbox.reset()
    expect_all(pyairbyte.read(sandbox.config(), duckdb.cache, streams), sandbox, streams)
    assert stored(duckdb.tables()) == sent(connector.read(sandbox.config(), catalog()), duckdb, streams)


def test_ten_records_and_no_more(pyairbyte, start_sandbox):
    sandbox = start_sandbox("--events", 4000, "--event-size", "small", "--projects", 1)
    answer = pyairbyte.ask("take", sandbox.config(), stream="events", count=10)
    known = set(true_ids(sandbox.truth(), "events"))
    assert len({record["id"] for record in answer["result"]} & known) == 10
    assert pyairbyte.children() == [] and "Exception" not in answer["printed"]
    assert len(sandbox.requests()) < 100, "there are 400 pages"


def test_its_command_line_validates_the_executable(sandbox, tmp_path):
    done = subprocess.run([environment("pyairbyte") / "pyab", "validate", f"--connector={EXECUTABLE}",
                           f"--config={json.dumps(sandbox.config())}"], capture_output=True, text=True, cwd=tmp_path,
                          env=surroundings(tmp_path), timeout=120)
    assert done.returncode == 0, done.stderr
    assert "Connection check succeeded" in joined(done.stderr) and "auth_token" in done.stderr
