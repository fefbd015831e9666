"""Every line of every command, parsed by the models in which Airbyte's own programs hold messages."""

import json
import subprocess

import pytest
from support.connector import catalog
from support.environments import environment
from support.protocol import ROOT

DRIVER = ROOT / "integration_tests" / "clients" / "protocol_models_driver.py"
ENVIRONMENTS = {"pydantic1": "protocol-models-pydantic1", "pydantic2": "protocol-models-pydantic2", "cdk": "cdk"}


def kinds(run):
    """Which kinds of messages a run wrote; of TRACE each kind by itself, of statuses each status."""
    for message in run.messages:
        trace = message.get("trace", {})
        status = trace.get("stream_status", {})
        reasons = [reason["type"] for reason in status.get("reasons", [])]
        yield " ".join([message["type"], *filter(None, [trace.get("type"), status.get("status"), *reasons])])


@pytest.fixture
def runs(connector, start_sandbox):
    """One run of every command in every way that it can end."""
    sandbox = start_sandbox("--events", 300, "--issues", 40)
    config = sandbox.config()
    first = connector.read(config, catalog())
    runs = {
        "spec": connector.run("spec"),
        "check": connector.check(config),
        "check, a part": connector.check(sandbox.config(auth_token="sandbox-scopes-event.read-project.read")),
        "check, wrong token": connector.check(sandbox.config(auth_token="nonsense")),
        "check, no organization": connector.check(sandbox.config(organization=None)),
        "check, dead server": connector.check(sandbox.config(hostname="http://127.0.0.1:1")),
        "check, no file": connector.run("check", "--config", "/no/such/file"),
        "discover": connector.discover(config),
        "discover, no organization": connector.discover(sandbox.config(organization=None)),
        "read": first,
        "read, full refresh": connector.read(config, catalog(sync_mode="full_refresh")),
        "read, saved state": connector.read(config, catalog(), first.state_file()),
        "read, wrong token": connector.read(sandbox.config(auth_token="nonsense"), catalog()),
        "read, a part": connector.read(sandbox.config(auth_token="sandbox-scopes-event.read"), catalog()),
        "read, no such stream": connector.read(config, catalog("nonsense")),
        "read, no organization": connector.read(sandbox.config(organization=None), catalog()),
        "no command": connector.run(),
    }
    sandbox.faults({"path": "/releases/", "times": 1, "rate_limited": 3})
    runs["read, rate limited"] = connector.read(config, catalog("releases"))
    return runs


def test_the_models_hold_every_line_whole(runs):
    assert {name: run.code for name, run in runs.items() if run.code != 0} == dict.fromkeys(
        ["check, no file", "discover, no organization", "read, wrong token", "read, a part", "read, no such stream",
         "read, no organization", "no command"], 1)
    assert {kind for run in runs.values() for kind in kinds(run)} == {
        "SPEC", "CONNECTION_STATUS", "CATALOG", "RECORD", "STATE", "LOG", "TRACE ERROR",
        "TRACE STREAM_STATUS STARTED", "TRACE STREAM_STATUS RUNNING", "TRACE STREAM_STATUS RUNNING RATE_LIMITED",
        "TRACE STREAM_STATUS COMPLETE", "TRACE STREAM_STATUS INCOMPLETE"}
    lines = b"".join(run.stdout for run in runs.values())
    written = [json.loads(line) for line in lines.splitlines()]
    for models, name in ENVIRONMENTS.items():
        done = subprocess.run([environment(name) / "python", DRIVER, models], input=lines, capture_output=True)
        assert done.returncode == 0, (models, done.stderr.decode()[-3000:])
        parsed = [json.loads(line) for line in done.stdout.splitlines()]
        assert len(parsed) == len(written)
        for message, one in zip(written, parsed):
            assert one == {"held": message, "unknown": []}, models
