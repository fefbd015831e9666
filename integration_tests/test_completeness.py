"""What a run says about its own completeness: rows against Sentry's count, intervals that were lost, and what moves in
the list of issues while it is read."""

import datetime
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from support.connector import catalog, state
from support.hostile import PROJECT, HostileServer, link
from support.sandbox import true_ids


@pytest.fixture
def world(start_sandbox):
    return start_sandbox("--projects", 3, "--events", 3000, "--issues", 400, "--event-size", "small", "--days", 30)


def lines(run, level, *words):
    return [text for text in run.logs(level) if all(word in text for word in words)]


def test_the_rows_of_each_project_are_held_against_sentrys_count(connector, world):
    world.advance(660)  # what is younger than ten minutes takes no part
    run = connector.read(world.config(project=None), catalog("events"))
    assert run.code == 0
    slugs = sorted(row["slug"] for row in world.control("GET", "truth?organization=acme")["projects"])
    for slug in slugs:
        [line] = lines(run, "INFO", f"events of {slug}: ", "as many as Sentry counts")
        assert int(re.search(r": (\d+) rows from", line)[1]) == len(world.truth(project=slug)["events"])
    assert not lines(run, "WARN", "Sentry counts")


class HidingSentry:
    """Has an event every twenty minutes of thirty days; its list never shows those of three hours in the middle."""

    NOW = datetime.datetime(2026, 1, 15, 12)

    def __init__(self):
        self.times = [self.NOW - datetime.timedelta(minutes=20 * number) for number in range(1, 30 * 72)]
        middle = self.NOW - datetime.timedelta(days=14)
        self.hidden = [when for when in self.times if middle <= when < middle + datetime.timedelta(hours=3)]

    def __call__(self, target):
        path, _, query = target.partition("?")
        asked = dict(urllib.parse.parse_qsl(query))
        start, end = (datetime.datetime.fromisoformat(asked.get(key, f"{otherwise}-01-01T00:00:00Z")[:-1])
                      for key, otherwise in (("start", 1970), ("end", 2100)))
        found = [when for when in self.times if start <= when < end]
        if path == "/api/0/projects/acme/web/":
            return {"body": PROJECT}
        if path == "/api/0/organizations/acme/events/":
            return {"body": {"data": [{"count()": len(found)}], "meta": {"dataScanned": "full"}}}
        found = [when for when in found if when not in self.hidden]
        offset = int(asked.get("cursor", "0:0:0").split(":")[1])
        rows = [{"id": f"{when:%d%H%M}", "dateCreated": f"{when:%Y-%m-%dT%H:%M:%SZ}"} for when in found]
        more = offset + 100 < len(rows)
        return {"body": rows[offset:offset + 100], "headers": link(f"0:{offset + 100}:0" if more else None)}


def test_a_window_that_came_short_is_named(connector, serve):
    sentry = HidingSentry()
    run = connector.read(serve(HostileServer(sentry)).config(), catalog("events"))
    assert run.code == 0 and len(run.ids("events")) == len(sentry.times) - 9
    [line] = lines(run, "WARN", "but Sentry counts")
    total, counted, start, end, rows, there = re.search(
        r": (\d+) rows from .* Sentry counts (\d+)\. .* window from (\S+) to (\S+): (\d+) rows came, and Sentry counts (\d+)\.",
        line).groups()
    assert int(counted) - int(total) == int(there) - int(rows) == 9
    assert start <= min(sentry.hidden).isoformat() and max(sentry.hidden).isoformat() < end
    assert datetime.datetime.fromisoformat(end) - datetime.datetime.fromisoformat(start) < datetime.timedelta(days=15)


def test_a_server_that_does_not_count_is_asked_once(connector, world):
    world.faults({"path": "/organizations/acme/events/", "times": -1, "status": 403,
                  "body": '{"detail":"You do not have permission to perform this action."}'})
    # Several workers may ask at the same time, before any of them is answered.
    run = connector.read(world.config(project=None, num_workers=1), catalog("events"))
    assert run.code == 0 and len(lines(run, "INFO", "Sentry gives no count")) == 1
    assert len([one for one in world.requests() if one["path"].endswith("/organizations/acme/events/")]) == 1


@pytest.mark.parametrize("fault", [{"status": 503}, {"status": 429, "headers": {"Retry-After": "3600"}}])
def test_a_count_that_fails_is_told_once_and_waited_for_by_nobody(connector, world, fault):
    world.advance(660)
    world.faults({"path": "/organizations/acme/events/?dataset=errors&", "times": -1, **fault})
    run = connector.read(world.config(project=None, num_workers=1), catalog("events"))
    assert run.code == 0
    assert len(lines(run, "INFO", "Sentry gives no count of its events", str(fault["status"]))) == 1
    assert not lines(run, "INFO", "as many as Sentry counts")
    assert len([one for one in world.requests() if one["path"].endswith("/organizations/acme/events/")]) == 1


