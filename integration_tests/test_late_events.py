"""Events that reach Sentry days after they happened, as mobile applications send them: late_events_window."""

import pytest
from support.connector import catalog

DAY = 86_400


@pytest.fixture
def world(start_sandbox):
    sandbox = start_sandbox("--projects", 2, "--events", 12000, "--issues", 40, "--event-size", "small", "--days", 20)
    sandbox.late = {"lookback_window": "PT0S", "late_events_window": "P3D"}
    return sandbox


def add_events(sandbox, *ages, project="web"):
    """Events of so many days ago that arrive now; their ids."""
    sandbox.advance(600)
    added = set()
    for age in ages:
        change = {"project": project, "count": 1, "at": age * DAY + 1}
        added.update(sandbox.change(add_events=change)["add_events"]["events"])
    sandbox.advance(2)  # the second that is under way is left for the next read
    return added


def event_ids(sandbox, project="web"):
    return {event["id"] if isinstance(event, dict) else event for event in sandbox.truth(project=project)["events"]}


def read(connector, sandbox, before=None, **changes):
    run = connector.read(sandbox.config(**{**sandbox.late, **changes}), catalog("events"),
                         before.state_file() if before else None)
    assert run.code == 0, run.errors()
    assert len(run.ids("events")) == len(set(run.ids("events")))
    return run


def news(run, *earlier):
    return set(run.ids("events")) - {one for before in earlier for one in before.ids("events")}


def test_late_events_arrive_once_and_nothing_comes_again(connector, world):
    first = read(connector, world)
    assert set(first.ids("events")) == event_ids(world)
    late, recent = add_events(world, 2.5), add_events(world, 0)
    too_late = add_events(world, 10)
    second = read(connector, world, first)
    assert news(second, first) == late | recent
    again = set(second.ids("events")) & set(first.ids("events"))
    assert len(again) == 1, "only the event of the saved second"
    third = read(connector, world, second)
    assert not news(third, first, second) and len(third.ids("events")) == 1
    assert not too_late & {*second.ids("events"), *third.ids("events")}


def test_without_the_window_they_are_not_looked_for(connector, world):
    first = read(connector, world, late_events_window=None)
    late, recent = add_events(world, 2.5), add_events(world, 0)
    second = read(connector, world, first, late_events_window=None)
    assert news(second, first) == recent
    assert "late_events_until" not in second.states("events")[-1]
    # Switched on later it finds what was received after the saved event; what came before is as old as any.
    still_later = add_events(world, 1)
    assert news(read(connector, world, second), first, second) == still_later
    assert late.isdisjoint(still_later)


def test_a_killed_look_misses_nothing(connector, world):
    """From every state of a run that looked for late events on its way, the next run completes what was missed."""
    first = read(connector, world)
    expected = add_events(world, 2.9, 2, 1) | add_events(world, 0)
    second = read(connector, world, first)
    assert news(second, first) == expected
    expected |= add_events(world, 2.8, 0)
    assert len(second.states("events")) > 3
    written = [message for message in second.messages if message["type"] in ("RECORD", "STATE")]
    for at, message in enumerate(written):
        if message["type"] != "STATE":
            continue
        kept = {one["record"]["data"]["id"] for one in written[:at] if one["type"] == "RECORD"}
        third = connector.read(world.config(**world.late), catalog("events"), [message["state"]])
        fourth = read(connector, world, third)
        assert expected <= kept | set(third.ids("events")) | set(fourth.ids("events"))


@pytest.mark.parametrize("value", ["a week", 7])
def test_a_window_that_is_no_duration_is_refused(connector, world, value):
    run = connector.check(world.config(late_events_window=value))
    assert run.connection_status()["status"] == "FAILED"
    assert "late_events_window" in run.connection_status()["message"]


def test_several_projects_each_remember_their_last_look(connector, world):
    everything = {**world.late, "project": None}
    slugs = sorted(row["slug"] for row in world.control("GET", "truth?organization=acme")["projects"])
    world.late = everything
    first = read(connector, world)
    late = set().union(*(add_events(world, 2, project=slug) for slug in slugs))
    second = read(connector, world, first)
    assert news(second, first) == late and len(late) == len(slugs)
    assert all("late_events_until" in entry["cursor"] for entry in second.states("events")[-1]["states"])
    assert not news(read(connector, world, second), first, second)


def test_a_first_read_that_was_killed_misses_nothing_either(connector, world):
    """From every state of a first run: what arrives late for the part that it has read is found after the rest."""
    whole = read(connector, world)
    written = [message for message in whole.messages if message["type"] in ("RECORD", "STATE")]
    at = [at for at, message in enumerate(written) if message["type"] == "STATE"]
    late = add_events(world, 2.5, 1)
    for end in (at[1], at[len(at) // 2], at[-2]):
        before = {one["record"]["data"]["id"] for one in written[:end] if one["type"] == "RECORD"}
        rest = connector.read(world.config(**world.late), catalog("events"), [written[end]["state"]])
        after = read(connector, world, rest)
        assert late <= before | set(rest.ids("events")) | set(after.ids("events")), end


def test_a_run_that_ends_before_them_leaves_them_to_the_next(connector, world):
    first = read(connector, world)
    now = world.truth()["now"][:10]
    between = read(connector, world, first, end_date=now)  # all of today is left out
    late = add_events(world, 0.01)
    between = read(connector, world, between, end_date=now)
    assert news(read(connector, world, between), first) >= late
