"""Issues that change without an event, which moves none of their times: issues_refresh."""

import pytest
from support.connector import catalog

DAY = 86_400


@pytest.fixture
def world(start_sandbox):
    sandbox = start_sandbox("--projects", 2, "--issues", 700, "--events", 1500, "--event-size", "small", "--days", 20)
    sandbox.options = {"lookback_window": "PT0S", "issues_refresh": "P1D"}
    return sandbox


def read(connector, sandbox, before=None, code=0, **changes):
    run = connector.read(sandbox.config(**{**sandbox.options, **changes}), catalog("issues"),
                         before.state_file() if before else None)
    assert run.code == code, run.errors()
    return run


def news(run, before):
    """What a run gave beside the issues of the saved second, which every run repeats."""
    saved = before.states("issues")[-1]
    seconds = {cursor["lastSeen"][:19] for cursor in [one["cursor"] for one in saved.get("states", [])] or [saved]}
    return {row["id"]: row for row in run.records("issues") if row["lastSeen"][:19] not in seconds}


def picked(run):
    """Open issues that nobody is in charge of, from all pages of the list by their creation; none of the saved
    second."""
    rows = [row for row in news(run, run).values() if row["status"] == "unresolved" and not row["assignedTo"]]
    rows.sort(key=lambda row: row["lifetime"]["firstSeen"] if "lifetime" in row else row["firstSeen"])
    return [row["id"] for row in rows[:: len(rows) // 12]]


def change_some(sandbox, run):
    """Changes of every kind; the ids that they hit, and those that are gone by them."""
    resolved, archived, user, team, noted, urgent, deleted, merged, other, *_ = picked(run)
    one = next(row for row in run.records("issues") if row["id"] == urgent)
    sandbox.change(resolve_issue=resolved, archive_issue=archived, comment_issue=noted, delete_issue=deleted,
                   prioritize_issue={"issue": urgent, "priority": "low" if one["priority"] != "low" else "high"})
    sandbox.change(assign_issue={"issue": user, "to": "user"})
    sandbox.change(assign_issue={"issue": team, "to": "team"}, merge_issue={"issue": merged, "into": other})
    return {resolved, archived, user, team, noted, urgent}, {deleted, merged}, other


def asked(sandbox, parameter, value=None):
    requests = [request for request in sandbox.requests() if parameter in request["params"]]
    return [one for one in requests if value is None or one["params"][parameter] == [value]]


def issues_of(sandbox, project="web"):
    return {row["id"] for row in sandbox.truth(project=project)["issues"] if row["category"] != "feedback"}


def test_changes_without_an_event_are_found_and_nothing_comes_again(connector, world):
    first = read(connector, world)
    assert set(first.ids("issues")) == issues_of(world)
    changed, gone, survivor = change_some(world, first)
    world.advance(DAY)
    world.reset()
    second = read(connector, world, first)
    found = news(second, first)
    # The survivor has changed if it took over a later event.
    assert set(found) - {survivor} == changed | gone
    assert {id for id, row in found.items() if row["status"] == "deleted"} == gone
    assert len(second.ids("issues")) == len(set(second.ids("issues")))
    assert len(asked(world, "sort", "new")) == -(-len(issues_of(world)) // 100)
    assert len(asked(world, "group")) == 1
    world.advance(DAY)
    assert not news(read(connector, world, second), second)


def test_a_marker_is_newer_than_the_issue_and_moves_no_state(connector, world):
    first = read(connector, world)
    last = max(first.records("issues"), key=lambda row: row["lastSeen"])
    world.change(delete_issue=last["id"])
    world.advance(DAY)
    second = read(connector, world, first)
    marker = next(row for row in second.records("issues") if row["id"] == last["id"])
    assert marker["status"] == "deleted" and marker["lastSeen"] > last["lastSeen"]
    assert marker["project"]["slug"] == "web"
    assert second.states("issues")[-1]["lastSeen"] == first.states("issues")[-1]["lastSeen"]


def test_there_is_no_sweep_before_its_time_nor_after_a_whole_read(connector, world):
    first = read(connector, world)
    world.advance(DAY // 2)
    second = read(connector, world, first)
    assert not asked(world, "sort", "new")
    world.advance(DAY // 2)
    third = read(connector, world, second)
    assert len(asked(world, "sort", "new")) > 0
    world.reset()
    world.advance(DAY)
    full = connector.read(world.config(**world.options), catalog("issues", sync_mode="full_refresh"),
                          third.state_file())
    assert set(full.ids("issues")) == issues_of(world) and not asked(world, "sort", "new")
    assert "refresh" not in full.states("issues")[-1]


def test_switched_on_later_it_writes_every_issue_once(connector, world):
    first = read(connector, world, issues_refresh=None)
    assert set(first.states("issues")[-1]) == {"lastSeen", "of"}, "the official form"
    second = read(connector, world, first)
    assert set(second.ids("issues")) == issues_of(world)
    world.advance(DAY)
    third = read(connector, world, second)
    assert not news(third, second)
    off = read(connector, world, third, issues_refresh=None)
    assert set(off.states("issues")[-1]) == {"lastSeen", "of"}


def test_a_killed_sweep_loses_nothing(connector, world):
    """From every state of a run that swept, the next run completes what was missed."""
    first = read(connector, world)
    changed, gone, _ = change_some(world, first)
    world.advance(DAY)
    second = read(connector, world, first)
    written = [message for message in second.messages if message["type"] in ("RECORD", "STATE")]
    states = [at for at, message in enumerate(written) if message["type"] == "STATE"]
    assert len(states) > 5, "one for each page with changes"
    for at in states:
        kept = {one["record"]["data"]["id"] for one in written[:at] if one["type"] == "RECORD"}
        third = connector.read(world.config(**world.options), catalog("issues"), [written[at]["state"]])
        assert third.code == 0 and changed | gone <= kept | set(third.ids("issues"))
        assert not (changed | gone) & kept & set(third.ids("issues")), "what a state covers does not come again"


@pytest.mark.parametrize("fault, code", [
    ({"path": "sort=new", "status": 403, "body": '{"detail":"You do not have permission"}'}, 1),
    ({"path": "group=", "status": 403, "body": '{"detail":"You do not have permission"}'}, 1),
    ({"path": "organizations/acme/issues/", "status": 200, "body": "[]"}, 0),
    ({"path": "sort=new", "status": 200, "body": "[]"}, 0),
    ({"path": "group=", "status": 200, "body": "[]"}, 0),
], ids=["forbidden list", "forbidden ids", "nothing there", "an empty list", "no answer by id"])
def test_what_cannot_be_seen_is_not_deleted(connector, world, fault, code):
    first = read(connector, world)
    deleted = picked(first)[0]
    world.change(delete_issue=deleted)
    world.advance(DAY)
    world.faults({"times": -1, **fault})
    second = read(connector, world, first, code)
    assert not [row for row in second.records("issues") if row["status"] == "deleted"]
    world.reset()
    world.advance(DAY)
    third = read(connector, world, second)
    assert [row["id"] for row in third.records("issues") if row["status"] == "deleted"] == [deleted]


def test_projects_remember_each_for_itself(connector, world):
    world.options["project"] = None
    first = read(connector, world)
    slugs = sorted(row["slug"] for row in world.control("GET", "truth?organization=acme")["projects"])
    assert len(slugs) == 2
    gone = {}
    for slug in slugs:
        rows = [row["id"] for row in news(first, first).values() if row["project"]["slug"] == slug]
        gone[rows[0]] = slug
        world.change(delete_issue=rows[0], resolve_issue=rows[1])
    world.advance(DAY)
    second = news(read(connector, world, first), first)
    markers = {id: row["project"]["slug"] for id, row in second.items() if row["status"] == "deleted"}
    assert markers == gone


def test_an_old_server_is_swept_but_does_not_say_what_is_deleted(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 1, "--issues", 150, "--events", 400, "--event-size", "small", "--quirk",
                            "no-org-issues", "--days", 20)
    sandbox.options = {"lookback_window": "PT0S", "issues_refresh": "P1D"}
    first = read(connector, sandbox)
    resolved, deleted, *_ = picked(first)
    sandbox.change(resolve_issue=resolved, delete_issue=deleted)
    sandbox.advance(DAY)
    second = read(connector, sandbox, first)
    assert set(news(second, first)) == {resolved}
    assert not asked(sandbox, "group")


def test_a_damaged_memory_is_told(connector, world):
    state = read(connector, world).state_file()
    state[0]["stream"]["stream_state"]["refresh"]["rows"] = "AAABAAAA"
    run = connector.read(world.config(**world.options), catalog("issues"), state)
    assert run.code == 1 and not run.records()
    assert '"refresh"' in run.errors("issues")[0]["message"]
    assert run.states("issues")[-1] == state[0]["stream"]["stream_state"]