def test_old_releases_are_found_where_all_of_them_are_archived(connector, start_sandbox):
    # More of the last months than a page holds, so that somebody looks whether anything is older.
    sandbox = start_sandbox("--releases", 150, "--events", 0, "--issues", 0, "--days", 60)
    old = {sandbox.change(add_release={"project": "web", "version": version, "at": at, "status": "archived"})
           ["add_release"]["id"] for version, at in (("old@1", "2025-02-01T00:00:00Z"), ("old@2", "2025-08-01T00:00:00Z"))}
    run = connector.read(sandbox.config(), catalog("releases"))
    assert run.code == 0 and old <= set(run.ids("releases"))
    assert sorted(map(str, run.ids("releases"))) == true_ids(sandbox.truth(), "releases")


def test_a_state_older_than_sentrys_memory_is_reported(connector, world):
    oldest = min(event["dateCreated"] for event in connector.read(
        world.config(), catalog("events")).records("events"))
    run = connector.read(world.config(), catalog("events"), state(events={"dateCreated": "2020-01-01T00:00:00Z"}))
    [line] = lines(run, "WARN", "no longer holds")
    assert "events" in line and "2020-01-01T00:00:00" in line and oldest[:19] in line
    run = connector.read(world.config(), catalog("issues"), state(issues={"lastSeen": "2020-01-01T00:00:00Z"}))
    [line] = lines(run, "WARN", "nothing older than")
    assert "issues" in line and "2020-01-01T00:00:00" in line


def test_a_state_that_sentry_remembers_is_not(connector, world):
    run = connector.read(world.config(), catalog("events", "issues", "releases"))
    for stream in ("events", "issues", "releases"):
        middle = sorted(record["dateCreated" if stream != "issues" else "lastSeen"]
                        for record in run.records(stream))[len(run.records(stream)) // 2]
        key = "lastSeen" if stream == "issues" else "dateCreated"
        again = connector.read(world.config(), catalog(stream), state(**{stream: {key: middle}}))
        assert again.code == 0 and again.records(stream)
        assert not lines(again, "WARN", "lost"), stream


@pytest.mark.parametrize("route", ["today's", "older"])
def test_an_issue_that_moves_while_the_list_is_read_is_not_missed(connector, world, serve, route):
    """Right after the first page is answered, the issue that comes last gets a new event. Today's route shows it at its
    old place, and the next run brings the new one; the older route is looked at again."""
    before = true_ids(world.truth(), "issues")
    moved = []

    def answer(target):
        if route == "older" and target.startswith("/api/0/organizations/acme/issues/"):
            return {"status": 404, "body": ""}
        got = pass_on(world, target)
        if "/issues/?" in target and "limit=100" in target and not moved:
            last = min((issue for issue in world.truth()["issues"] if issue["category"] != "feedback"),
                       key=lambda issue: issue["lastSeen"])
            moved.append(last["id"])
            world.advance(5)
            world.change(add_events={"project": "web", "count": 1, "issue": last["id"]})
            world.advance(5)
        return got

    config = serve(HostileServer(answer)).config(auth_token=world.config()["auth_token"])
    run = connector.read(config, catalog("issues", sync_mode="full_refresh"))
    assert run.code == 0 and len(before) > 100
    assert sorted(run.ids("issues")) == before
    if route == "today's":
        run = connector.read(config, catalog("issues"), state(issues={"lastSeen": max(
            issue["lastSeen"] for issue in run.records("issues"))}))
        assert run.code == 0
    newest = next(issue for issue in run.records("issues") if issue["id"] == moved[0])["lastSeen"]
    assert newest == max(issue["lastSeen"] for issue in run.records("issues"))
    assert run.states("issues")[-1]["lastSeen"] == newest.replace("Z", ".000000Z")


def pass_on(sandbox, target):
    """The sandbox's answer, for a server of our own to give."""
    request = urllib.request.Request(sandbox.url + target,
                                     headers={"Authorization": f"Bearer {sandbox.config()['auth_token']}"})
    try:
        with urllib.request.urlopen(request) as got:
            return {"status": got.status, "body": got.read(),
                    "headers": {key: got.headers[key] for key in ("Link", "Date") if got.headers[key]}}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read()}
