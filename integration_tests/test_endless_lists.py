"""Servers whose lists have no end: a new cursor with each page, and nothing new on it."""

import itertools

import pytest
from support.connector import catalog, state
from support.hostile import PROJECT, event, link, sentry_with

MOST_PAGES = 170  # those that are not looked at, a hundred in vain, and what else is asked


def endless(body):
    """Each page has a new cursor, and the rows that `body` gives for its number."""
    pages = itertools.count(1)

    def respond(target):
        number = next(pages)
        return {"body": body(number), "headers": link(f"c{number}")}

    return respond


ROWS = {
    "the same row": lambda number: [event(1)],
    "at another time": lambda number: [event(1, dateCreated=f"2026-01-15T11:{number % 60:02}:30Z")],
    "a few in turn": lambda number: [event(number % 7), event((number + 1) % 7)],
    "older than wanted": lambda number: [event(1, dateCreated="2025-12-01T00:00:00Z")],
    "without ids": lambda number: [{"dateCreated": "2026-01-15T11:30:00Z"}],
}


@pytest.mark.parametrize("rows", ROWS)
def test_events_that_come_again_for_ever_end_their_stream(connector, serve, rows):
    server = serve(sentry_with("/web/events/", endless(ROWS[rows])))
    saved = state(events={"dateCreated": "2026-01-09T23:59:00.000000Z"})
    run = connector.read(server.config(), catalog("events"), saved)
    assert run.code == 1 and "again and again" in run.errors("events")[0]["message"]
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"
    told = {key: value for key, value in run.states("events")[-1].items() if key not in ("of", "written")}
    assert told == {"dateCreated": "2026-01-09T23:59:00.000000Z"}
    assert len(server.targets) < MOST_PAGES


@pytest.mark.parametrize("path, stream", [("/keys/", "project_keys"), ("/releases/", "releases"),
                                          ("/issues/", "issues"), ("/acme/projects/", "projects")])
def test_every_list_ends(connector, serve, path, stream):
    row = {**PROJECT, "lastSeen": "2026-01-10T00:00:00Z"}
    if stream == "releases":
        row["id"] = 4507
    server = serve(sentry_with(path, endless(lambda number: [row])))
    run = connector.read(server.config(), catalog(stream))
    assert run.code == 1 and "again and again" in run.errors(stream)[0]["message"]
    assert run.statuses(stream)[-1]["status"] == "INCOMPLETE" and len(server.targets) < MOST_PAGES


@pytest.mark.parametrize("entry, says", [(PROJECT, "again and again"), ({}, "entries that are not projects")])
def test_an_endless_list_of_projects_ends_check_and_read(connector, serve, entry, says):
    server = serve(sentry_with("/acme/projects/", endless(lambda number: [entry])))
    config = {key: value for key, value in server.config().items() if key != "project"}
    assert says in connector.check(config).connection_status()["message"]
    assert len(server.targets) < MOST_PAGES
    run = connector.read(config, catalog("events"))
    assert run.code == 1 and says in run.errors("events")[0]["message"]


def test_empty_pages_between_new_rows_do_not_count(connector, serve):
    pages = [[event(number // 3)] if number % 3 == 0 else [] for number in range(480)]

    def respond(target):
        at = int(target.split("cursor=c")[1].split("&")[0]) if "cursor=c" in target else 0
        return {"body": pages[at], "headers": link(f"c{at + 1}" if at + 1 < len(pages) else None)}

    run = connector.read(serve(sentry_with("/web/events/", respond)).config(), catalog("events"),
                         state(events={"dateCreated": "2026-01-09T23:59:00Z"}))
    assert run.code == 0 and len(run.ids("events")) == 160
