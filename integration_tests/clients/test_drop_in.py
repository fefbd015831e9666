"""Airbyte's own connector and ours read the same server with the same configuration, catalog and state. What comes out
is the same but for the table in official_differences.py."""

import pytest
from clients.drop_in import ORIGIN, SIZE, SMALL, STREAMS, config_for_both, expect
from clients.official_compare import ABSENT, Seen, differences_between, exact_records
from clients.official_differences import DIFFERENCES, explanation
from support.connector import INCREMENTAL, catalog
from support.protocol import ROOT

REFUSAL = {"times": -1, "status": 403, "body": '{"detail":"You do not have permission to perform this action."}'}

ISSUES = {"nulls", "issue totals", "issue times", "issue state"}
PROJECTS = {"nulls", "project fields", "projects elsewhere", "projects without membership"}
USUAL = ISSUES | PROJECTS | {"archived releases"}


# Options of the server, changes of the configuration, differences.
FIRST_READS = {
    "every stream": (SIZE, {}, USUAL | {"digits"}),
    "many pages": (["--event-size", "small", "--projects", 1, "--events", 150, "--issues", 140, "--releases", 150],
                   {}, ISSUES | {"project fields", "projects elsewhere", "archived releases"}),
    "many projects": (["--projects", 160, "--events", 0, "--issues", 0, "--releases", 0], {}, PROJECTS),
    "a long history": ([*SMALL, "--days", 150, "--retention-days", 200], {}, USUAL | {"issue window"}),
    "an empty project": (["--events", 0, "--issues", 0, "--releases", 0], {}, PROJECTS),
    "an integration": (SMALL, {"auth_token": "sandbox-integration"},
                       ISSUES | {"projects of an integration", "archived releases", "projects elsewhere"}),
    "only event:read": (SMALL, {"auth_token": "sandbox-scopes-event.read"}, ISSUES | {"failed without cursor"}),
    "only project:read": (SMALL, {"auth_token": "sandbox-scopes-project.read"},
                          {"nulls", "archived releases", "projects elsewhere"}),
    "only org:read": (SMALL, {"auth_token": "sandbox-scopes-org.read"},
                      {"projects by org:read", "projects of an integration", "projects without membership",
                       "projects elsewhere", "failed without cursor"}),
    "only project:releases": (SMALL, {"auth_token": "sandbox-scopes-project.releases"},
                              {"nulls", "archived releases", "failed without cursor"}),
}


@pytest.mark.parametrize("name", FIRST_READS)
def test_first_reads(pair, name):
    options, changes, differences = FIRST_READS[name]
    expect(differences, *pair.read(pair.start(*options), **changes))


def test_a_full_refresh(pair):
    sandbox = pair.start(*SMALL)
    expect(USUAL, *pair.read(sandbox, sync_mode="full_refresh"))


def test_one_stream_that_fails_does_not_stop_the_other(pair):
    sandbox = pair.start(*SMALL)
    sandbox.faults({"path": "/events/", **REFUSAL})
    theirs, ours = pair.read(sandbox, "events", "issues")
    assert theirs.code == ours.code == 1
    assert not theirs.records("events") and theirs.records("issues")
    expect(ISSUES, theirs, ours, ["events", "issues"])


def add_something_new(sandbox):
    """To every stream; gives the ids."""
    sandbox.advance(120)
    known = sandbox.change(add_events={"project": "web", "count": 3})["add_events"]
    fresh = sandbox.change(add_events={"project": "web", "count": 2, "new_issue": True})["add_events"]
    release = sandbox.change(add_release={"project": "web", "version": "web@99.0.0"})["add_release"]
    project = sandbox.change(add_project={"slug": "newcomer"})["add_project"]
    sandbox.advance(5)
    return {"events": {*known["events"], *fresh["events"]}, "issues": {known["issue"], fresh["issue"]},
            "releases": {release["id"]}, "projects": {project["id"]}}


# What the official connector has never read lies before its state, and ours goes on from there.
LEFT_BEHIND = {"archived releases", "projects without membership"}


