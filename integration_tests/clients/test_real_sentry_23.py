"""A real Sentry of July 2023, read completely: its own database says what is true."""

import pytest
import real_sentry
from real_sentry_truth import new_true_ids
from real_sentry_world import World
from support.connector import INCREMENTAL, STREAMS, catalog
from support.fast_time import fast

pytestmark = pytest.mark.skipif(bool(real_sentry.NEW.missing()), reason=real_sentry.NEW.missing())

# Nothing is read again but the second of the state: what the look back brings is not new.
EXACTLY = {"lookback_window": "PT0S"}


@pytest.fixture(scope="session")
def servers():
    with real_sentry.NEW.running() as running:
        yield {kind: real_sentry.RealSentry(*place) for kind, place in running.items()}


@pytest.fixture
def sentry(servers):
    return servers["whole"]


@pytest.fixture
def world(sentry):
    return World(sentry)


def ids(run, stream):
    """The sorted ids of all that a run gave, repeats included; those of releases are numbers."""
    return sorted(map(str, run.ids(stream)))


def expect_complete(run, sentry, projects, organization="acme", streams=STREAMS):
    assert run.code == 0 and run.stderr == "" and not run.errors(), (run.errors(), run.stderr)
    for stream in streams:
        truth = {number for project in projects for number in new_true_ids(sentry, stream, organization, project)}
        assert ids(run, stream) == sorted(truth), stream
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"


def test_check_and_discover(connector, sentry):
    run = connector.check(sentry.config())
    assert run.code == 0 and run.connection_status() == {"status": "SUCCEEDED"}
    [message] = connector.discover(sentry.config()).of("CATALOG")
    assert [stream["name"] for stream in message["catalog"]["streams"]] == STREAMS


@pytest.mark.parametrize("sync_mode", ["full_refresh", None])
def test_all_streams_are_what_the_database_holds(connector, sentry, sync_mode):
    run = connector.read(sentry.config(), catalog(sync_mode=sync_mode))
    expect_complete(run, sentry, ["web"])
    assert len(run.records("events")) >= 150 and len(run.records("releases")) > 100
    assert {issue["status"] for issue in run.records("issues")} == {"resolved", "unresolved", "ignored"}
    assert {release["status"] for release in run.records("releases")} == {"open", "archived"}


def test_a_server_whose_event_store_is_down(connector, servers):
    down = servers["no-events"]
    run = connector.check(down.config())
    status = run.connection_status()
    assert status["status"] == "SUCCEEDED"
    lost = ["events", "issues", "releases"]
    assert "these failed: " + ", ".join(lost) in status["message"].split(". ")[0]
    run = connector.read(down.config(), catalog(), env=fast(60))
    assert run.code == 1
    for stream in STREAMS:
        assert run.statuses(stream)[-1]["status"] == ("INCOMPLETE" if stream in lost else "COMPLETE")
        assert len(run.errors(stream)) == (stream in lost)
    for route in "organizations/acme/issues/", "projects/acme/web/issues/":
        told = run.errors("issues")[0]["message"]  # in full, unless the events have told it before
        assert f"GET {route}: HTTP 500" in told or "same reason as the stream events (HTTP 500)" in told


def test_every_project(connector, sentry):
    """`orphan` belongs to no team, and another organization of the same people has a project too."""
    config = sentry.config()
    del config["project"]
    expect_complete(connector.read(config, catalog()), sentry, ["web", "api", "mobile", "orphan"])


def test_events_by_their_bodies(connector, sentry):
    """Its Explore knows no dataset of errors, but has them in the default one."""
    listed = connector.read(sentry.config(), catalog("events"))
    run = connector.read(sentry.config(event_bodies="detail"), catalog("events"))
    expect_complete(run, sentry, ["web"], streams=["events"])
    # Only the detail has these.
    assert not [event for event in listed.records("events") if "nextEventID" in event]
    assert not [event for event in run.records("events") if "nextEventID" not in event]
    for one in listed, run:
        assert [text for text in one.logs("INFO") if "as many as Sentry counts" in text], one.logs("INFO")


def test_a_second_read_gives_what_came_in_between(connector, world):
    world.ingest("first", "second", "third")
    world.settle()
    first = connector.read(world.config(**EXACTLY), catalog())
    expect_complete(first, world.sentry, ["shop"], world.slug)

    sent = world.ingest("first", "fourth", "fourth", "fifth")
    world.add_release("shop@2.0.0")
    world.add_project("cellar")
    world.settle()
    second = connector.read(world.config(**EXACTLY), catalog(), first.state_file())
    assert second.code == 0, second.errors()
    assert set(second.ids("events")) - set(first.ids("events")) == set(sent)
    assert {release["version"] for release in second.records("releases")} >= {"shop@2.0.0"}
    assert "cellar" in [project["slug"] for project in second.records("projects")]
    for stream in INCREMENTAL:
        assert sorted({*ids(first, stream), *ids(second, stream)}) == new_true_ids(
            world.sentry, stream, world.slug, "shop"), stream

    third = connector.read(world.config(**EXACTLY), catalog(), second.state_file())
    for stream in INCREMENTAL:
        assert set(ids(third, stream)) <= set(ids(second, stream)), stream
        assert third.states(stream)[-1] == second.states(stream)[-1], stream
