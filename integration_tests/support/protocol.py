"""What the protocol allows on stdout, taken from Airbyte's own definition and from the streams' schemas."""

import functools
import json
import os
import pathlib

import fastjsonschema
import pytest
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Airbyte's protocol definition and Sentry's OpenAPI description, which are not part of this repository.
SHARED = pathlib.Path(os.environ.get("SHARED_DIR", ROOT.parent / "shared"))


def has_shared():
    """Whether those are there. In CI they must be."""
    return SHARED.is_dir() or "CI" in os.environ


needs_shared = pytest.mark.skipif(not has_shared(), reason=f"{SHARED} is not there")


@functools.cache
def message_validator():
    """Checks one message against AirbyteMessage of airbyte_protocol.yaml; without that file takes all."""
    if not has_shared():
        return lambda message: None
    definition = yaml.safe_load((SHARED / "data" / "airbyte_protocol.yaml").read_text())
    schema = {"$ref": "#/definitions/AirbyteMessage", "definitions": definition["definitions"],
              "$schema": "http://json-schema.org/draft-07/schema#"}
    return fastjsonschema.compile(schema, use_default=False)


@functools.cache
def record_validator(stream):
    """Checks one record against schemas/<stream>.json; null for a stream of a configuration, which has none."""
    path = ROOT / "schemas" / f"{stream}.json"
    return fastjsonschema.compile(json.loads(path.read_text()), use_default=False) if path.exists() else None


def parse(stdout):
    """The messages of a run's stdout, each line of it checked. Raises on the first line that is no message."""
    messages = []
    if stdout and not stdout.endswith(b"\n"):
        raise AssertionError(f"the last line is torn: {stdout[-200:]!r}")
    for line in stdout.splitlines():
        message = json.loads(line)
        message_validator()(message)
        if message["type"] == "RECORD":
            record = message["record"]
            # The protocol file takes any number; the platform wants an integer.
            assert isinstance(record["emitted_at"], int), line
            assert record["data"], "an empty record"
            fits = record_validator(record["stream"])
            if fits is not None:
                fits(record["data"])
        messages.append(message)
    check_order(messages)
    return messages


def check_order(messages):
    """Rules between messages: every record is covered by a later STATE of its stream, which counts it; statuses go
    STARTED, RUNNING, COMPLETE or INCOMPLETE."""
    pending, statuses = {}, {}
    for message in messages:
        if message["type"] == "RECORD":
            stream = message["record"]["stream"]
            assert statuses[stream][-1] == "RUNNING", f"a record of {stream} while {statuses[stream]}"
            pending[stream] = pending.get(stream, 0) + 1
        elif message["type"] == "STATE":
            state = message["state"]
            assert state["type"] == "STREAM"
            stream = state["stream"]["stream_descriptor"]["name"]
            count = state["sourceStats"]["recordCount"]
            assert isinstance(count, float), "recordCount must be written as a double"
            assert count == pending.pop(stream, 0), f"recordCount of {stream}"
        elif message["type"] == "TRACE" and message["trace"]["type"] == "STREAM_STATUS":
            status = message["trace"]["stream_status"]
            statuses.setdefault(status["stream_descriptor"]["name"], []).append(status["status"])
    assert not pending, f"records without a STATE after them: {pending}"
    for stream, seen in statuses.items():
        assert seen[0] == "STARTED" and len(seen) >= 3, (stream, seen)
        assert seen[-1] in ("COMPLETE", "INCOMPLETE"), (stream, seen)
        assert set(seen[1:-1]) == {"RUNNING"}, (stream, seen)
