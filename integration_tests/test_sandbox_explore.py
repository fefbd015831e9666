"""The sandbox's Explore: the errors of a whole organization as rows of chosen fields
(SHARED/reference/sentry-api.md 4.4, 4.9)."""

import urllib.error
from collections import Counter

import pytest
from support.api import EXPLORE, Api, truth_of


@pytest.fixture
def api(sandbox):
    return Api(sandbox)


def test_explore_lists_the_events_of_all_projects(api, sandbox):
    rows = api.explore(field=["id", "project", "project.id", "timestamp"], sort="timestamp")
    truth = truth_of(sandbox)
    slugs = {row["slug"]: int(row["id"]) for row in truth["projects"]}
    assert sorted((row["id"], row["project"], row["project.id"], row["timestamp"]) for row in rows) == sorted(
        (event["id"], event["project"], slugs[event["project"]], event["dateCreated"].replace("Z", "+00:00"))
        for event in truth["events"])
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)


@pytest.mark.parametrize("as_query", [True, False])
def test_explore_takes_windows_that_neither_overlap_nor_leave_gaps(api, sandbox, as_query):
    truth = truth_of(sandbox)
    times = sorted(event["dateCreated"] for event in truth["events"])
    edges = ["2000-01-01T00:00:00Z", *(times[i] for i in range(200, len(times), 400)), "2100-01-01T00:00:00Z"]
    found = []
    for start, end in zip(edges, edges[1:]):
        window = {"query": f"timestamp:>={start} timestamp:<{end}"} if as_query else {"start": start, "end": end}
        rows = api.explore(field=["id", "timestamp"], sort="-timestamp", **window)
        assert all(start <= row["timestamp"].replace("+00:00", "Z") < end for row in rows)
        found += [row["id"] for row in rows]
    assert len(edges) > 4 and sorted(found) == sorted(event["id"] for event in truth["events"])


def test_explore_counts(api, sandbox):
    events = truth_of(sandbox)["events"]
    assert api.explore(field="count()") == [{"count()": len(events)}]
    by_project = api.explore(field=["project", "count()"], sort="-count()")
    assert [(row["project"], row["count()"]) for row in by_project] == Counter(
        event["project"] for event in events).most_common()
    by_day = api.explore(field=["timestamp.to_day", "count()"], sort="timestamp.to_day")
    assert [(row["timestamp.to_day"][:10], row["count()"]) for row in by_day] == sorted(
        Counter(event["dateCreated"][:10] for event in events).items())


def test_explore_knows_only_selected_projects(api, sandbox):
    projects = truth_of(sandbox)["projects"]
    mine = {row["project"] for row in api.explore(field=["project", "count()"], project=[])}
    assert mine == {row["slug"] for row in projects if row["isMember"]} != {row["slug"] for row in projects}
    web = next(row["id"] for row in projects if row["slug"] == "web")
    assert {row["project"] for row in api.explore(field=["project", "count()"], project=web)} == {"web"}
    assert {row["project"] for row in api.explore(field=["project", "count()"], query="project:mobile")} == {"mobile"}
    status, detail = api.refusal(EXPLORE, dataset="errors", field="id", project=web, query="project:mobile")
    assert status == 400 and "not actively selected" in detail


@pytest.mark.parametrize("params, detail", [
    ({}, "dataset must be one of: errors, logs,"),
    ({"dataset": "errors"}, "No columns selected"),
    ({"dataset": "errors", "field": ["id"] * 21}, "You can view up to 20 fields at a time"),
    ({"dataset": "errors", "field": "id", "sort": "timestamp"}, "Cannot sort by a field that is not selected"),
    ({"dataset": "errors", "field": "id", "query": "timestamp:>=nonsense"}, "timestamp: Invalid date: nonsense."),
    ({"dataset": "errors", "field": "id", "start": "2026-01-01"}, "Invalid date range: start and end are both"),
    ({"dataset": "errors", "field": "id", "per_page": 101}, "Invalid per_page value. Cannot exceed 100."),
    ({"dataset": "errors", "field": "id", "cursor": "0:10000:0"}, "Pagination offset too large"),
    ({"dataset": "errors", "field": "id", "cursor": "0:-1:1"}, "Pagination offset cannot be negative"),
])
def test_explore_refuses_as_sentry_does(api, params, detail):
    status, given = api.refusal(EXPLORE, **params)
    assert status == 400 and given.startswith(detail)


def test_explore_needs_the_scope_of_the_organization(sandbox):
    assert Api(sandbox, "sandbox-scopes-event.read-project.read").refusal(
        EXPLORE, dataset="errors", field="id")[0] == 403
    assert Api(sandbox, "sandbox-scopes-org.read").explore(field="count()")


def test_explore_has_a_rate_limit_of_its_own(start_sandbox):
    sandbox = start_sandbox("--limit", "explore=1/3600")
    api = Api(sandbox)
    assert api.explore(field="count()")
    status_and_detail = pytest.raises(urllib.error.HTTPError, api.explore, field="count()").value
    assert status_and_detail.code == 429 and "Limit is 1 requests in 3600 seconds" in status_and_detail.read().decode()
    assert api.get("organizations/acme/projects/")
