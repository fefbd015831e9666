"""Servers that ignore the window that they are asked for, and list in an order of their own."""

import pytest
from support.connector import catalog, state
from support.hostile import link, sentry_with

STATE = state(events={"dateCreated": "2026-01-15T11:00:00Z"})  # an hour before the servers' now


def event(name, created, received=None):
    received = {"dateReceived": f"{received}Z"} if received else {}
    return {"id": name, "dateCreated": f"{created}Z", **received}


def pages_of(*pages):
    """Answers with these pages one after the other, whatever the window."""

    def respond(target):
        at = int(target.split("cursor=p")[1].split("&")[0]) if "cursor=p" in target else 0
        return {"body": pages[at], "headers": link(f"p{at + 1}" if at + 1 < len(pages) else None)}

    return respond


BY_RECEIPT = pages_of(
    [event("late1", "2026-01-14T06:00:00", "2026-01-15T11:55:00"),
     event("late2", "2026-01-14T05:00:00", "2026-01-15T11:54:00")],
    [event("new", "2026-01-15T11:30:00", "2026-01-15T11:30:00")])
OLDEST_FIRST = pages_of(
    [event("old1", "2026-01-10T00:00:00"), event("old2", "2026-01-10T01:00:00")],
    [event("old3", "2026-01-15T00:00:00"), event("new", "2026-01-15T11:30:00")])


@pytest.mark.parametrize("respond", [BY_RECEIPT, OLDEST_FIRST], ids=["by receipt", "oldest first"])
def test_a_page_of_old_rows_does_not_end_a_list_in_another_order(connector, serve, respond):
    run = connector.read(serve(sentry_with("/web/events/", respond)).config(), catalog("events"), STATE)
    assert run.code == 0 and run.ids("events") == ["new"]
    assert run.states("events")[-1] == {"dateCreated": "2026-01-15T11:30:00.000000Z"}


def test_events_dated_in_the_future_are_counted_and_told(connector, serve):
    respond = pages_of([event("f1", "2026-03-01T00:00:00", "2026-01-15T11:30:00"),
                        event("f2", "2026-01-15T13:00:00", "2026-01-15T11:25:00"),
                        event("new", "2026-01-15T11:20:00", "2026-01-15T11:20:00")])
    run = connector.read(serve(sentry_with("/web/events/", respond)).config(), catalog("events"), STATE)
    assert run.code == 0 and run.ids("events") == ["new"]
    [told] = [line for line in run.logs("WARN") if "dated in the future" in line]
    assert told.startswith("2 records of events") and "2026-03-01T00:00:00" in told
    assert run.states("events")[-1] == {"dateCreated": "2026-01-15T11:20:00.000000Z"}
