"""Every form of state that the official connector wrote over its life, and every form of ours: what is asked for
because of it. states/ has a file for each: `state` is the file's content, `asked` what the first request to each path
with that ending asks for, as the beginning of its parameters; `config`, `stream` and `sync_mode` tell how it is read,
`warns` what is said about it."""

import json
import urllib.parse

import pytest
from support.connector import INCREMENTAL, catalog, state
from support.protocol import ROOT

FORMS = {path.stem: json.loads(path.read_text()) for path in sorted((ROOT / "integration_tests/states").glob("*.json"))}
NOW = "2026-01-15T12:00:00Z"


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    from support.sandbox import Sandbox
    sandbox = Sandbox(tmp_path_factory.mktemp("history"), "--now", NOW, "--events", 600, "--days", 20,
                      "--event-size", "small", "--projects", 3)
    yield sandbox
    sandbox.stop()


@pytest.mark.parametrize("form", FORMS)
def test_a_state_of_every_form_goes_on_where_it_says(connector, history, form):
    case = FORMS[form]
    history.reset()
    stream = case.get("stream", "events")
    run = connector.read(history.config(lookback_window="PT0S", **case.get("config", {})),
                         catalog(stream, sync_mode=case.get("sync_mode")), case["state"])
    assert run.code == 0, run.errors()
    asked = {path: first_request(history, path) for path in case["asked"]}
    for path, parameters in case["asked"].items():
        for name, begin in parameters.items():
            assert asked[path][name][0].startswith(begin), (path, asked[path])
    if all(list(parameters) == ["start"] for parameters in case["asked"].values()):
        wanted = [row["id"] for path, parameters in case["asked"].items()
                  for row in history.truth(project=path.split("/")[1])["events"]
                  if row["dateCreated"] >= parameters["start"]]
        assert sorted(run.ids("events")) == sorted(wanted), "all from there on is read, and nothing else"
    assert bool(run.of("RECORD")) == bool(case["asked"])
    assert len(run.logs("WARN")) == ("warns" in case) and all(case["warns"] in text for text in run.logs("WARN"))
    last = run.states(stream)[-1]
    entries = [entry["cursor"] for entry in last["states"]] if "states" in last else [last]
    assert all(list(entry) == [INCREMENTAL[stream]] for entry in entries), "today's form, at its end"


def first_request(history, path):
    """The parameters of the first request to a path with this ending."""
    request = next(request for request in history.requests() if request["path"].endswith(path))
    return urllib.parse.parse_qs(request["query"])


def test_a_state_from_the_future_is_clamped_with_a_warning(connector, history):
    """Form I; the official connector never asks for anything again."""
    saved = state(events={"dateCreated": "2100-01-01T00:00:00.0Z"}, issues={"lastSeen": "2100-01-01T00:00:00.0Z"},
                  projects={"dateCreated": "2100-01-01T00:00:00.0Z"})
    run = connector.read(history.config(lookback_window="PT0S"), catalog("events", "issues", "projects"), saved)
    assert run.code == 0 and not run.of("RECORD")
    assert len([text for text in run.logs("WARN") if "lies in the future" in text]) == 3
    for stream, key in (("events", "dateCreated"), ("issues", "lastSeen"), ("projects", "dateCreated")):
        assert run.states(stream)[-1][key].startswith("2026-01-15T12:")


def test_a_state_that_is_no_time_is_named_and_kept(connector, history):
    run = connector.read(history.config(), catalog("events"), state(events={"dateCreated": "yesterday"}))
    assert run.code == 1 and "yesterday" in run.errors("events")[0]["message"]
    assert run.states("events") == [{"dateCreated": "yesterday"}]
