"""event_bodies: whole events from the list, or each by itself."""

import pytest
from support.connector import catalog
from support.fast_time import fast

EXACT = {"lookback_window": "PT0S"}


@pytest.fixture
def world(start_sandbox):
    return start_sandbox("--projects", 3, "--events", 1500, "--issues", 100, "--days", 30)


def read(connector, world, bodies, saved=None, **changes):
    run = connector.read(world.config(**{**EXACT, "event_bodies": bodies, **changes}), catalog("events"), saved)
    assert run.code == 0, run.errors()
    return run


def asked(world, path):
    return [one["path"] for one in world.requests() if path in one["path"]]


@pytest.mark.parametrize("changes", [{}, {"project": None}, {"num_workers": 1}])
def test_the_same_events_come_either_way(connector, world, changes):
    listed = read(connector, world, "list", **changes)
    world.reset()
    detailed = read(connector, world, "detail", **changes)
    assert sorted(detailed.ids("events")) == sorted(listed.ids("events"))
    assert detailed.states("events")[-1] == listed.states("events")[-1]
    whole = {event["id"]: event for event in listed.records("events")}
    for event in detailed.records("events"):
        assert set(whole[event["id"]]) <= set(event)
        listed_one = whole[event["id"]]
        # A list knows whole seconds only.
        assert event["dateCreated"][:19] == listed_one["dateCreated"][:19]
        assert {key: event[key] for key in listed_one if key != "dateCreated"} == {
            key: value for key, value in listed_one.items() if key != "dateCreated"}
    assert len(asked(world, "/acme/web/events/")) == len(world.truth()["events"]), "one request each, and no list"


def test_an_incremental_read_by_detail_goes_on_from_one_by_list(connector, world):
    first = read(connector, world, "list")
    world.advance(5)
    added = world.change(add_events={"project": "web", "count": 130})["add_events"]["events"]
    world.advance(5)
    second = read(connector, world, "detail", first.state_file())
    assert set(second.ids("events")) - set(first.ids("events")) == set(added)
    assert len(second.ids("events")) == len(set(second.ids("events")))


def test_every_state_on_the_way_can_be_gone_on_from(connector, world):
    run = read(connector, world, "detail")
    written = [message for message in run.messages if message["type"] in ("RECORD", "STATE")]
    states = [at for at, message in enumerate(written) if message["type"] == "STATE"]
    assert len(states) > 1
    for at in states:
        before = {one["record"]["data"]["id"] for one in written[:at] if one["type"] == "RECORD"}
        rest = read(connector, world, "detail", [written[at]["state"]])
        assert before | set(rest.ids("events")) == set(run.ids("events"))


def test_a_token_that_may_not_list_ids_gets_the_list(connector, world):
    run = read(connector, world, "detail", auth_token="sandbox-scopes-project.read-event.read")
    assert len(run.ids("events")) == len(world.truth()["events"])
    assert [text for text in run.logs("INFO") if "trying projects/acme/web/events/" in text]


def test_ids_that_cannot_be_listed_at_first_cost_no_second_reading(connector, world):
    """The list of the events themselves shows no less."""
    world.faults({"path": "dataset=errors", "times": 3, "status": 500, "body": ""})
    run = connector.read(world.config(event_bodies="detail", **EXACT), catalog("events"), env=fast(60))
    assert run.code == 0 and sorted(run.ids("events")) == sorted(event["id"] for event in world.truth()["events"])


def test_an_event_that_is_gone_by_then_is_told_and_stops_nothing(connector, world):
    lost = world.truth()["events"][7]
    lost = lost["id"] if isinstance(lost, dict) else lost
    world.faults({"path": f"/events/{lost}/", "times": -1, "status": 404,
                  "body": '{"detail":"The requested resource does not exist"}'})
    run = read(connector, world, "detail")
    assert len(run.ids("events")) == len(world.truth()["events"]) - 1 and lost not in run.ids("events")
    assert [text for text in run.logs("INFO") if "1 gone before they could be fetched" in text]


@pytest.mark.parametrize("body", ["", '{"detail":"The requested resource does not exist"}'], ids=["route", "record"])
def test_a_server_that_finds_none_of_them_is_no_empty_project(connector, world, body):
    """A 404 without a word is a route that is not there; one with a word for every single event cannot be deletion."""
    world.faults({"path": "/acme/web/events/0", "times": -1, "status": 404, "body": body},
                 *[{"path": f"/acme/web/events/{digit}", "times": -1, "status": 404, "body": body}
                   for digit in "123456789abcdef"])
    run = connector.read(world.config(event_bodies="detail", **EXACT), catalog("events"), env=fast(60))
    assert run.code == 1 and not run.ids("events")
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"
    assert run.states("events")[-1]["dateCreated"].startswith("1900-01-01")
    expected = "finds none of them" if body else "has no such route"
    assert expected in run.errors("events")[0]["message"]
    world.reset()
    assert len(read(connector, world, "detail", run.state_file()).ids("events")) == len(world.truth()["events"])


