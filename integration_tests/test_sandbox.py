"""What tests rely on of the sandbox and Sentry's OpenAPI description cannot say: late events, what changes under a
running read, and big worlds."""

import datetime
import json
import urllib.error
import urllib.request
from collections import Counter

import pytest
from support.api import EXPLORE, Api, truth_of


@pytest.fixture
def api(sandbox):
    return Api(sandbox)


def test_the_single_event_is_the_listed_one_and_more(api):
    """Only its time keeps the fraction: lists have the event store's (SHARED/reference/sentry-api.md 4.4)."""
    fractions = 0
    for row in api.get("projects/acme/web/events/", full="true"):
        single = api.get(f"projects/acme/web/events/{row['id']}/")
        assert set(single) - set(row) == {"release", "userReport", "sdkUpdates", "resolvedWith", "nextEventID",
                                          "previousEventID"}
        assert single["dateCreated"][:19] == row["dateCreated"][:19]
        fractions += single["dateCreated"] != row["dateCreated"]
        assert {name: single[name] for name in row} == {**row, "dateCreated": single["dateCreated"]}
    assert fractions > 0


def test_neighbours_chain_all_events_of_an_issue(api, sandbox):
    truth = truth_of(sandbox, project="web")
    issue, count = Counter(event["issue"] for event in truth["events"]).most_common()[5]
    event = next(row["id"] for row in truth["events"] if row["issue"] == issue)
    seen = [event]
    for name in ("nextEventID", "previousEventID"):
        while event := api.get(f"projects/acme/web/events/{event}/")[name]:
            seen.append(event)
        event = seen[0]
    assert len(seen) == len(set(seen)) == count


