"""Sentry 9.1.2 and other old servers, as the sandbox's quirks tell them: read whole, nothing twice, and told where the
server itself loses rows. What such servers answer was measured at a real one (SHARED/reference/sentry-api.md 11)."""

import json
import re
import urllib.error
import urllib.parse
import urllib.request

import pytest
from support.connector import STREAMS, catalog, state
from support.sandbox import true_ids

SENTRY_9_1 = ["--quirk", "sentry-9.1", "--event-size", "small"]
FEW = ["--events", 280]  # too few for a second with more events than a page holds
BY_TIME_ONLY = ["--quirk", "ignore-window", "--quirk", "uncapped-full", "--event-size", "small"]


def key_of(stream):
    """What tells records apart: releases of such servers have no id."""
    return "version" if stream == "releases" else "id"


def read_keys(run, stream):
    return sorted(str(record[key_of(stream)]) for record in run.records(stream))


def true_keys(truth, stream):
    return sorted(row["version"] for row in truth[stream]) if stream == "releases" else true_ids(truth, stream)


def expect_whole(run, truth, streams=STREAMS):
    assert run.code == 0 and run.stderr == "" and not run.errors(), run.errors()
    for stream in streams:
        assert read_keys(run, stream) == true_keys(truth, stream), stream
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"


def warnings(run, part):
    return [text for text in run.logs("WARN") if part in text]


def repeats_told(run):
    """How many records the warning about ties counts; 0 without one."""
    told = warnings(run, "were listed twice")
    assert len(told) <= 1
    return int(re.match(r"\d+", told[0])[0]) if told else 0


@pytest.mark.parametrize("sync_mode", ["full_refresh", None])
def test_sentry_9_1_is_read_whole(connector, start_sandbox, sync_mode):
    sandbox = start_sandbox(*SENTRY_9_1, *FEW, "--releases", 250)
    run = connector.read(sandbox.config(), catalog(sync_mode=sync_mode))
    expect_whole(run, sandbox.truth())
    assert {issue["status"] for issue in run.records("issues")} == {"resolved", "unresolved", "ignored"}
    assert len(warnings(run, "Records of releases have no id")) == 1 and repeats_told(run) == 0


def test_sentry_9_1_passes_check(connector, start_sandbox):
    sandbox = start_sandbox(*SENTRY_9_1)
    assert connector.check(sandbox.config()).connection_status()["status"] == "SUCCEEDED"


def test_a_second_read_of_sentry_9_1_gives_what_is_new(connector, start_sandbox):
    sandbox = start_sandbox(*SENTRY_9_1, *FEW)
    first = connector.read(sandbox.config(), catalog())
    sandbox.advance(60)
    added = sandbox.change(add_events={"project": "web", "count": 5, "new_issue": True},
                           add_release={"project": "web", "version": "imported@1", "released": 60 * 86400},
                           add_project={"slug": "newcomer"})
    sandbox.advance(2)
    second = connector.read(sandbox.config(), catalog(), first.state_file())
    assert second.code == 0, second.errors()
    new = {stream: set(read_keys(second, stream)) - set(read_keys(first, stream))
           for stream in ("events", "issues", "releases", "projects")}
    assert new == {"events": set(added["add_events"]["events"]), "issues": {added["add_events"]["issue"]},
                   "releases": {"imported@1"}, "projects": {added["add_project"]["id"]}}
    assert len(second.records("releases")) < 5 and len(second.records("events")) < 20


def test_events_without_a_fixed_order_are_counted(connector, start_sandbox):
    sandbox = start_sandbox(*SENTRY_9_1, "--events", 3000)
    run = connector.read(sandbox.config(), catalog())
    truth = sandbox.truth()
    expect_whole(run, truth, [stream for stream in STREAMS if stream != "events"])
    read, true = read_keys(run, "events"), true_ids(truth, "events")
    assert len(set(read)) == len(read) and set(read) < set(true)
    assert repeats_told(run) == len(true) - len(read)


@pytest.mark.parametrize("crowd", [101, 110, 251])
def test_every_event_that_ties_hide_is_told(connector, start_sandbox, crowd):
    sandbox = start_sandbox(*SENTRY_9_1, "--events", 0, "--issues", 0)
    sandbox.change(add_events={"project": "web", "count": crowd, "new_issue": True, "at": 3600})
    run = connector.read(sandbox.config(), catalog("events"))
    missing = crowd - len(set(run.ids("events")))
    assert run.code == 0 and len(run.ids("events")) == crowd - missing
    assert missing > 0 and repeats_told(run) == missing


