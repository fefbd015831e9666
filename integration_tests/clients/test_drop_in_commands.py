"""spec, discover and check beside the official connector's, and reads of answers that are none."""

import pytest
from clients.drop_in import SMALL, config_for_both
from clients.official_differences import COMMAND_DIFFERENCES
from support.connector import catalog
from support.protocol import ROOT

FAILED, SUCCEEDED = "FAILED", "SUCCEEDED"
WEB_PAGE = {"times": -1, "html": True}


@pytest.fixture(scope="module")
def server(loaded):
    sandbox = loaded.start(*SMALL)
    loaded.sandboxes.remove(sandbox)  # this module stops it itself
    yield sandbox
    sandbox.stop()


def test_spec_takes_the_same_configuration(loaded):
    theirs, ours = [one.run("spec").of("SPEC")[0]["spec"]["connectionSpecification"]
                    for one in (loaded.official, loaded.ours)]
    assert set(ours["required"]) <= set(theirs["required"])
    assert theirs["properties"].keys() < ours["properties"].keys()
    for name, entry in theirs["properties"].items():
        for keyword in ("type", "default", "airbyte_secret"):
            assert entry.get(keyword) == ours["properties"][name].get(keyword), (name, keyword)


def test_discover_offers_the_same_streams(loaded, server):
    theirs, ours = [{stream["name"]: stream for stream in
                     one.discover(config_for_both(server)).of("CATALOG")[0]["catalog"]["streams"]}
                    for one in (loaded.official, loaded.ours)]
    assert theirs.keys() < ours.keys()
    for name, stream in theirs.items():
        assert set(stream["json_schema"]["properties"]) <= set(ours[name]["json_schema"]["properties"]), name
        assert {**stream, "json_schema": None} == {**ours[name], "json_schema": None}


# Change of the configuration, what is wrong with the server, what the two say.
CHECKS = {
    "all is well": ({}, [], SUCCEEDED, SUCCEEDED),
    "an integration's token": ({"auth_token": "sandbox-integration"}, [], SUCCEEDED, SUCCEEDED),
    "only project:read": ({"auth_token": "sandbox-scopes-project.read"}, [], SUCCEEDED, SUCCEEDED),
    "a wrong token": ({"auth_token": "nonsense"}, [], FAILED, FAILED),
    "a wrong project": ({"project": "wbe"}, [], FAILED, FAILED),
    "a wrong organization": ({"organization": "acne"}, [], FAILED, FAILED),
    "only event:read": ({"auth_token": "sandbox-scopes-event.read"}, [], FAILED, SUCCEEDED),
    "a web page": ({}, [{"path": "*", **WEB_PAGE}], SUCCEEDED, FAILED),
}


@pytest.mark.parametrize("name", CHECKS)
def test_check(loaded, server, name):
    changes, faults, *said = CHECKS[name]
    server.reset()
    server.faults(*faults)
    assert [one.check(config_for_both(server, **changes)).connection_status()["status"]
            for one in (loaded.official, loaded.ours)] == said
    assert said[0] == said[1] or f"check: {name}" in {row.name for row in COMMAND_DIFFERENCES}
    server.reset()


def test_a_web_page_in_place_of_a_list(loaded, server):
    server.reset()
    server.faults({"path": "/events/", **WEB_PAGE})
    theirs, ours = loaded.read(server, "events", "issues")
    assert theirs.code == 0 and theirs.records("events") == [] and theirs.statuses("events")[-1]["status"] == "COMPLETE"
    assert ours.code == 1 and "web page" in ours.errors("events")[0]["message"]
    server.reset()


def test_pages_without_their_links(pair):
    """Something between here and Sentry has taken the headers away."""
    sandbox = pair.start(*SMALL, "--quirk", "no-link")
    theirs, ours = pair.read(sandbox, "events")
    lost = len(sandbox.truth()["events"]) - len(theirs.records("events"))
    assert lost > 0 and theirs.code == 0 and theirs.statuses("events")[-1]["status"] == "COMPLETE"
    assert ours.code == 1 and "Link" in ours.errors("events")[0]["message"]


def test_the_table_is_in_the_documentation():
    assert {row.name for row in COMMAND_DIFFERENCES} == {
        f"check: {name}" for name, (_, _, theirs, ours) in CHECKS.items() if theirs != ours} | {
        "read: a web page", "read: no links"}
    page = (ROOT / "docs" / "compatibility.md").read_text()
    for row in COMMAND_DIFFERENCES:
        assert row.line() in page, row.name
