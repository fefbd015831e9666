"""Every form of state that the official connector wrote over its life, given to its last version and to ours."""

import pytest
from clients.drop_in import SMALL, config_for_both, expect
from clients.official_differences import STATE_DIFFERENCES
from support.connector import INCREMENTAL, catalog
from support.protocol import ROOT

MIDDLE = "2025-06-08T00:00:00"
STREAMS = ["events", "issues", "releases"]  # `projects` follows the same rules, but the two read different lists


def streams(form):
    """A state file that holds `form(cursor key)` for each stream."""
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": form(INCREMENTAL[name])}}
            for name in STREAMS]


def global_state(shared):
    return [{"type": "GLOBAL", "global": {"shared_state": shared, "stream_states": [
        one["stream"] for one in streams(lambda key: {key: f"{MIDDLE}Z"})]}}]


LEGACY = {name: {INCREMENTAL[name]: f"{MIDDLE}.946777Z"} for name in STREAMS}
PARTITIONS = {"use_global_cursor": False, "lookback_window": 0, "parent_state": {}}
MARKS = ["__ab_no_cursor_state_message", "__ab_full_refresh_sync_complete", "__ab_full_refresh_state_message"]

# What each makes of a state (section 3 of airbyte-source-sentry.md, by its letters).
ON, OVER, REFUSES, LATER, NEVER = "goes on", "starts over", "refuses it", "goes on too late", "reads nothing any more"
FORMS = {
    "A bare object": (LEGACY, REFUSES, ON),
    "A LEGACY": ([{"type": "LEGACY", "data": LEGACY}], OVER, ON),
    "B pendulum's": (streams(lambda key: {key: f"{MIDDLE}.946777+00:00"}), ON, ON),
    "B None": (streams(lambda key: {key: "None"}), REFUSES, OVER),
    "B null": (streams(lambda key: {key: None}), REFUSES, OVER),
    "B empty text": (streams(lambda key: {key: ""}), REFUSES, OVER),
    "B empty": (streams(lambda key: {}), OVER, OVER),
    "C record's own": (streams(lambda key: {key: f"{MIDDLE}+00:00"}), ON, ON),
    "C short fraction": (streams(lambda key: {key: f"{MIDDLE}.0Z"}), ON, ON),
    "C other zone": (streams(lambda key: {key: "2025-06-08T12:00:00+12:00"}), LATER, ON),
    "D no fraction": (streams(lambda key: {key: f"{MIDDLE}Z"}), ON, ON),
    "E today": (streams(lambda key: {key: f"{MIDDLE}.000000Z"}), ON, ON),
    "E nothing found": (streams(lambda key: {key: "1900-01-01T00:00:00.000000Z"}), OVER, OVER),
    "F mark alone": (streams(lambda key: {MARKS[0]: True}), OVER, OVER),
    "F older mark alone": (streams(lambda key: {MARKS[1]: True}), OVER, OVER),
    "F mark beside": (streams(lambda key: {MARKS[2]: True, key: f"{MIDDLE}Z"}), ON, ON),
    "G slices": (streams(lambda key: {"state_type": "date-range", "slices": [
        {"start": "1900-01-01T00:00:00.000000Z", "end": f"{MIDDLE}.000000Z",
         "most_recent_cursor_value": f"{MIDDLE}.000000Z"}]}), ON, ON),
    "H partitions": (streams(lambda key: {**PARTITIONS, "state": {key: f"{MIDDLE}Z"}, "states": [
        {"partition": {"project": "web", "parent_slice": {}}, "cursor": {key: f"{MIDDLE}Z"}}]}), OVER, ON),
    "I future": (streams(lambda key: {key: "2100-01-01T00:00:00.0Z"}), NEVER, NEVER),
    "J GLOBAL": (global_state({}), REFUSES, ON),
    "J GLOBAL, shared": (global_state({"lsn": 1}), REFUSES, ON),
    "foreign keys": (streams(lambda key: {key: f"{MIDDLE}Z", "somebody": {"else": 1}}), ON, ON),
}


