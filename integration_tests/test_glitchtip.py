"""GlitchTip of 2022 and of 2025, as the sandbox's presets tell them: all streams are read whole, in full and then
what is new, and what such a server cannot show is told. What is known of them: SHARED/reference/sentry-api.md 6."""

import pytest
from support.connector import STREAMS, catalog
from support.sandbox import true_ids

PRESETS = ["glitchtip-3", "glitchtip-5"]
# More than a page of everything, and of projects where the organization's are read.
WORLD = ["--event-size", "small", "--days", 30, "--events", 900, "--issues", 260, "--releases", 130]


@pytest.fixture(params=PRESETS)
def preset(request):
    return request.param


def key_of(stream):
    return "version" if stream == "releases" else "id"


def read_keys(run, stream):
    return sorted(str(record[key_of(stream)]) for record in run.records(stream))


def true_keys(sandbox, stream, project):
    """The whole organization's without `project`."""
    truth = sandbox.truth() if project else sandbox.control("GET", "truth?organization=acme")
    if stream == "releases":
        return sorted(row["version"] for row in truth["releases"])
    # Unlike Sentry's, its list of issues leaves none out.
    if stream == "issues":
        return sorted(str(row["id"]) for row in truth["issues"])
    if stream == "project_detail" and not project:
        return true_ids(truth, "projects")
    return true_ids(truth, stream)


def expect_complete(run):
    assert run.code == 0 and run.stderr == "" and not run.errors(), run.errors()
    for stream in STREAMS:
        assert run.statuses(stream)[-1]["status"] == "COMPLETE", stream


@pytest.mark.parametrize("sync_mode", ["full_refresh", None], ids=["full", "incremental"])
@pytest.mark.parametrize("project", ["web", None], ids=["one project", "all projects"])
def test_a_glitchtip_is_read_whole(connector, start_sandbox, preset, project, sync_mode):
    sandbox = start_sandbox("--quirk", preset, *WORLD, "--projects", 60)
    run = connector.read(sandbox.config(project=project), catalog(sync_mode=sync_mode))
    expect_complete(run)
    for stream in STREAMS:
        assert read_keys(run, stream) == true_keys(sandbox, stream, project), stream


@pytest.mark.parametrize("project", ["web", None], ids=["one project", "all projects"])
def test_a_second_read_of_a_glitchtip_gives_what_is_new(connector, start_sandbox, preset, project):
    sandbox = start_sandbox("--quirk", preset, *WORLD, "--projects", 3)
    first = connector.read(sandbox.config(project=project), catalog())
    expect_complete(first)
    sandbox.advance(60)
    # Newest by receipt is what happened a day and more before the saved state: it hides nothing below it.
    added = sandbox.change(add_events={"project": "web", "count": 60, "new_issue": True},
                           add_release={"project": "web", "version": "newcomer@1"},
                           add_project={"slug": "newcomer"})
    sandbox.advance(1)
    sandbox.change(add_events={"project": "web", "count": 120, "at": 30 * 3600})
    sandbox.advance(2)
    second = connector.read(sandbox.config(project=project), catalog(), first.state_file())
    expect_complete(second)
    new = {stream: set(read_keys(second, stream)) - set(read_keys(first, stream))
           for stream in ("events", "issues", "releases", "projects")}
    assert new["events"] >= set(added["add_events"]["events"])
    assert new["issues"] == {added["add_events"]["issue"]}
    assert new["releases"] == {"newcomer@1"} and new["projects"] == {added["add_project"]["id"]}


def test_check_and_discover_answer_for_a_glitchtip(connector, start_sandbox, preset):
    sandbox = start_sandbox("--quirk", preset, "--events", 60, "--issues", 20, "--releases", 10)
    for project in ["web", None]:
        status = connector.check(sandbox.config(project=project)).connection_status()
        assert status["status"] == "SUCCEEDED", status
        assert "cannot" not in status.get("message", ""), status
    streams = connector.discover(sandbox.config()).of("CATALOG")[0]["catalog"]["streams"]
    assert {stream["name"] for stream in streams} >= set(STREAMS)


