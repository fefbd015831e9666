"""Servers that ignore the window that they are asked for, and list in an order of their own."""

from urllib.parse import parse_qs, urlsplit

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
    assert run.states("events")[-1]["dateCreated"] == "2026-01-15T11:30:00.000000Z"


def test_events_dated_in_the_future_are_counted_and_told(connector, serve):
    respond = pages_of([event("f1", "2026-03-01T00:00:00", "2026-01-15T11:30:00"),
                        event("f2", "2026-01-15T13:00:00", "2026-01-15T11:25:00"),
                        event("new", "2026-01-15T11:20:00", "2026-01-15T11:20:00")])
    run = connector.read(serve(sentry_with("/web/events/", respond)).config(), catalog("events"), STATE)
    assert run.code == 0 and run.ids("events") == ["new"]
    [told] = [line for line in run.logs("WARN") if "dated in the future" in line]
    assert told.startswith("2 records of events") and "2026-03-01T00:00:00" in told
    assert run.states("events")[-1]["dateCreated"] == "2026-01-15T11:20:00.000000Z"


CROWD = "2026-01-12T00:00:00"
CROWDED = [*(event(f"new{i}", f"2026-01-13T00:{40 - i}:00", f"2026-01-13T00:{40 - i}:01") for i in range(30)),
           *(event(f"crowd{i}", CROWD, CROWD) for i in range(400)),
           *(event(f"old{i}", f"2026-01-11T00:{40 - i}:00", f"2026-01-11T00:{40 - i}:01") for i in range(30))]


def by_time_and_number(heeds_windows):
    """A cursor is the time above a page and a number of rows of one time, of which the server takes no more than 100:
    GlitchTip's, which is what all do that are made with the same library."""

    def respond(target):
        given = {key: values[0] for key, values in parse_qs(urlsplit(target).query).items()}
        rows = CROWDED
        if heeds_windows:
            rows = [row for row in rows if given["start"] <= row["dateCreated"] < given["end"]]
        above, _, number = given.get("cursor", "").partition("/")
        if above:
            rows = [row for row in rows if row["dateCreated"] < above]
        number = min(int(number or 0), 100)
        page = rows[number:number + 50]
        more = len(rows) > number + 50
        cursor = f"{above or '9'}/{number + 50}"
        if more and page[0]["dateCreated"] != page[-1]["dateCreated"]:
            last = page[-1]["dateCreated"]
            higher = [row for row in page if row["dateCreated"] != last]
            cursor = f"{higher[-1]['dateCreated']}/{len(page) - len(higher)}"
        return {"body": page, "headers": link(cursor if more else None)}

    return respond


@pytest.mark.parametrize("heeds_windows", [True, False])
def test_more_of_one_time_than_pages_can_pass_is_told_and_passed_by(connector, serve, heeds_windows):
    server = serve(sentry_with("/web/events/", by_time_and_number(heeds_windows)))
    saved = state(events={"dateCreated": "2026-01-10T00:00:00Z"})
    run = connector.read(server.config(), catalog("events"), saved)
    [error] = run.errors("events")
    assert run.code == 1 and f"carry the time {CROWD}" in error["message"] and "later" not in error["message"]
    read = set(run.ids("events"))
    assert {f"new{i}" for i in range(30)} <= read and len(server.targets) < 40
    assert run.states("events")[-1]["dateCreated"][:10] == "2026-01-10"
    if heeds_windows:
        assert {f"old{i}" for i in range(30)} <= read
        assert "2026-01-12T00:00:00Z to 2026-01-12T00:00:01Z" in error["message"]
    # The advice holds.
    rest = connector.read(server.config(start_date="2026-01-12T00:00:01Z"), catalog("events"), saved)
    assert rest.code == 0 and set(rest.ids("events")) == {f"new{i}" for i in range(30)}