def open_ids(run):
    """What both read: archived releases are a difference of its own."""
    return {stream: {row["id"] for row in run.records(stream) if row.get("status") != "archived"}
            for stream in STREAMS}


def made_of_it(run, everything, later):
    """Which of the five it was."""
    found = open_ids(run)
    if not any(found.values()):
        return NEVER if run.statuses("events") and run.code == 0 else REFUSES
    if found == everything:
        return OVER
    assert all(found[stream] <= later[stream] for stream in STREAMS), "neither of them"
    return ON if found == later else LATER


@pytest.fixture(scope="module")
def history(loaded):
    """A server, what a first read gives, and what of that is later than MIDDLE."""
    sandbox = loaded.start(*SMALL, "--days", 14)
    loaded.sandboxes.remove(sandbox)  # this module stops it itself
    first = loaded.ours.read(config_for_both(sandbox), catalog(*STREAMS))
    everything = open_ids(first)
    later = {stream: {row["id"] for row in first.records(stream) if row[INCREMENTAL[stream]] > MIDDLE} & ids
             for stream, ids in everything.items()}
    assert all(ids and ids < everything[stream] for stream, ids in later.items())
    yield sandbox, everything, later
    sandbox.stop()


@pytest.mark.parametrize("form", FORMS)
def test_what_is_made_of_a_state(loaded, history, form):
    sandbox, everything, later = history
    saved, theirs, ours = FORMS[form]
    runs = loaded.read(sandbox, *STREAMS, saved=saved)
    assert [made_of_it(run, everything, later) for run in runs] == [theirs, ours]
    assert theirs == ours or form in {name for row in STATE_DIFFERENCES for name in row.forms}
    if theirs == ours and theirs != NEVER:
        differences = {"nulls", "issue totals", "issue times", "issue state", "archived releases"}
        carried = isinstance(saved, list) and {"somebody", *MARKS} & {*saved[0]["stream"]["stream_state"]}
        expect(differences | ({"foreign keys"} if carried else set()), *runs, STREAMS, saved)


def test_a_refused_state_is_an_error_of_theirs_that_may_look_like_success(loaded, history):
    sandbox, _, _ = history
    codes = {form: loaded.official.read(config_for_both(sandbox), catalog("events"), FORMS[form][0]).code
             for form in ("A bare object", "J GLOBAL", "B null")}
    assert codes == {"A bare object": 0, "J GLOBAL": 0, "B null": 1}


def test_a_state_from_the_future_stops_only_theirs_for_ever(pair):
    sandbox = pair.start(*SMALL)
    theirs, ours = pair.read(sandbox, *STREAMS, saved=FORMS["I future"][0])
    assert theirs.states("events")[-1] == {"dateCreated": "2100-01-01T00:00:00Z"}
    assert ours.states("events")[-1]["dateCreated"].startswith("2025-06-15T12:1")
    sandbox.advance(60)
    added = set(sandbox.change(add_events={"project": "web", "count": 2})["add_events"]["events"])
    sandbox.advance(2)
    again = [one.read(config_for_both(sandbox), catalog(*STREAMS), before.state_file())
             for one, before in ((pair.official, theirs), (pair.ours, ours))]
    assert again[0].ids("events") == [] and set(again[1].ids("events")) == added


def test_the_table_is_in_the_documentation_and_holds_nothing_else():
    differing = {form for form, (_, theirs, ours) in FORMS.items() if theirs != ours}
    # Both read nothing at first of a time in the future; what follows differs.
    assert {form for row in STATE_DIFFERENCES for form in row.forms} == differing | {"I future"}
    page = (ROOT / "docs" / "compatibility.md").read_text()
    for row in STATE_DIFFERENCES:
        assert row.line() in page, row.forms
