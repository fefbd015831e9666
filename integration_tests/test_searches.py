"""Servers that answer a search that they do not understand with an empty list, or refuse its words."""

from urllib.parse import parse_qs, urlsplit

import pytest
from support.connector import catalog, state
from support.hostile import PROJECT, HostileServer, link

EMPTY = {"headers": link()}
ISSUES = [{"id": f"i{number}", "lastSeen": f"2026-01-15T11:{59 - number}:00Z", "project": {"id": "4507", "slug": "web"}}
          for number in range(5)]
RELEASES = [{"id": number, "version": f"v{number}", "dateCreated": f"2026-01-15T11:{59 - number}:00Z"}
            for number in range(5)]


def listed(rows):
    return {"body": rows, "headers": link()}


def knows_no_search(target, query):
    """As GlitchTip of 2022: what it does not know of a search is a tag that no issue has."""
    return EMPTY if query.get("query") else listed(ISSUES)


def knows_other_words(target, query):
    """As GlitchTip of 2025."""
    if query.get("sort", ["-last_seen"]) != ["-last_seen"]:
        return {"status": 422, "body": {"detail": [{"type": "literal_error", "loc": ["query", "sort"], "msg": "no"}]}}
    return EMPTY if query.get("query") or "start" in query else listed(ISSUES)


def knows_no_project_number(target, query):
    return EMPTY if "project" in query else listed(ISSUES)


def knows_no_range(target, query):
    return EMPTY if "start" in query else listed(ISSUES)


def server_of(serve, path, respond, project=PROJECT, organization=200):
    def answer(target):
        parts = urlsplit(target)
        query = {key: value for key, value in parse_qs(parts.query, keep_blank_values=True).items() if value != [""]}
        if parts.path.endswith(path):
            return respond(target, query)
        if parts.path == "/api/0/projects/acme/web/":
            return {"body": project} if project else {"status": 403, "body": {"detail": "Permission denied"}}
        if parts.path == "/api/0/organizations/acme/":
            return {"status": organization, "body": {"detail": "no"} if organization != 200 else {"slug": "acme"}}
        return EMPTY

    return serve(HostileServer(answer))


@pytest.mark.parametrize("saved, expected", [(None, 5), ("2026-01-15T11:56:00Z", 4)], ids=["first", "with a state"])
@pytest.mark.parametrize("respond", [knows_no_search, knows_other_words, knows_no_project_number, knows_no_range])
def test_a_search_that_is_not_understood_loses_no_issue(connector, serve, respond, saved, expected):
    server = server_of(serve, "/issues/", respond)
    run = connector.read(server.config(lookback_window="PT0S"), catalog("issues"),
                         saved and state(issues={"lastSeen": saved}))
    assert run.code == 0 and run.ids("issues") == [row["id"] for row in ISSUES[:expected]]
    assert run.states("issues")[-1]["lastSeen"] == "2026-01-15T11:59:00.000000Z"


@pytest.mark.parametrize("respond", [knows_no_search, knows_other_words])
def test_a_glitchtip_is_asked_in_its_own_words_at_once(connector, serve, respond):
    project = {**PROJECT, "organization": {"slug": "acme", "isAcceptingEvents": True}}
    server = server_of(serve, "/issues/", respond, project)
    run = connector.read(server.config(), catalog("issues"))
    assert run.code == 0 and len(run.ids("issues")) == 5 and not run.logs("WARN")
    assert [target for target in server.targets if "/issues/" in target] == [
        "/api/0/organizations/acme/issues/?project=4507&sort=-last_seen&limit=100"]


def test_a_search_in_vain_is_no_end_where_no_list_is_understood(connector, serve):
    def respond(target, query):
        if "query=" in target and not query.get("query"):
            return {"status": 400, "body": {"detail": "no"}}
        return EMPTY if query.get("query") or "limit=100" in target else listed(ISSUES)

    run = connector.read(server_of(serve, "/issues/", respond).config(), catalog("issues"))
    assert run.code == 1 and run.statuses("issues")[-1]["status"] == "INCOMPLETE"


@pytest.mark.parametrize("respond", [
    lambda target, query: EMPTY if query.get("project") == ["-1"] else listed(RELEASES),
    lambda target, query: EMPTY if "start" in query else listed(RELEASES),
], ids=["project -1", "a range"])
def test_releases_are_read_where_project_or_range_are_not_understood(connector, serve, respond):
    run = connector.read(server_of(serve, "/releases/", respond).config(), catalog("releases"))
    assert run.code == 0 and run.ids("releases") == [row["id"] for row in RELEASES]


@pytest.mark.parametrize("stream", ["projects", "releases", "all_projects_detail"])
@pytest.mark.parametrize("status", [404, 403])
def test_an_organization_that_there_is_not_is_not_an_empty_one(connector, serve, stream, status):
    server = server_of(serve, "/nothing/", None, organization=status)
    run = connector.read(server.config(), catalog(stream))
    assert run.code == 1 and run.statuses(stream)[-1]["status"] == "INCOMPLETE"
    [error] = run.errors(stream)
    assert '"acme"' in error["message"]
