"""Saved states that are about something else: none is used for what it does not speak of, and none is dropped without a
word. The forms themselves: test_state_forms.py."""

import json

import pytest
from support.connector import catalog

EXACT = {"lookback_window": "PT0S"}


@pytest.fixture
def world(start_sandbox):
    return start_sandbox("--projects", 3, "--events", 400, "--event-size", "small", "--issues", 60, "--days", 20)


def ids(world, project="web"):
    return sorted(event["id"] if isinstance(event, dict) else event
                  for event in world.truth(project=project)["events"])


def read(connector, world, saved=None, **changes):
    run = connector.read(world.config(**EXACT, **changes), catalog("events"), saved)
    assert run.code == 0, run.errors()
    return run


def unused(run):
    return [text for text in run.logs("WARN") if "its saved state cannot be used" in text]


def test_a_state_of_other_projects_says_nothing_of_this_one(connector, world):
    others = read(connector, world, project=None, projects=["api", "mobile"])
    run = read(connector, world, others.state_file())
    assert sorted(run.ids("events")) == ids(world)
    assert len(unused(run)) == 1 and "about api, mobile only" in unused(run)[0]


def test_a_slug_that_went_over_to_another_project_takes_no_cursor_along(connector, world):
    every = read(connector, world, project=None)
    world.change(rename_project={"from": "web", "to": "web-old"})
    world.change(add_project={"slug": "web"})
    world.change(add_events={"project": "web", "count": 20, "at": 3 * 86_400})
    run = read(connector, world, every.state_file())
    assert sorted(run.ids("events")) == ids(world) and len(run.ids("events")) == 20


def of_another(run):
    return [text for text in run.logs("WARN") if "is not what the configuration names" in text]


def test_a_single_projects_state_is_not_used_for_another(connector, world):
    web = read(connector, world)
    run = read(connector, world, web.state_file(), project="api")
    assert sorted(run.ids("events")) == ids(world, "api")
    assert len(of_another(run)) == 1 and 'the project "web"' in of_another(run)[0] and not unused(run)
    assert len(read(connector, world, run.state_file(), project="api").ids("events")) <= 1


def test_a_project_made_anew_under_its_name_is_read_from_the_start(connector, world):
    web = read(connector, world)
    world.change(delete_project="web")
    world.change(add_project={"slug": "web"})
    world.change(add_events={"project": "web", "count": 20, "at": 3 * 86_400})
    run = read(connector, world, web.state_file())
    assert sorted(run.ids("events")) == ids(world) and len(run.ids("events")) == 20
    assert len(of_another(run)) == 1


@pytest.mark.parametrize("projects", [None, ["*"]], ids=["single", "several"])
@pytest.mark.parametrize("other", [{"organization": "umbrella"}, {"created": "2020-01-01T00:00:00Z"},
                                   {"created": "", "host": "sentry.io"}], ids=["organization", "created", "host"])
def test_another_sentrys_state_with_the_same_number_is_not_used(connector, world, projects, other):
    first = read(connector, world, projects=projects)
    saved = json.loads(json.dumps(first.state_file()))
    state = saved[0]["stream"]["stream_state"]
    for cursor in [entry["cursor"] for entry in state["states"]] if projects else [state]:
        cursor["of"].update(other)
    run = read(connector, world, saved, projects=projects)
    assert sorted(run.ids("events")) == sorted(first.ids("events"))
    assert len(of_another(run)) == 1
    # A state that does not say whose it is, as the official connector's, is used as it is.
    for cursor in [entry["cursor"] for entry in state["states"]] if projects else [state]:
        del cursor["of"]
    assert len(read(connector, world, saved, projects=projects).ids("events")) <= 3


def test_a_single_projects_state_without_its_name_is_told(connector, world):
    alone = read(connector, world)
    run = read(connector, world, alone.state_file(), project=None)
    assert set(ids(world)) < set(run.ids("events"))
    assert len(unused(run)) == 1 and "put that project's slug into project" in unused(run)[0]
    assert not unused(read(connector, world, alone.state_file(), projects=["*"]))


def test_a_single_projects_state_follows_its_rename(connector, world):
    alone = read(connector, world)
    world.change(rename_project={"from": "web", "to": "web-old"})
    run = read(connector, world, alone.state_file(), projects=["*"])
    assert not unused(run) and len(set(run.ids("events")) & set(alone.ids("events"))) <= 1
    assert {entry["partition"]["project"] for entry in run.states("events")[-1]["states"]} == {"api", "mobile", "web-old"}


