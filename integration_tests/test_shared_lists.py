"""Streams that read the same list ask for each of its pages once, whatever they make of it: each has its own records,
states and statuses."""

import collections

import pytest
from support.all_streams import config_of, keys, true_keys
from support.connector import catalog
from support.crashes import read_until_killed
from support.sandbox import Sandbox

WORLD = ["--events", 700, "--issues", 420, "--releases", 40, "--projects", 3]
OF_EVENTS = ["events", "event_tags", "event_exceptions", "event_frames", "event_breadcrumbs"]
OF_ISSUES = ["issue_hashes", "issue_tags", "event_attachments"]
OF_PROJECTS = ["project_features", "project_access"]
# The streams, and what their list's path ends with.
SHARING = {"events": (OF_EVENTS, "/events/"), "issues by time": (OF_ISSUES, "/organizations/acme/issues/"),
           "issues": (["issue_activity", "issue_comments"], "/organizations/acme/issues/"),
           "projects": (OF_PROJECTS, "/organizations/acme/projects/")}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("shared"), *WORLD)
    yield sandbox
    sandbox.stop()


def pages(world, end):
    """How often each page of the lists was asked for, and each count of their rows."""
    return collections.Counter((one["path"], one["query"]) for one in world.requests() if one["path"].endswith(end))


def read(connector, world, streams, saved=None, **more):
    world.control("DELETE", "requests")
    return connector.read(config_of(world, **more), catalog(*streams), saved)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("name", SHARING)
def test_a_page_is_asked_for_once(connector, world, name, workers):
    streams, end = SHARING[name]
    alone = {stream: read(connector, world, [stream], num_workers=workers) for stream in streams}
    wanted = sum(pages(world, end).values())
    together = read(connector, world, streams, num_workers=workers)
    assert together.code == 0, together.errors()
    assert sum(pages(world, end).values()) == wanted
    for stream in streams:
        assert keys(stream, together.records(stream)) == keys(stream, alone[stream].records()) != []
        assert together.statuses(stream)[-1]["status"] == "COMPLETE"
    # And so in the next run, which begins where this one has ended.
    again = read(connector, world, streams, together.state_file(), num_workers=workers)
    assert again.code == 0
    assert {times for page, times in pages(world, end).items() if "cursor" in page[1] or "start" in page[1]} <= {1}


def test_streams_at_different_places_read_what_each_lacks(connector, world):
    """One of them was read before, and another was killed on its way."""
    hashes, tags, attachments = OF_ISSUES
    before = read(connector, world, [hashes])
    seen = read_until_killed(connector, config_of(world), catalog(attachments), lines=30)
    run = read(connector, world, OF_ISSUES, [*before.state_file(), *seen.last_states()])
    assert run.code == 0, run.errors()
    assert keys(tags, run.records(tags)) == true_keys(world, tags)
    both = [*seen.rows[attachments].values(), *run.records(attachments)]
    assert set(keys(attachments, both)) == set(true_keys(world, attachments))
    assert len(run.records(hashes)) < len(before.records(hashes))


def test_a_stream_that_fails_takes_no_other_with_it(connector, world):
    issue = world.rows("issue_hashes")[0]["issueId"]
    world.faults({"path": f"/issues/{issue}/hashes/", "times": -1, "status": 403, "body": '{"detail":"no"}'})
    try:
        run = read(connector, world, OF_ISSUES)
    finally:
        world.control("DELETE", "faults")
    assert run.code == 1 and issue in run.why("issue_hashes")
    for stream in OF_ISSUES[1:]:
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"
        assert keys(stream, run.records(stream)) == true_keys(world, stream)