@pytest.mark.parametrize("status, code", [(401, 1), (429, 0), (410, 0), (500, 0)])
def test_refusals_of_single_events_are_met_as_those_of_lists(connector, world, status, code):
    one = world.truth()["events"][7]["id"]
    world.faults({"path": f"/events/{one}/", "times": 1, "status": status, "body": '{"detail":"Invalid token"}'})
    run = connector.read(world.config(event_bodies="detail", **EXACT), catalog("events"), env=fast(60))
    assert run.code == code, run.errors()
    assert (set(run.ids("events")) == {event["id"] for event in world.truth()["events"]}) == (code == 0)


@pytest.mark.parametrize("quiet", [False, True], ids=["others on the page", "alone on the page"])
def test_a_run_whose_only_news_is_refused_names_its_hole(connector, start_sandbox, quiet):
    """An event that an earlier run has written shows that the token may read events."""
    world = start_sandbox("--projects", 1, "--events", 40, "--issues", 5, "--days", 20)
    if not quiet:
        world.change(add_events={"project": "web", "count": 2})
    world.advance(5)
    config = world.config(event_bodies="detail")
    first = connector.read(config, catalog("events"))
    assert first.code == 0
    world.advance(60)
    bad, = world.change(add_events={"project": "web", "count": 1})["add_events"]["events"]
    world.advance(5)
    world.faults({"path": f"/events/{bad}/", "times": -1, "status": 403,
                  "body": '{"detail":"You do not have permission to perform this action."}'})
    world.control("DELETE", "requests")
    second = connector.read(config, catalog("events"), first.state_file())
    error, = second.errors("events")
    assert error["failure_type"] == "system_error" and "So 1 record of" in error["message"]
    assert not second.ids("events") and len(asked(world, "/acme/web/events/")) <= 1 + 3
    world.reset()
    third = connector.read(config, catalog("events"), second.state_file())
    assert third.code == 0 and third.ids("events") == [bad]


def test_no_more_run_at_a_time_than_the_server_allows(connector, start_sandbox):
    world = start_sandbox("--projects", 2, "--events", 300, "--issues", 20, "--days", 10, "--limit", "default=1000/1/3")
    run = read(connector, world, "detail", num_workers=4, project=None)
    assert len(run.ids("events")) > 100
    refused = [one for one in world.requests() if one["status"] == 429]
    assert 100 * len(refused) <= len(world.requests()), len(refused)


def test_an_event_that_cannot_be_read_fails_the_stream_and_keeps_the_state(connector, world):
    broken = sorted(world.truth()["events"], key=lambda event: event["dateCreated"])[200]
    world.faults({"path": f"/events/{broken['id']}/", "times": -1, "truncate": 30})
    config = world.config(event_bodies="detail", **EXACT)
    run = connector.read(config, catalog("events"), env=fast(60))
    assert run.code == 1 and broken["id"] not in run.ids("events")
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"
    world.reset()
    rest = read(connector, world, "detail", run.state_file())
    assert set(run.ids("events")) | set(rest.ids("events")) == {event["id"] for event in world.truth()["events"]}


def test_late_events_are_told_by_their_bodies(connector, world):
    late = {"late_events_window": "P5D"}
    first = read(connector, world, "detail", **late)
    world.advance(600)
    added = world.change(add_events={"project": "web", "count": 3, "at": 2 * 86_400})["add_events"]["events"]
    second = read(connector, world, "detail", first.state_file(), **late)
    assert set(second.ids("events")) - set(first.ids("events")) == set(added)
    assert len(second.ids("events")) < 10


def test_rate_limits_are_kept_and_waited_for(connector, start_sandbox):
    world = start_sandbox("--projects", 2, "--events", 150, "--issues", 20, "--days", 10, "--limits", "sentry.io")
    run = read(connector, world, "detail")
    assert len(run.ids("events")) == len(world.truth()["events"]) > 50
    assert not [one for one in world.requests() if one["status"] == 429]


def test_another_value_is_refused(connector, world):
    status = connector.check(world.config(event_bodies="both")).connection_status()
    assert status["status"] == "FAILED" and "list or detail" in status["message"]
