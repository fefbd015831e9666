"""Releases that change after they were created: releases_refresh."""

import pytest
from support.connector import catalog

DAY = 86_400


@pytest.fixture
def world(start_sandbox):
    sandbox = start_sandbox("--projects", 1, "--releases", 150, "--events", 300, "--issues", 20, "--event-size",
                            "small", "--days", 60)
    sandbox.options = {"lookback_window": "PT0S", "releases_refresh": "P30D"}
    return sandbox


def read(connector, sandbox, before=None, **changes):
    run = connector.read(sandbox.config(**{**sandbox.options, **changes}), catalog("releases"),
                         before.state_file() if before else None)
    assert run.code == 0, run.errors()
    assert len(run.ids("releases")) == len(set(run.ids("releases")))
    return run


def by_age(run):
    """All releases but the newest, which is that of the saved second; newest first."""
    return sorted(run.records("releases"), key=lambda row: row["dateCreated"], reverse=True)[1:]


def change_some(sandbox, run, but=()):
    """Changes a release of the tail in each way, none of those whose ids are in `but`; their ids."""
    deployed, finalized, archived = [row for row in by_age(run) if row["status"] == "open"
                                     and not row["dateReleased"] and row["id"] not in but][:3]
    sandbox.change(deploy_release=deployed["version"], finalize_release=finalized["version"],
                   archive_release=archived["version"])
    return {row["id"] for row in (deployed, finalized, archived)}


def test_changed_releases_come_again_and_others_do_not(connector, world):
    first = read(connector, world)
    changed = change_some(world, first)
    outside = by_age(first)[-1]
    world.change(deploy_release=outside["version"])
    world.advance(DAY)
    second = read(connector, world, first)
    assert set(second.ids("releases")) == changed
    added = world.change(add_release={"project": "web", "version": "9.9.9"})["add_release"]["id"]
    world.advance(DAY)
    third = read(connector, world, second)
    assert third.ids("releases") == [added]
    assert third.states("releases")[-1]["dateCreated"] > second.states("releases")[-1]["dateCreated"]
    assert not read(connector, world, third).records()


def test_without_it_they_are_read_once_in_the_official_form(connector, world):
    first = read(connector, world, releases_refresh=None)
    changed = change_some(world, first)
    second = read(connector, world, first, releases_refresh=None)
    assert set(second.states("releases")[-1]) == {"dateCreated", "of"}
    assert changed.isdisjoint(second.ids("releases"))
    # Switched on it takes what is there as known.
    third = read(connector, world, second)
    assert third.ids("releases") == second.ids("releases")
    changed = change_some(world, first, changed)
    assert set(read(connector, world, third).ids("releases")) == changed


def test_the_tail_costs_its_own_pages_only(connector, world):
    first = read(connector, world)
    world.reset()
    read(connector, world, first)
    asked = [request for request in world.requests() if request["path"].endswith("/releases/")]
    assert len(asked) == 2, "the look for ids, and one page for 75 of 150 releases"


def test_what_leaves_the_tail_is_forgotten(connector, world):
    first = read(connector, world)
    second = read(connector, world, first)
    sizes = [len(run.states("releases")[-1]["refresh"]["rows"]) for run in (first, second)]
    assert sizes[1] < 0.7 * sizes[0]
    assert not read(connector, world, second).records()


def test_a_killed_run_loses_no_change(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 1, "--releases", 3000, "--events", 300, "--issues", 20, "--event-size",
                            "small", "--days", 60)
    sandbox.options = {"lookback_window": "PT0S", "releases_refresh": "P50D"}
    first = read(connector, sandbox)
    changed = change_some(sandbox, first)
    oldest = [row for row in by_age(first) if row["status"] == "open"][1800]
    sandbox.change(archive_release=oldest["version"])
    changed.add(oldest["id"])
    second = read(connector, sandbox, first)
    assert set(second.ids("releases")) == changed
    written = [message for message in second.messages if message["type"] in ("RECORD", "STATE")]
    states = [at for at, message in enumerate(written) if message["type"] == "STATE"]
    assert len(states) > 1
    for at in states:
        kept = {one["record"]["data"]["id"] for one in written[:at] if one["type"] == "RECORD"}
        third = connector.read(sandbox.config(**sandbox.options), catalog("releases"), [written[at]["state"]])
        assert changed == kept | set(third.ids("releases"))


def test_releases_without_ids_are_read_as_without_it(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 1, "--releases", 20, "--quirk", "old-releases", "--days", 20)
    versions = [run_versions(connector, sandbox, value) for value in (None, "P30D")]
    assert versions[0] == versions[1] and len(versions[0][0]) == 20


def run_versions(connector, sandbox, value):
    """The versions that a first and a second run give."""
    config = sandbox.config(lookback_window="PT0S", releases_refresh=value)
    first = connector.read(config, catalog("releases"))
    second = connector.read(config, catalog("releases"), first.state_file())
    return [sorted(row["version"] for row in run.records("releases")) for run in (first, second)]