@pytest.mark.parametrize("first", ["official", "ours"])
def test_either_goes_on_where_the_other_stopped(pair, first):
    sandbox = pair.start(*SMALL)
    began = getattr(pair, first).read(config_for_both(sandbox), catalog(*STREAMS))
    added = add_something_new(sandbox)
    saved = began.state_file()
    second = pair.read(sandbox, saved=saved)
    # The official state of `projects` is that of another organization's.
    elsewhere = {"projects elsewhere"} if first == "ours" else set()
    expect(ISSUES | {"project fields", "the state's second"} | elsewhere, *second, saved=saved)
    whole = pair.read(sandbox)
    for run, everything in zip(second, whole):
        left_behind = set()
        for stream, cursor in INCREMENTAL.items():
            assert added[stream] <= set(run.ids(stream)), stream
            again = set(run.ids(stream)) & set(began.ids(stream)) - added[stream]
            assert len(again) <= 1, (stream, "repeats more than the newest row")
            known = {*began.ids(stream), *run.ids(stream)}
            left_behind |= {explanation(Seen("row", stream, "", ABSENT, row, row)) for key, row
                            in exact_records(everything, stream).items() if key not in known}
            assert differences_in_states(run, everything, stream) == [], stream
        assert left_behind == (LEFT_BEHIND if first == "official" and run is second[1] else set())


def differences_in_states(run, other, stream):
    """But for `of`, which the official connector carries along where ours wrote it."""
    return [one for one in differences_between(run, other, [stream])
            if one.kind == "state" and one.name != "of"]


def test_what_comes_late_in_the_second_of_the_state(pair):
    sandbox = pair.start(*SMALL)
    began = pair.official.read(config_for_both(sandbox), catalog("events", "issues"))
    newest = max(began.records("events"), key=lambda event: event["dateCreated"])
    added = sandbox.change(add_events={"project": "web", "count": 2, "new_issue": True, "at": newest["dateCreated"]})
    late, issue = set(added["add_events"]["events"]), added["add_events"]["issue"]
    saved = began.state_file()
    assert not began.states("issues")[-1]["lastSeen"].endswith(".000000Z"), "no fraction to overlook"
    theirs, ours = pair.read(sandbox, "events", "issues", saved=saved)
    assert not late & set(theirs.ids("events"))
    assert late < set(ours.ids("events")) and issue in ours.ids("issues")
    assert "the state's second" in {explanation(one) for one in
                                    differences_between(theirs, ours, ["events"], saved)}


def test_the_official_one_goes_on_in_the_middle_of_ours(pair):
    sandbox = pair.start("--event-size", "small", "--projects", 1, "--events", 1200)
    whole = pair.ours.read(config_for_both(sandbox), catalog("events"))
    states = [number for number, message in enumerate(whole.messages) if message["type"] == "STATE"
              and "position" in message["state"]["stream"]["stream_state"]]
    assert len(states) >= 3
    middle = states[len(states) // 2]
    before = {message["record"]["data"]["id"] for message in whole.messages[:middle] if message["type"] == "RECORD"}
    rest = pair.official.read(config_for_both(sandbox), catalog("events"), [whole.messages[middle]["state"]])
    assert rest.code == 0 and 0 < len(before) < 1200
    assert before | set(rest.ids("events")) == set(whole.ids("events"))
    # It carries our position along, which must not count any more for us.
    sandbox.advance(60)
    new = set(sandbox.change(add_events={"project": "web", "count": 4})["add_events"]["events"])
    sandbox.advance(2)
    last = pair.ours.read(config_for_both(sandbox), catalog("events"), rest.state_file())
    assert new <= set(last.ids("events")) and len(last.ids("events")) <= len(new) + 1


def test_the_official_one_goes_on_from_a_state_that_names_events(pair):
    """And we from what it makes of that: it carries the events' ids along under another cursor value."""
    sandbox = pair.start(*SMALL)
    config = {**config_for_both(sandbox), "lookback_window": "PT10M"}
    run = pair.ours.read(config, catalog("events"))
    assert "written" in run.states("events")[-1]
    for one in (pair.official, pair.ours, pair.official, pair.ours):
        sandbox.advance(60)
        new = set(sandbox.change(add_events={"project": "web", "count": 4})["add_events"]["events"])
        sandbox.advance(2)
        run = one.read(config, catalog("events"), run.state_file())
        assert run.code == 0 and new <= set(run.ids("events"))


def test_the_table_is_in_the_documentation_and_every_row_of_it_occurs():
    occurs = set(USUAL) | {"foreign keys", "the state's second", ORIGIN}
    for _, _, differences in FIRST_READS.values():
        occurs |= differences
    assert occurs == {difference.name for difference in DIFFERENCES}
    page = (ROOT / "docs" / "compatibility.md").read_text()
    for difference in DIFFERENCES:
        assert difference.line() in page, difference.name
