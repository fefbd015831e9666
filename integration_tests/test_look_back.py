"""lookback_window: what reached Sentry late is read, and what earlier runs have written does not come again."""

import pytest
from support.connector import catalog
from support.sandbox import true_ids

FORMS = {"one project": {}, "several": {"project": None}, "by detail": {"event_bodies": "detail"},
         "a shard": {"project": None, "shard": {"index": 0, "count": 2}}, "an old server": {"project": None}}
OPTIONS = ["--projects", 3, "--events", 300, "--event-size", "small", "--issues", 30, "--days", 10]


@pytest.fixture
def world(start_sandbox):
    return start_sandbox(*OPTIONS)


def slugs(world, form):
    projects = [row["slug"] for row in world.control("GET", "truth?organization=acme")["projects"]]
    return ["web"] if "project" not in form else projects


def happen(world, projects, *ages):
    """Events of so many seconds ago that arrive now; their ids."""
    added = set()
    for project in projects:
        for age in ages:
            change = {"project": project, "count": 1, "at": age}
            added.update(world.change(add_events=change)["add_events"]["events"])
    return added


def read(connector, world, before, form, **changes):
    run = connector.read(world.config(**{**form, **changes}), catalog("events"), before and before.state_file())
    assert run.code == 0, run.errors()
    return run


@pytest.mark.parametrize("name", FORMS)
def test_five_syncs_write_every_event_once(connector, start_sandbox, name):
    form = FORMS[name]
    # It ignores windows, and keeps events of one second in no fixed order.
    world = start_sandbox(*OPTIONS, *(["--quirk", "sentry-9.1"] if name == "an old server" else []))
    projects = slugs(world, form)
    run = read(connector, world, None, form)
    # A shard reads its own projects and no others.
    mine = {slug for slug in projects
            if set(run.ids("events")) & set(true_ids(world.truth(project=slug), "events"))}
    world.advance(60)
    happen(world, projects, 1)
    world.advance(2)
    written = run.ids("events") + (run := read(connector, world, run, form)).ids("events")
    for _ in range(4):
        world.advance(240)
        happened = happen(world, sorted(mine), 5, 5, 100, 239)
        late = happen(world, sorted(mine), 300, 500, 700)
        world.advance(2)
        run = read(connector, world, run, form)
        assert sorted(run.ids("events")) == sorted(happened | late)
        assert not [text for text in run.logs("WARN") if "Sentry counts" in text]
        written += run.ids("events")
    assert sorted(written) == sorted(one for slug in mine for one in true_ids(world.truth(project=slug), "events"))
    # The official connector's cursor is where it was; nothing happened, and nothing comes.
    idle = read(connector, world, run, form)
    assert idle.ids("events") == [] and idle.states("events")[-1] == run.states("events")[-1]


def test_what_is_fetched_one_by_one_is_not_fetched_again(connector, world):
    form = FORMS["by detail"]
    happen(world, ["web"], *range(3, 300, 10))
    world.advance(2)
    first = read(connector, world, None, form)
    world.reset()
    happened = happen(world, ["web"], 1)
    world.advance(2)
    second = read(connector, world, first, form)
    assert set(second.ids("events")) == happened
    assert len([one for one in world.requests() if "/acme/web/events/" in one["path"]]) == 1
    # The list gives the same ids.
    assert read(connector, world, second, {}).ids("events") == []


@pytest.mark.parametrize("changes", [{}, {"event_bodies": "detail"}])
def test_killed_anywhere_it_loses_nothing(connector, world, changes):
    """And repeats what was written after the last state, not the look back before it."""
    happen(world, ["web"], *range(3, 500, 4))
    world.advance(2)
    first = read(connector, world, None, changes)
    world.advance(300)
    happened = happen(world, ["web"], *range(3, 300, 2)) | happen(world, ["web"], 400, 450)
    world.advance(2)
    whole = read(connector, world, first, changes)
    assert sorted(whole.ids("events")) == sorted(happened)
    saved, seen, behind, states = first.state_file(), [], 0, 0
    for at, message in enumerate(one for one in whole.messages if one["type"] in ("RECORD", "STATE")):
        if message["type"] == "STATE":
            saved, behind, states = [message["state"]], 0, states + 1
        else:
            seen.append(message["record"]["data"]["id"])
            behind += 1
        if at % 7 and message["type"] != "STATE":
            continue
        rest = connector.read(world.config(**changes), catalog("events"), saved)
        assert rest.code == 0 and happened == {*seen, *rest.ids("events")}
        again = len(seen) + len(rest.ids("events")) - len(happened)
        assert again <= behind + 2, "the second that it goes on with"
    assert states > 1


def test_a_full_refresh_leaves_nothing_out(connector, world):
    run = read(connector, world, None, {})
    whole = connector.read(world.config(), catalog("events", sync_mode="full_refresh"), run.state_file())
    assert whole.code == 0 and sorted(whole.ids("events")) == sorted(run.ids("events"))


def test_ids_that_cannot_be_read_leave_nothing_out(connector, world):
    happen(world, ["web"], *range(3, 300, 30))
    world.advance(2)
    first = read(connector, world, None, {})
    [saved] = first.state_file()
    saved["stream"]["stream_state"]["written"] = "?" + saved["stream"]["stream_state"]["written"]
    again = connector.read(world.config(), catalog("events"), [saved])
    assert again.code == 0 and len(again.ids("events")) >= 10
    assert [text for text in again.logs("WARN") if "come again" in text]
