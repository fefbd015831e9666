"""Every form of state that the official connector wrote over its life, and every form of ours: what is asked for
because of it. states/ has a file for each: `state` is the file's content, `config`, `stream` and `sync_mode` tell how
it is read, and `asked` what follows: for each ending of a path, with a parameter's beginning behind a question mark
where there are several of that path, what the first such request asks for, as the beginning of its parameters or as a
list of all that they are; null where there must be no such request. `warns` is what is said about it, `records` how
many are written where that is not just some, `deleted` the markers among them, `left` what each entry of the last state
holds beside its cursor."""

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
    run = connector.read(history.config(**{"lookback_window": "PT0S", **case.get("config", {})}),
                         catalog(stream, sync_mode=case.get("sync_mode")), case["state"])
    assert run.code == 0, run.errors()
    asked = {path: first_request(history, path) for path in case["asked"]}
    for path, parameters in case["asked"].items():
        assert (asked[path] is None) == (parameters is None), (path, asked[path])
        for name, wanted in (parameters or {}).items():
            values = asked[path][name]
            assert values == wanted if isinstance(wanted, list) else values[0].startswith(wanted), (path, asked[path])
    if all(list(parameters or ()) == ["start"] for parameters in case["asked"].values()):
        wanted = [row["id"] for path, parameters in case["asked"].items()
                  for row in history.truth(project=path.split("/")[1])["events"]
                  if row["dateCreated"] >= parameters["start"]]
        assert sorted(run.ids("events")) == sorted(wanted), "all from there on is read, and nothing else"
    if "records" in case:
        assert len(run.records()) == case["records"]
    else:
        assert bool(run.of("RECORD")) == bool(case["asked"])
    assert [row["id"] for row in run.records() if row.get("status") == "deleted"] == case.get("deleted", [])
    assert len(run.logs("WARN")) == ("warns" in case) and all(case["warns"] in text for text in run.logs("WARN"))
    last = run.states(stream)[-1]
    entries = [entry["cursor"] for entry in last["states"]] if "states" in last else [last]
    assert all(next(iter(entry)) == INCREMENTAL[stream] for entry in entries)
    left = [beside_the_cursor(entry) for entry in entries]
    assert left == case.get("left", [[]] * len(entries)), "today's form, at its end"


def first_request(history, ending):
    """The parameters of the first request to a path with this ending; None where there is none."""
    path, _, parameter = ending.partition("?")
    name, _, begin = parameter.partition("=")
    for request in history.requests():
        parameters = urllib.parse.parse_qs(request["query"])
        there = not name or any(value.startswith(begin) for value in parameters.get(name, []))
        if request["path"].endswith(path) and there:
            return parameters
    return None


def beside_the_cursor(entry):
    """The keys after the first, but for what it is of; those of an object with its own in front."""
    return [f"{key}.{inner}" if inner else key for key, value in list(entry.items())[1:] if key != "of"
            for inner in (value if isinstance(value, dict) else [None])]


def test_a_state_from_the_future_is_clamped_with_a_warning(connector, history):
    """Form I; the official connector never asks for anything again."""
    saved = state(events={"dateCreated": "2100-01-01T00:00:00.0Z"}, issues={"lastSeen": "2100-01-01T00:00:00.0Z"},
                  projects={"dateCreated": "2100-01-01T00:00:00.0Z"})
    run = connector.read(history.config(lookback_window="PT0S"), catalog("events", "issues", "projects"), saved)
    assert run.code == 0 and not run.of("RECORD")
    assert len([text for text in run.logs("WARN") if "is in the future" in text]) == 3
    for stream, key in (("events", "dateCreated"), ("issues", "lastSeen"), ("projects", "dateCreated")):
        assert run.states(stream)[-1][key].startswith("2026-01-15T12:")


def test_what_a_clock_that_ran_ahead_has_left_hides_nothing(connector, history):
    """The next read looks for late events and sweeps as if nobody had, and says so once a stream."""
    ahead = "2026-03-15T12:00:00.000000Z"
    saved = state(events={"dateCreated": "2026-01-14T12:00:00.000000Z", "late_events_until": ahead},
                  issues={"lastSeen": "2026-01-14T00:00:00.000000Z",
                          "refresh": {"rows": "AgABBAMCAYfggrDTiZTFXg0MCwo=", "sweep_began": ahead}})
    run = connector.read(history.config(late_events_window="P3D", issues_refresh="P1D"), catalog("events", "issues"),
                         saved)
    assert run.code == 0, run.errors()
    assert len([text for text in run.logs("WARN") if "is in the future" in text and ahead in text]) == 2
    last = run.states("events")[-1], run.states("issues")[-1]["refresh"]
    assert last[0]["late_events_until"].startswith("2026-01-15T12:")
    assert last[1]["sweep_began"].startswith("2026-01-15T12:") and "sweep_down_to" not in last[1]


def test_a_state_that_is_no_time_is_named_and_kept(connector, history):
    run = connector.read(history.config(), catalog("events"), state(events={"dateCreated": "yesterday"}))
    assert run.code == 1 and "yesterday" in run.errors("events")[0]["message"]
    assert run.states("events") == [{"dateCreated": "yesterday"}]