@pytest.mark.parametrize("stream_state, reason", [
    ([], "not an object"), ("2024-01-01", "not an object"), ({"states": "x"}, "not a list"),
    ({"states": [1, None]}, "not an object"),
    ({"lastSeen": "2026-01-01T00:00:00Z"}, 'no "dateCreated"')])
def test_what_is_no_state_is_told(connector, world, stream_state, reason):
    run = read(connector, world, [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "events"},
                                                                "stream_state": stream_state}}])
    assert sorted(run.ids("events")) == ids(world)
    assert len(unused(run)) == 1 and reason in unused(run)[0]


def test_a_line_of_output_is_a_state_too(connector, world):
    first = read(connector, world)
    line = [message for message in first.messages if message["type"] == "STATE"][-1]
    for saved in (line, [line]):
        assert len(read(connector, world, saved).ids("events")) <= 1


def test_a_project_that_vanishes_from_the_list_is_told(connector, world):
    every = read(connector, world, project=None)
    world.change(delete_project="mobile")
    run = read(connector, world, every.state_file(), project=None)
    told = [text for text in run.logs("WARN") if "no longer lists" in text]
    assert len(told) == 1 and "read of mobile." in told[0]
    kept = {entry["partition"]["project"]: entry for entry in run.states("events")[-1]["states"]}
    assert kept["mobile"] == {entry["partition"]["project"]: entry
                              for entry in every.states("events")[-1]["states"]}["mobile"]
    # What the configuration leaves out has not vanished.
    assert not [text for text in read(connector, world, every.state_file(), project=None, projects=["web", "api"]).logs("WARN")
                if "no longer lists" in text]


def test_a_project_configured_by_an_old_name_goes_on(connector, world):
    first = read(connector, world, project=None, projects=["web", "api"])
    world.change(rename_project={"from": "web", "to": "web-old"})
    status = connector.check(world.config(project=None, projects=["web", "api"])).connection_status()
    assert status["status"] == "SUCCEEDED" and '"web" was renamed to "web-old"' in status["message"]
    run = read(connector, world, first.state_file(), project=None, projects=["web", "api"])
    assert len(run.ids("events")) <= 2
    assert [text for text in run.logs("WARN") if "web was renamed to web-old" in text]
    assert {entry["partition"]["project"] for entry in run.states("events")[-1]["states"]} == {"api", "web-old"}


def test_a_project_that_is_not_there_is_said_so_by_every_stream(connector, world):
    config = world.config(project=None, projects=["web", "nope"])
    run = connector.read(config, catalog())
    assert run.code == 1
    for stream in ("events", "issues", "project_detail", "project_keys"):
        assert 'There is no project "nope"' in run.why(stream)
    assert not run.errors("releases") and sorted(run.ids("events")) == ids(world)
    run = connector.read(world.config(project="nope"), catalog())
    assert run.code == 1
    for stream in ("events", "issues", "project_detail", "project_keys"):
        assert 'There is no project "nope"' in run.why(stream)
    assert len(run.errors("events")) == 1 and run.stdout.count(b'no project \\"nope\\"') == 1, "of all streams"


def test_one_project_is_read_by_one_shard(connector, world):
    written = [connector.read(world.config(shard={"index": index, "count": 3}, **EXACT), catalog("events")).ids("events")
               for index in range(3)]
    assert sorted(sum(written, [])) == ids(world)


@pytest.mark.parametrize("failure", [
    {"status": 401, "body": json.dumps({"detail": "Invalid token"})},
    {"status": 200, "body": "<html>Log in</html>"}], ids=["401", "page"])
def test_projects_without_their_details_come_again(connector, world, failure):
    """Not written by half and then never again."""
    world.faults({"path": "/projects/acme/", "times": -1, **failure})
    run = connector.read(world.config(), catalog("projects"))
    assert run.code == 1 and run.statuses("projects")[-1]["status"] == "INCOMPLETE"
    world.reset()
    run = connector.read(world.config(), catalog("projects"), run.state_file())
    assert run.code == 0 and len(run.records("projects")) == 3
    assert all(record["status"] == "active" for record in run.records("projects"))


def test_keys_that_are_not_known_are_told(connector, world):
    run = connector.read({**world.config(), "projcts": ["web"], "x": 1, "_airbyte": 2}, catalog("projects"))
    assert run.code == 0
    told = [text for text in run.logs("WARN") if "nknown keys" in text]
    assert len(told) == 1 and "projcts (did you mean projects?), x." in told[0] and "_airbyte" not in told[0]
