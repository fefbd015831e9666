"""Complete reads against the sandbox's own truth, in both sync modes (G1, G12, G13)."""

import json
import re
import urllib.request

import pytest
from support.connector import INCREMENTAL, STREAMS, catalog, state
from support.sandbox import true_ids


def fetch(sandbox, path):
    """What the sandbox itself says, as raw text."""
    request = urllib.request.Request(f"{sandbox.url}/api/0/{path}",
                                     headers={"Authorization": f"Bearer {sandbox.announced['token']}"})
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def expect_complete(run, truth, streams=STREAMS):
    for stream in streams:
        assert sorted(map(str, run.ids(stream))) == true_ids(truth, stream), stream
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"


@pytest.mark.parametrize("sync_mode", ["full_refresh", None])
def test_all_streams_are_read_completely(connector, sandbox, sync_mode):
    run = connector.read(sandbox.config(), catalog(sync_mode=sync_mode))
    assert run.code == 0 and run.stderr == "" and not run.errors()
    expect_complete(run, sandbox.truth())


def test_states_end_in_the_official_form(connector, sandbox):
    run = connector.read(sandbox.config(), catalog())
    for stream in STREAMS:
        final = run.states(stream)[-1]
        if stream not in INCREMENTAL:
            assert final == {"__ab_no_cursor_state_message": True}
            continue
        # Beside it, whose state it is, and which events the next look back will list again; the official connector
        # carries along what it does not know.
        assert list(final) == [INCREMENTAL[stream], *(["written"] if stream == "events" else []), "of"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", final[INCREMENTAL[stream]])
        newest = max(record[INCREMENTAL[stream]] for record in run.records(stream))
        assert final[INCREMENTAL[stream]][:19] == newest[:19]


def test_hidden_defaults_hide_nothing(connector, sandbox):
    run = connector.read(sandbox.config(), catalog("issues", "releases", "projects"))
    assert {issue["status"] for issue in run.records("issues")} == {"resolved", "unresolved", "ignored"}
    assert {release["status"] for release in run.records("releases")} == {"open", "archived"}
    assert {project["isMember"] for project in run.records("projects")} == {True, False}


def test_records_are_the_bytes_that_sentry_sent(connector, sandbox):
    """G13: numbers, escapes, key order, 64-bit ids."""
    run = connector.read(sandbox.config(), catalog("project_keys", "project_detail"))
    lines = run.stdout.decode().splitlines()
    detail = fetch(sandbox, "projects/acme/web/")
    assert any(f'"data":{detail},"emitted_at":' in line for line in lines)
    keys = fetch(sandbox, "projects/acme/web/keys/")
    for line in lines:
        if line.startswith('{"type":"RECORD","record":{"stream":"project_keys","data":'):
            assert line[line.index('"data":') + 7:line.rindex(',"emitted_at":')] in keys


def test_events_are_the_bytes_that_sentry_sent(connector, sandbox):
    run = connector.read(sandbox.config(), catalog("events"))
    lines = run.stdout.decode().splitlines()
    page = fetch(sandbox, "projects/acme/web/events/?full=true&per_page=10")
    found = sum(line[line.index('"data":') + 7:line.rindex(',"emitted_at":')] in page for line in lines
                if line.startswith('{"type":"RECORD"'))
    assert found == 10
    assert any(len(str(number)) > 16 for number in numbers(run.records("events"))), "no big numbers to test with"


def numbers(value):
    if isinstance(value, dict):
        for one in value.values():
            yield from numbers(one)
    elif isinstance(value, list):
        for one in value:
            yield from numbers(one)
    elif isinstance(value, int):
        yield value


def test_projects_carry_the_fields_of_their_details(connector, sandbox):
    run = connector.read(sandbox.config(), catalog("projects", "all_projects_detail"))
    details = {record["id"]: record for record in run.records("all_projects_detail")}
    for project in run.records("projects"):
        for field in ("avatar", "color", "isInternal", "isPublic", "organization", "status"):
            assert project[field] == details[project["id"]][field]
    asked = [request["path"] for request in sandbox.requests()]
    for project in run.records("projects"):
        path = f"/api/0/projects/acme/{project['slug']}/"
        assert asked.count(path) <= 2, "a detail is asked for once, and the project's own once more before all"


def test_projects_without_those_fields_need_no_details(connector, sandbox):
    chosen = catalog("projects")
    chosen["streams"][0]["stream"]["json_schema"] = {"type": "object", "properties": {"id": {}, "dateCreated": {}}}
    run = connector.read(sandbox.config(), chosen)
    assert run.code == 0 and len(run.records("projects")) == 3
    assert len(sandbox.requests()) == 2


def test_a_second_read_gives_only_what_is_new(connector, start_sandbox):
    sandbox = start_sandbox("--events", 500, "--issues", 60)
    first = connector.read(sandbox.config(), catalog())
    sandbox.advance(120)
    added = sandbox.change(add_events={"project": "web", "count": 30, "new_issue": True})
    sandbox.change(add_release={"project": "web", "version": "web@99.0.0"})
    sandbox.change(add_project={"slug": "newcomer"})
    sandbox.advance(2)
    second = connector.read(sandbox.config(), catalog(), first.state_file())
    assert second.code == 0
    new_events = set(second.ids("events")) - set(first.ids("events"))
    assert len(new_events) == 30 and new_events == set(added["add_events"]["events"])
    assert len(second.ids("events")) <= 30 + boundary(first, "events")
    assert [r["version"] for r in second.records("releases") if r["id"] not in first.ids("releases")] == ["web@99.0.0"]
    assert [p["slug"] for p in second.records("projects") if p["id"] not in first.ids("projects")] == ["newcomer"]
    assert set(second.ids("issues")) - set(first.ids("issues"))
    for stream in INCREMENTAL:
        assert len(second.ids(stream)) < 45, stream
    third = connector.read(sandbox.config(), catalog(), second.state_file())
    for stream in INCREMENTAL:
        assert set(third.ids(stream)) <= set(second.ids(stream)), stream
        assert third.states(stream)[-1] == second.states(stream)[-1], stream


def boundary(run, stream):
    """Records with the very time of the state: they come again, since more of that time may have come since."""
    newest = max(record[INCREMENTAL[stream]] for record in run.records(stream))
    return sum(record[INCREMENTAL[stream]] == newest for record in run.records(stream))


def test_an_issue_that_happens_again_comes_again_with_its_new_times(connector, start_sandbox):
    sandbox = start_sandbox("--events", 300, "--issues", 20)
    first = connector.read(sandbox.config(), catalog("issues"))
    sandbox.advance(60)
    sandbox.change(add_events={"project": "web", "count": 1})
    sandbox.advance(2)
    second = connector.read(sandbox.config(), catalog("issues"), first.state_file())
    again = [issue for issue in second.records("issues")
             if issue["lastSeen"] > max(i["lastSeen"] for i in first.records("issues"))]
    assert len(again) == 1 and again[0]["id"] in first.ids("issues")


def test_an_empty_project(connector, start_sandbox):
    sandbox = start_sandbox("--events", 0, "--issues", 0, "--releases", 0)
    run = connector.read(sandbox.config(), catalog())
    assert run.code == 0
    for stream in ("events", "issues", "releases"):
        assert run.ids(stream) == []
        assert run.states(stream)[-1] == {INCREMENTAL[stream]: "1900-01-01T00:00:00.000000Z"}


def test_one_worker_reads_in_the_order_of_the_catalog(connector, sandbox):
    run = connector.read(sandbox.config(num_workers=1), catalog("releases", "project_keys", "issues"))
    order = [message["trace"]["stream_status"]["stream_descriptor"]["name"] for message in run.of("TRACE")
             if message["trace"]["stream_status"]["status"] in ("STARTED", "COMPLETE")]
    assert order == ["releases", "releases", "project_keys", "project_keys", "issues", "issues"]


def test_long_streams_write_states_on_the_way(connector, start_sandbox):
    sandbox = start_sandbox("--events", 6000, "--event-size", "small", "--projects", 1)
    run = connector.read(sandbox.config(), catalog("events"))
    expect_complete(run, sandbox.truth(), ["events"])
    assert len(run.states("events")) >= 10
    times = [saved["dateCreated"] for saved in run.states("events")]
    assert times == sorted(times)


@pytest.mark.parametrize("quirks", [
    ["ignore-window"],
    ["no-org-issues", "no-org-projects"],
    ["uncapped-full"],
    ["ignore-window", "no-org-issues", "uncapped-full", "old-errors", "project-slug-strict"],
])
def test_older_servers_are_read_completely_without_repeats(connector, start_sandbox, quirks):
    sandbox = start_sandbox("--events", 3000, "--event-size", "small",
                            *[option for quirk in quirks for option in ("--quirk", quirk)])
    run = connector.read(sandbox.config(), catalog())
    assert run.code == 0, run.errors()
    streams = [stream for stream in STREAMS if "no-org-projects" not in quirks or "projects" not in stream]
    expect_complete(run, sandbox.truth(), streams)
    # A second read from the middle of the history.
    middle = sorted(record["dateCreated"] for record in run.records("events"))[len(run.records("events")) // 2]
    second = connector.read(sandbox.config(lookback_window="PT0S"), catalog("events"),
                            state(events={"dateCreated": middle}))
    assert sorted(second.ids("events")) == sorted(record["id"] for record in run.records("events")
                                                  if record["dateCreated"] >= middle)


def test_a_path_prefix_and_ids_for_slugs(connector, start_sandbox):
    sandbox = start_sandbox("--prefix", "/sentry")
    truth = sandbox.truth() if "/sentry" not in sandbox.url else None
    run = connector.read(sandbox.config(hostname=sandbox.url + "/"), catalog("projects", "issues"))
    assert run.code == 0 and len(run.records("projects")) == 3 and run.records("issues")
    assert truth is None or true_ids(truth, "issues") == sorted(run.ids("issues"))


def test_a_token_that_may_only_read_issues_reads_them(connector, sandbox):
    run = connector.read(sandbox.config(auth_token="sandbox-scopes-event.read"), catalog("issues", "events"))
    assert run.code == 1
    assert sorted(run.ids("issues")) == true_ids(sandbox.truth(), "issues")
    assert "project:read" in run.errors("events")[0]["message"]
    assert json.dumps(run.errors()[-1]["message"]).count("events") >= 1