def test_a_page_that_holds_all_events_of_a_second_loses_none(connector, start_sandbox):
    sandbox = start_sandbox(*SENTRY_9_1, "--events", 0, "--issues", 0)
    sandbox.change(add_events={"project": "web", "count": 100, "new_issue": True, "at": 3600})
    run = connector.read(sandbox.config(), catalog("events"))
    assert sorted(run.ids("events")) == true_ids(sandbox.truth(), "events")
    assert repeats_told(run) == 0


def test_pages_by_time_alone_lose_nothing(connector, start_sandbox):
    """Seconds with more events than a page: the cursor counts the ones shown."""
    sandbox = start_sandbox(*BY_TIME_ONLY, "--events", 3000)
    run = connector.read(sandbox.config(), catalog("events"))
    expect_whole(run, sandbox.truth(), ["events"])
    assert not run.logs("WARN")
    assert any(re.search(r"cursor=\d{13}%3A[1-9]", request["query"]) for request in sandbox.requests())
    times = sorted(record["dateCreated"] for record in run.records("events"))
    middle = times[len(times) // 2]
    rest = connector.read(sandbox.config(lookback_window="PT0S"), catalog("events"),
                          state(events={"dateCreated": middle}))
    assert sorted(rest.ids("events")) == sorted(record["id"] for record in run.records("events")
                                                if record["dateCreated"] >= middle)


def test_releases_without_ids_are_read_without_windows(connector, start_sandbox):
    sandbox = start_sandbox("--quirk", "old-releases", "--releases", 450)
    run = connector.read(sandbox.config(), catalog("releases"))
    expect_whole(run, sandbox.truth(), ["releases"])
    assert len(warnings(run, "Records of releases have no id")) == 1
    # Whoever trusts start and end there misses releases that are out longer than Sentry knows of them.
    oldest = min(release["dateCreated"] for release in run.records("releases"))
    hidden = [release["version"] for release in run.records("releases")
              if release["dateReleased"] and release["dateReleased"] < oldest]
    listed = answer(sandbox, "/organizations/acme/releases/?project=-1&per_page=100&start=1990-01-01T00:00:00Z"
                             f"&end={oldest}")[1]
    assert hidden and sorted(release["version"] for release in listed) == sorted(hidden)


def answer(sandbox, target, token="sandbox-token"):
    """Status and decoded body of one answer; the body as text where it is no JSON."""
    request = urllib.request.Request(f"{sandbox.url}/api/0{target}", headers={"Authorization": f"Bearer {token}"})
    try:
        with urllib.request.urlopen(request) as given:
            return given.status, json.load(given)
    except urllib.error.HTTPError as error:
        body = error.read().decode()
        is_json = error.headers["Content-Type"] == "application/json"
        return error.code, json.loads(body) if is_json else body


DAY = "2026-01-01T00:00:00Z"
BAD_SEARCH = urllib.parse.quote("lastSeen:>=nonsense")


@pytest.mark.parametrize("target, status, detail", [
    ("/organizations/acme/releases/?project=web", 400, "Invalid project ids"),
    (f"/organizations/acme/releases/?start={DAY}", 400, "start and end are both required"),
    ("/organizations/acme/releases/?start=nonsense&end=x", 400, "nonsense is not a valid datetime query"),
    ("/organizations/acme/releases/?project=-1", 403, "You do not have permission to perform this action."),
    ("/organizations/acme/releases/?cursor=100:-1:1", 500, "Internal Error"),
    ("/organizations/acme/issues/?project=-1", 403, "You do not have permission to perform this action."),
    ("/organizations/acme/issues/?project={id}", 500, "Internal Error"),
    ("/organizations/acme/issues/", 400, "You do not have the multi project stream feature enabled"),
    ("/organizations/acme/events/?field=id&project={id}", 500, "Internal Error"),
    ("/projects/acme/web/events/?cursor=1:-1:1", 500, "Internal Error"),
    ("/projects/acme/web/events/?cursor=garbage", 500, "Internal Error"),
    (f"/projects/acme/web/issues/?query={BAD_SEARCH}", 400,
     "Your search query could not be parsed: nonsense is not a valid datetime query"),
])
def test_sentry_9_1_refuses_in_its_own_words(start_sandbox, target, status, detail):
    sandbox = start_sandbox(*SENTRY_9_1)
    web = next(row["id"] for row in sandbox.truth()["projects"] if row["slug"] == "web")
    given, body = answer(sandbox, target.replace("{id}", web))
    assert (given, body["detail"]) == (status, detail)


def test_sentry_9_1_has_no_routes_that_came_later(start_sandbox):
    sandbox = start_sandbox(*SENTRY_9_1)
    issue = sandbox.truth()["issues"][0]["id"]
    assert answer(sandbox, f"/organizations/acme/issues/{issue}/") == (404, "")
    assert answer(sandbox, "/organizations/acme/project-keys/") == (404, "")