def ago(sandbox, days):
    """A whole second of the sandbox's past."""
    now = datetime.datetime.fromisoformat(truth_of(sandbox)["now"].replace("Z", "+00:00"))
    return (now - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_late_events_appear_at_their_time(start_sandbox):
    sandbox = start_sandbox()
    api = Api(sandbox)
    before = api.rows("projects/acme/web/events/")
    happened = ago(sandbox, days=30)
    added = sandbox.change(add_events={"project": "web", "count": 3, "at": happened})["add_events"]["events"]
    rows = api.rows("projects/acme/web/events/")
    assert [row for row in rows if row["id"] not in added] == before
    assert [row["dateCreated"] for row in rows] == sorted((row["dateCreated"] for row in rows), reverse=True)
    assert [row["dateCreated"] for row in rows if row["id"] in added] == [happened] * 3
    explored = api.explore(field="id", query=f"timestamp:>={happened} timestamp:<={happened}")
    assert {row["id"] for row in explored} >= set(added)
    # Only when they came tells that they are late.
    late = api.get(f"projects/acme/web/events/{added[0]}/")
    assert late["dateCreated"][:19] == happened[:19] and late["dateReceived"] > ago(sandbox, days=1)


def test_late_events_do_not_move_what_happened_last(start_sandbox):
    sandbox = start_sandbox()
    issue = max(truth_of(sandbox, project="web")["issues"], key=lambda row: row["lastSeen"])
    sandbox.change(add_events={"project": "web", "issue": issue["id"], "at": ago(sandbox, days=40)})
    [after] = [row for row in truth_of(sandbox, project="web")["issues"] if row["id"] == issue["id"]]
    assert after["lastSeen"] == issue["lastSeen"] and int(after["count"]) == int(issue["count"]) + 1


def test_an_issue_is_seen_again_in_its_own_project(start_sandbox):
    sandbox = start_sandbox("--events", 50, "--projects", 3)
    issue = next(row for row in sandbox.truth(project="api")["issues"] if row["category"] == "error")
    sandbox.advance(60)
    made = sandbox.change(add_events={"issue": issue["id"]})["add_events"]
    assert made["issue"] == issue["id"]
    assert made["events"][0] in {row["id"] for row in sandbox.truth(project="api")["events"]}
    seen = next(row for row in sandbox.truth(project="api")["issues"] if row["id"] == issue["id"])
    assert seen["lastSeen"] > issue["lastSeen"]


def test_issues_move_between_the_pages_of_a_running_read(start_sandbox):
    """An issue that happens again while pages are read jumps in front of them, unless the end is pinned."""
    sandbox = start_sandbox("--issues", 300, "--projects", 1)
    api = Api(sandbox)
    search = {"query": "", "sort": "date", "limit": 50, "project": "-1"}
    pinned = {"start": ago(sandbox, days=89), "end": ago(sandbox, days=0)}
    ids = [row["id"] for row in api.rows("organizations/acme/issues/", **search)]
    sandbox.advance(60)
    for window, lost in (({}, {ids[-1]}), (pinned, set())):
        pages = api.pages("organizations/acme/issues/", **search, **window)
        read = [row["id"] for row in next(pages)]
        sandbox.change(add_events={"project": "web", "issue": ids[-1]}, resolve_issue=ids[-2])
        sandbox.advance(5)
        read += [row["id"] for page in pages for row in page]
        assert set(ids) - set(read) == lost and len(read) == len(set(read))
    [resolved] = api.rows("organizations/acme/issues/", query="is:resolved", group=ids[-2])
    assert resolved["status"] == "resolved"


def test_a_deleted_project_is_gone_everywhere(start_sandbox):
    sandbox = start_sandbox()
    api = Api(sandbox)
    event = truth_of(sandbox, project="api")["events"][0]["id"]
    sandbox.change(delete_project="api")
    for target in ("", "events/", f"events/{event}/", "issues/", "keys/", "releases/"):
        assert api.refusal(f"projects/acme/api/{target}")[0] == 404
    left = {row["slug"] for row in truth_of(sandbox)["projects"]}
    assert left == {"web", "mobile"} == {row["slug"] for row in api.rows("organizations/acme/projects/")}
    assert {row["project"] for row in api.explore(field=["project", "count()"])} == left
    issues = api.rows("organizations/acme/issues/", query="", project="-1")
    assert {row["project"]["slug"] for row in issues} == left
    assert api.refusal(EXPLORE, dataset="errors", field="id", project="api")[0] == 403


class NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def test_a_renamed_project_redirects_from_its_old_slugs(start_sandbox):
    sandbox = start_sandbox()
    sandbox.change(rename_project={"from": "web", "to": "website"})
    sandbox.change(rename_project={"from": "website", "to": "shop"})
    opener = urllib.request.build_opener(NoRedirects)
    for old in ("web", "website"):
        request = urllib.request.Request(f"{sandbox.url}/api/0/projects/acme/{old}/events/?full=true",
                                         headers={"Authorization": "Bearer sandbox-token"})
        moved = pytest.raises(urllib.error.HTTPError, opener.open, request).value
        body = json.load(moved)
        assert moved.code == 302 and body["slug"] == body["detail"]["extra"]["slug"] == "shop"
        assert moved.headers["Location"] == "/api/0/projects/acme/shop/events/?full=true"
    assert Api(sandbox).get("projects/acme/shop/")["slug"] == "shop"


def test_truth_tells_ids_and_counts_alone(sandbox):
    whole, ids, counts = truth_of(sandbox), truth_of(sandbox, ids=1), truth_of(sandbox, count=1)
    for name in ("events", "issues", "releases", "projects"):
        assert ids[name] == [row["id"] for row in whole[name]] and counts[name] == len(ids[name])
    assert truth_of(sandbox, ids=1, only="events", project="web").keys() == {"now", "events"}


def test_a_big_world_is_there_soon_and_small(start_sandbox):
    sandbox = start_sandbox("--projects", 200, "--events", 1_000_000, "--event-size", "small", "--issues", 100_000,
                            "--releases", 20_000)
    counts = truth_of(sandbox, count=1)
    assert {name: counts[name] for name in ("events", "issues", "releases", "projects")} == {
        "events": 1_000_000, "issues": 100_000, "releases": 20_000, "projects": 200}
    memory = dict(line.split(":", 1) for line in open(f"/proc/{sandbox.process.pid}/status"))["VmHWM"]
    assert int(memory.split()[0]) < 500_000
    [row] = Api(sandbox).explore(field="count()")
    assert row == {"count()": 1_000_000}