@pytest.mark.parametrize("project", ["web", None], ids=["one project", "all projects"])
def test_releases_of_one_instant_all_come(connector, start_sandbox, preset, project):
    """Ninety of a hundred and eleven were created at one instant, have no id, and nothing settles their order. One of
    them stands on a page's edge, comes twice and hides another, which pages of another size show."""
    sandbox = start_sandbox("--quirk", preset, "--projects", 2, "--events", 40, "--issues", 10, "--releases", 0)
    for number in range(111):
        at = "2026-01-15T11:00:00.123456Z"
        if not 10 <= number < 100:
            at = f"2026-01-15T{'09' if number < 10 else '11'}:{number % 10 + 10}:00Z"
        sandbox.change(add_release={"project": "web", "version": f"v{number}", "at": at})
    run = connector.read(sandbox.config(project=project), catalog("releases"))
    assert run.code == 0 and run.statuses("releases")[-1]["status"] == "COMPLETE"
    assert read_keys(run, "releases") == sorted(f"v{number}" for number in range(111)), "each once"
    again = connector.read(sandbox.config(project=project), catalog("releases"), run.state_file())
    assert again.code == 0 and "v109" in read_keys(again, "releases")


@pytest.mark.parametrize("sync_mode", ["full_refresh", None], ids=["full", "incremental"])
def test_what_ties_at_an_edge_hide_is_read(connector, start_sandbox, preset, sync_mode):
    """Also of events, which many servers receive in one piece, and of issues; a page's edge lies among ninety."""
    sandbox = start_sandbox("--quirk", preset, "--projects", 1, "--events", 0, "--issues", 0, "--releases", 0)
    sandbox.change(add_events={"project": "web", "count": 20, "at": "2026-01-15T08:00:00Z", "new_issue": True})
    sandbox.advance(2)
    sandbox.change(add_events={"project": "web", "count": 90, "at": "2026-01-15T10:00:00Z"})
    sandbox.advance(2)
    sandbox.change(add_events={"project": "web", "count": 60, "at": "2026-01-15T11:00:00Z"})
    for number in range(150):
        at = "2026-01-15T10:00:00Z" if number < 90 else f"2026-01-15T11:{number - 90:02}:00Z"
        sandbox.change(add_issue={"project": "web", "at": at})
    sandbox.advance(2)
    run = connector.read(sandbox.config(), catalog("events", "issues", sync_mode=sync_mode))
    assert run.code == 0 and not any("listed twice" in line for line in run.logs("WARN"))
    for stream in ["events", "issues"]:
        assert read_keys(run, stream) == true_keys(sandbox, stream, "web"), "each once"


def test_releases_that_hide_more_than_can_be_counted_are_told(connector, start_sandbox, preset):
    """It counts no more than a thousand: nothing proves there that all were seen."""
    sandbox = start_sandbox("--quirk", preset, "--projects", 1, "--events", 40, "--issues", 10, "--releases", 1100)
    for number in range(90):
        sandbox.change(add_release={"project": "web", "version": f"v{number}", "at": "2026-01-15T11:00:00Z"})
    run = connector.read(sandbox.config(), catalog("releases"))
    keys = read_keys(run, "releases")
    assert len(keys) == len(set(keys)), "none twice"
    assert run.statuses("releases")[-1]["status"] == "INCOMPLETE" or keys == true_keys(sandbox, "releases", "web")
    if run.code:
        assert "listed twice" in run.errors("releases")[0]["message"]
        again = connector.read(sandbox.config(), catalog("releases"), run.state_file())
        assert set(read_keys(again, "releases")) == set(keys) and again.code == 1


@pytest.mark.parametrize("stream", ["events", "issues", "releases"])
def test_ties_that_no_cursor_steps_over_are_told(connector, start_sandbox, preset, stream):
    """A cursor steps over a hundred rows of one instant at most: what is behind them cannot be had."""
    sandbox = start_sandbox("--quirk", preset, "--projects", 1, "--events", 40, "--issues", 10, "--releases", 0)
    at = "2026-01-15T11:00:00Z"
    for number in range(260):
        if stream == "releases":
            sandbox.change(add_release={"project": "web", "version": f"v{number}", "at": at})
        elif stream == "issues":
            sandbox.change(add_issue={"project": "web", "at": at})
    if stream == "events":
        sandbox.change(add_events={"project": "web", "count": 260, "at": at})
        sandbox.advance(2)
    run = connector.read(sandbox.config(), catalog(stream))
    whole = set(read_keys(run, stream)) == set(true_keys(sandbox, stream, "web"))
    assert whole or run.statuses(stream)[-1]["status"] == "INCOMPLETE"


@pytest.mark.parametrize("stream", ["issues", "projects", "releases", "all_projects_detail"])
def test_an_organization_that_a_glitchtip_does_not_have_is_not_empty(connector, start_sandbox, preset, stream):
    sandbox = start_sandbox("--quirk", preset, "--events", 40, "--issues", 10)
    run = connector.read(sandbox.config(organization="nobody", project=None), catalog(stream))
    assert run.code == 1 and run.statuses(stream)[-1]["status"] == "INCOMPLETE"
