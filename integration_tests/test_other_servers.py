"""Servers that are no Sentry, or show of it what the token may see, as the sandbox tells them."""

import pytest
from support.connector import catalog
from support.sandbox import true_ids

FEW = ["--events", 60, "--issues", 20, "--releases", 10]
OF_PROJECTS = ["projects", "project_detail", "all_projects_detail", "project_keys"]


@pytest.mark.parametrize("projects, whole", [(50, True), (51, True), (100, True), (150, False)])
def test_projects_whose_names_tie_are_read_in_larger_pages(connector, start_sandbox, projects, whole):
    """Each page of 50 begins with the row that the one before has shown, and hides another. What a hundred to a page
    do not show either is missing, and so said."""
    sandbox = start_sandbox("--quirk", "names-tie", "--projects", projects, *FEW)
    run = connector.read(sandbox.config(project=None), catalog(*OF_PROJECTS))
    assert run.code == (0 if whole else 1), run.errors()
    ends = {stream: run.statuses(stream)[-1]["status"] for stream in OF_PROJECTS}
    if whole:
        ids = true_ids(sandbox.control("GET", "truth?organization=acme"), "projects")
        assert set(ends.values()) == {"COMPLETE"}
        assert all(sorted(run.ids(stream)) == ids for stream in OF_PROJECTS[:3])
    else:
        assert set(ends.values()) == {"INCOMPLETE"}
        assert all("150" in run.why(stream) for stream in OF_PROJECTS)


def test_a_token_without_org_read_gives_nothing_of_other_organizations(connector, start_sandbox):
    """The list of projects that it opens is the user's, of all organizations; one of each has the same slug."""
    sandbox = start_sandbox("--projects", 4, *FEW)
    sandbox.change(rename_project={"from": "web", "to": "lab"})
    config = sandbox.config(project=None, auth_token="sandbox-scopes-event.read-project.read")
    opened = OF_PROJECTS + ["events", "issues", "releases"]
    run = connector.read(config, catalog(*opened))
    assert run.code == 0, run.errors()
    truth = sandbox.control("GET", "truth?organization=acme")
    ours = sorted(row["id"] for row in truth["projects"] if row["isMember"])
    assert len(ours) == 3 and "lab" in {row["slug"] for row in run.records("projects")}
    for stream in OF_PROJECTS[:3]:
        assert sorted(run.ids(stream)) == ours, stream
    assert not any("deleted" in text for text in run.logs("WARN"))
    told = [text for text in run.logs("WARN") if "may have others" in text]
    assert len(told) == 1 and "org:read" in told[0], "the user is a member of some projects only"
    saved = run.states("projects")[-1]["dateCreated"]
    assert saved[:19] == max(row["dateCreated"] for row in run.records("projects"))[:19]
    assert all(run.statuses(stream)[-1]["status"] == "COMPLETE" for stream in opened)
