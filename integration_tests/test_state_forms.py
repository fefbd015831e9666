"""Every form of state that the official connector wrote over its life, and what is asked for because of it."""

import urllib.parse

import pytest
from support.connector import catalog, state

MIDDLE = "2026-01-05T12:30:00"
NOW = "2026-01-15T12:00:00Z"

# The saved state of `events`, and the start of reading that follows; None: from the beginning.
FORMS = {
    "A legacy object": ({"events": {"dateCreated": f"{MIDDLE}.946777Z"}, "issues": {"lastSeen": None}}, MIDDLE),
    "A LEGACY message": ([{"type": "LEGACY", "data": {"events": {"dateCreated": f"{MIDDLE}.5Z"}}}], MIDDLE),
    "B pendulum": (state(events={"dateCreated": f"{MIDDLE}.946777+00:00"}), MIDDLE),
    "B None": (state(events={"dateCreated": "None"}), None),
    "B null": (state(events={"dateCreated": None}), None),
    "B empty text": (state(events={"dateCreated": ""}), None),
    "B empty": (state(events={}), None),
    "C record's own": (state(events={"dateCreated": f"{MIDDLE}+00:00"}), MIDDLE),
    "C short fraction": (state(events={"dateCreated": f"{MIDDLE}.0Z"}), MIDDLE),
    "C other zone": (state(events={"dateCreated": "2026-01-05T14:30:00+02:00"}), MIDDLE),
    "D without fraction": (state(events={"dateCreated": f"{MIDDLE}Z"}), MIDDLE),
    "E today": (state(events={"dateCreated": f"{MIDDLE}.000000Z"}), MIDDLE),
    "E first sync found nothing": (state(events={"dateCreated": "1900-01-01T00:00:00.000000Z"}), None),
    "F sentinel now": (state(events={"__ab_no_cursor_state_message": True}), None),
    "F sentinel 2024": (state(events={"__ab_full_refresh_sync_complete": True}), None),
    "F sentinel beside a cursor": (
        state(events={"__ab_full_refresh_state_message": True, "dateCreated": f"{MIDDLE}Z"}), MIDDLE),
    "G concurrent": (state(events={"state_type": "date-range", "slices": [
        {"start": "1900-01-01T00:00:00.000000Z", "end": f"{MIDDLE}.000000Z",
         "most_recent_cursor_value": f"{MIDDLE}.000000Z"}]}), MIDDLE),
    "H per partition": (state(events={"use_global_cursor": False, "lookback_window": 0, "parent_state": {}, "states": [
        {"partition": {"project_slug": "api"}, "cursor": {"dateCreated": "2026-01-09T00:00:00Z"}},
        {"partition": {"project_slug": "web"}, "cursor": {"dateCreated": f"{MIDDLE}Z"}}]}), MIDDLE),
    "J GLOBAL": ([{"type": "GLOBAL", "global": {"shared_state": {}, "stream_states": [
        {"stream_descriptor": {"name": "events"}, "stream_state": {"dateCreated": f"{MIDDLE}Z"}}]}}], MIDDLE),
    "J GLOBAL with shared state": ([{"type": "GLOBAL", "global": {"shared_state": {"lsn": 1}, "stream_states": [
        {"stream_descriptor": {"name": "events"}, "stream_state": {"dateCreated": f"{MIDDLE}Z"}}]}}], MIDDLE),
    "PyAirbyte's nulls": ([{"type": "STREAM", "stream": {
        "stream_descriptor": {"name": "events", "namespace": None}, "stream_state": {"dateCreated": f"{MIDDLE}Z"}},
        "data": None, "global": None, "sourceStats": None, "destinationStats": None}], MIDDLE),
    "foreign keys": (state(events={"dateCreated": f"{MIDDLE}Z", "somebody": {"else": 1}}), MIDDLE),
    "unknown streams": (state(events={"dateCreated": f"{MIDDLE}Z"}, teams={"x": 1}), MIDDLE),
    "absent": ([], None),
    "empty object": ({}, None),
}


@pytest.fixture(scope="module")
def history(tmp_path_factory):
    from support.sandbox import Sandbox
    sandbox = Sandbox(tmp_path_factory.mktemp("history"), "--now", NOW, "--events", 600, "--days", 20,
                      "--event-size", "small", "--projects", 1)
    yield sandbox
    sandbox.stop()


@pytest.mark.parametrize("form", FORMS)
def test_a_state_of_the_official_connector_goes_on_where_it_says(connector, history, form):
    saved, start = FORMS[form]
    history.reset()
    run = connector.read(history.config(lookback_window="PT0S"), catalog("events"), saved)
    assert run.code == 0, run.errors()
    first = next(r for r in history.requests() if r["path"].endswith("/events/"))
    asked = urllib.parse.parse_qs(first["query"])["start"][0]
    assert asked == (f"{start}Z" if start else "1900-01-01T00:00:00Z")
    wanted = [row["id"] for row in history.truth()["events"] if not start or row["dateCreated"] >= start]
    assert sorted(run.ids("events")) == sorted(wanted)
    assert list(run.states("events")[-1]) == ["dateCreated"]


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
