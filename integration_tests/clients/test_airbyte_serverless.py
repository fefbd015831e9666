"""airbyte_serverless with the real executable: its command line, from a new connection to what is new next day."""

import json
import pathlib
import subprocess

import pytest
import yaml
from support.connector import EXECUTABLE, STREAMS, catalog
from support.environments import environment
from support.protocol import ROOT
from support.sandbox import most_in_a_second, true_ids

DRIVER = pathlib.Path(__file__).with_name("airbyte_serverless_driver.py")


class Connection:
    """A connection made by `abs create` in `folder`, with what has arrived."""

    def __init__(self, folder):
        self.folder = folder
        self.created = self.abs("create", "sentry", "--source", EXECUTABLE, "--destination", "folder")
        self.file = folder / "connections" / "sentry.yaml"

    def abs(self, *arguments):
        """What the command prints. It ends with 0 whatever happens, so look for SUCCESS or ERROR."""
        done = subprocess.run([environment("airbyte-serverless") / "python", DRIVER, *arguments], cwd=self.folder,
                              capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def configure(self, config):
        """Fills in the file as its user is told to."""
        connection = yaml.safe_load(self.file.read_text())
        connection["source"]["config"] = config
        connection["destination"]["config"] = {"folder": str(self.folder / "rows")}
        self.file.write_text(yaml.safe_dump(connection))

    def run(self):
        printed = self.abs("run", "sentry")
        assert "SUCCESS: OK" in printed, printed

    def rows(self, stream):
        """Every record of the stream that ever arrived, in order."""
        path = self.folder / "rows" / f"_airbyte_raw_{stream}.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        return [json.loads(json.loads(line)["_airbyte_data"]) for line in lines]

    def records(self, stream):
        """The last row of each id."""
        return by_id(self.rows(stream))


def by_id(records):
    return {record["id"]: record for record in records}


@pytest.fixture
def connection(tmp_path):
    return Connection(tmp_path)


def test_a_new_connection_asks_for_what_the_spec_asks_for(connection, sandbox):
    assert "SUCCESS: Created connection" in connection.created
    made = yaml.safe_load(connection.file.read_text())
    spec = json.loads((ROOT / "schemas" / "spec.json").read_text())["connectionSpecification"]
    assert made["source"]["executable"] == EXECUTABLE
    assert made["source"]["config"].keys() == spec["properties"].keys()
    assert made["source"]["config"]["hostname"] == "sentry.io" and made["source"]["config"]["num_workers"] == 5
    connection.configure(sandbox.config())
    assert f"SUCCESS: {','.join(STREAMS)}\n" in connection.abs("list-available-streams", "sentry")


def test_all_streams_and_then_what_is_new(connection, connector, start_sandbox):
    sandbox = start_sandbox("--now", "2026-01-15T12:10:00Z", "--events", 400, "--issues", 60, "--releases", 40)
    connection.configure(sandbox.config())
    connection.run()
    run = connector.read(sandbox.config(), catalog())
    before = {stream: connection.rows(stream) for stream in STREAMS}
    for stream in STREAMS:
        assert sorted(str(row["id"]) for row in before[stream]) == true_ids(sandbox.truth(), stream), stream
        assert by_id(before[stream]) == by_id(run.records(stream)), stream

    sandbox.advance(120)
    sandbox.change(add_events={"project": "web", "count": 30, "new_issue": True},
                   add_release={"project": "web", "version": "web@99.0.0"}, add_project={"slug": "newcomer"})
    sandbox.advance(2)
    connection.run()
    again = connector.read(sandbox.config(), catalog(), run.state_file())
    for stream in STREAMS:
        assert sorted(map(str, connection.records(stream))) == true_ids(sandbox.truth(), stream), stream
        came = connection.rows(stream)[len(before[stream]):]
        assert by_id(came) == by_id(again.records(stream)), stream
    for stream, new in {"events": 30, "issues": 1, "releases": 1, "projects": 1}.items():
        came = connection.rows(stream)[len(before[stream]):]
        assert new <= len(came) < new + 10, stream
        assert len(connection.records(stream)) == len(before[stream]) + new, stream


def test_a_source_that_fails_half_way_goes_on_from_its_last_state(connection, start_sandbox):
    sandbox = start_sandbox("--events", 4000, "--event-size", "small", "--projects", 1)
    connection.configure(sandbox.config())
    assert "SUCCESS" in connection.abs("set-streams", "sentry", "events")
    sandbox.faults({"path": "/events/", "after": 150, "times": -1, "status": 403, "body": '{"detail":"no"}'})
    printed = connection.abs("run", "sentry")
    assert "ERROR: " in printed and "The token may not read the events of the project" in printed
    kept = len(connection.records("events"))
    assert 0 < kept < 1600
    sandbox.reset()
    connection.run()
    assert sorted(connection.records("events")) == true_ids(sandbox.truth(), "events")
    assert len(connection.rows("events")) <= 4000 + 110 + most_in_a_second(sandbox), "it began anew"
    assert connection.rows("issues") == []


def test_a_wrong_token_is_told(connection, sandbox):
    connection.configure(sandbox.config(auth_token="not-the-token"))
    printed = connection.abs("run", "sentry")
    assert "ERROR: " in printed and "Sentry does not know the token." in printed and "not-the-token" not in printed
    assert all(connection.rows(stream) == [] for stream in STREAMS)
