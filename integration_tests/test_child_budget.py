"""The budget of requests for lists that belong to rows of another one, over several runs; and the weekly look at all."""

import collections

import pytest
from support.all_streams import config_of, keys, true_keys
from support.connector import catalog
from support.crashes import read_until_killed

SMALL = ("--events", 300, "--issues", 40, "--releases", 30)
# Each with the name of its lists: in windows by the issues' time, and those of rows that are remembered.
KINDS = {"issue_hashes": "hashes", "issue_events": "events", "issue_tags": "tags", "issue_comments": "notes",
         "release_deploys": "deploys", "release_commits": "commits", "monitor_checkins": "checkins"}
BUDGET = 7
LOOK_BACK = 600
WEEK = 7 * 86400


def asked(sandbox, stream):
    """What was asked of the lists that belong to rows: path and parameters."""
    ending = f"/{KINDS[stream]}/"
    return [(request["path"], request["params"]) for request in sandbox.requests()
            if request["path"].endswith(ending)]


def left(state):
    """How many parents a state says are left, of all projects."""
    saved = state[0]["stream"]["stream_state"]
    cursors = [entry["cursor"] for entry in saved.get("states", [])] or [saved]
    return sum(cursor.get("visits", {}).get("left", 0) for cursor in cursors)


def budgeted(connector, sandbox, stream, state=None, budget=BUDGET):
    """Runs until none is left: their records, the lists that were begun, and the last state."""
    records, begun = [], collections.Counter()
    for runs in range(1, 200):
        sandbox.control("DELETE", "requests")
        run = connector.read(config_of(sandbox, child_budget=budget), catalog(stream), state)
        assert run.code == 0 and run.statuses(stream)[-1]["status"] == "COMPLETE", run.errors()
        wire = asked(sandbox, stream)
        first_pages = [path for path, params in wire if "cursor" not in params]
        assert len(first_pages) <= budget
        begun.update(first_pages)
        records += run.records()
        state = run.state_file()
        warnings = [text for text in run.logs("WARN") if "child_budget" in text]
        if not warnings:
            assert left(state) == 0
            return records, begun, state, runs
        [warning] = warnings
        assert f"child_budget of {budget} requests is used up, and {left(state)} parent" in warning
        assert left(state) > 0
    raise AssertionError("it comes to no end")


@pytest.mark.parametrize("stream", KINDS)
def test_runs_together_give_all_and_visit_each_parent_once(connector, start_sandbox, stream):
    sandbox = start_sandbox(*SMALL)
    sandbox.advance(LOOK_BACK)  # one that moved just now would be visited once more, for what comes late
    records, begun, state, runs = budgeted(connector, sandbox, stream)
    assert keys(stream, records) == true_keys(sandbox, stream)
    assert runs > 1 or sum(begun.values()) <= BUDGET
    assert set(begun.values()) == {1}
    sandbox.control("DELETE", "requests")
    idle = connector.read(config_of(sandbox, child_budget=BUDGET), catalog(stream), state)
    assert idle.code == 0 and idle.records() == [] and asked(sandbox, stream) == []


def test_the_log_says_before_the_first_visit_what_they_cost(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    run = connector.read(config_of(sandbox), catalog("issue_hashes", "team_members", "issues"))
    assert run.code == 0
    told = [at for at, message in enumerate(run.messages)
            if message["type"] == "LOG" and "takes a request of its own" in message["log"]["message"]]
    first = next(at for at, message in enumerate(run.messages)
                 if message["type"] == "RECORD" and message["record"]["stream"] == "issue_hashes")
    assert told[0] < first
    texts = [run.messages[at]["log"]["message"] for at in told]
    issues = [row for row in sandbox.rows("issues") if row["category"] != "feedback" and row["project"] == "web"]
    [of_web] = [text for text in texts if text.startswith("issue_hashes of web: ")]
    assert of_web.startswith(f"issue_hashes of web: up to {len(issues)} rows, each of which") and "20000" in of_web
    assert not [text for text in texts if text.startswith("issues")]


def test_what_comes_between_budgeted_runs_is_not_lost(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    config = config_of(sandbox, child_budget=BUDGET)
    first = connector.read(config, catalog("issue_events"))
    made = sandbox.change(add_events={"project": "web", "count": 5})
    sandbox.advance(3600)
    records, _, _, _ = budgeted(connector, sandbox, "issue_events", first.state_file())
    both = first.records() + records
    assert set(keys("issue_events", both)) == set(true_keys(sandbox, "issue_events"))
    assert set(made["add_events"]["events"]) <= {row["eventID"] for row in both}


@pytest.mark.parametrize("stream", ["issue_hashes", "issue_comments"])
def test_a_kill_in_a_budgeted_run_loses_nothing(connector, start_sandbox, stream):
    sandbox = start_sandbox(*SMALL)
    first = connector.read(config_of(sandbox, child_budget=BUDGET), catalog(stream))
    for lines in (2, 5, 9):
        seen = read_until_killed(connector, config_of(sandbox, child_budget=BUDGET), catalog(stream),
                                 first.state_file(), lines=lines)
        state = seen.last_states() or first.state_file()
        records, _, _, _ = budgeted(connector, sandbox, stream, state)
        killed = [row for rows in seen.rows.values() for row in rows.values()]
        assert (set(keys(stream, first.records() + killed + records))
                == set(true_keys(sandbox, stream))), f"killed after {lines} lines"


@pytest.mark.parametrize("stream", ["issue_hashes", "issue_comments"])
def test_a_full_refresh_ignores_the_budget(connector, start_sandbox, stream):
    sandbox = start_sandbox(*SMALL)
    cut = connector.read(config_of(sandbox, child_budget=1), catalog(stream))
    whole = connector.read(config_of(sandbox, child_budget=1), catalog(stream, sync_mode="full_refresh"),
                           cut.state_file())
    assert whole.code == 0 and not [text for text in whole.logs("WARN") if "child_budget" in text]
    assert keys(stream, whole.records()) == true_keys(sandbox, stream)


def test_a_merge_is_found_within_a_week(connector, start_sandbox):
    """It moves no `lastSeen` where the older issue goes into the newer one."""
    sandbox = start_sandbox(*SMALL)
    first = connector.read(config_of(sandbox), catalog("issue_events"))
    state = first.state_file()
    issues = sorted((row for row in sandbox.rows("issues") if row["category"] != "feedback"),
                    key=lambda row: row["lastSeen"])
    older = issues[0]
    newer = next(row for row in reversed(issues) if row["project"] == older["project"])
    moved = {row["eventID"] for row in first.records() if row["issueId"] == older["id"]}
    sandbox.change(merge_issue={"issue": older["id"], "into": newer["id"]})
    sandbox.advance(3600)
    run = connector.read(config_of(sandbox), catalog("issue_events"), state)
    assert not moved & {row["eventID"] for row in run.records()}
    sandbox.advance(WEEK)
    records, begun, _, runs = budgeted(connector, sandbox, "issue_events", run.state_file())
    assert runs > 1 and set(begun.values()) == {1}
    assert moved <= {row["eventID"] for row in records if row["issueId"] == newer["id"]}
    assert set(keys("issue_events", records)) == set(true_keys(sandbox, "issue_events"))


def test_a_state_without_passes_is_read_as_before(connector, start_sandbox):
    """That of the version before: it does not say when all were visited, or that a pass is under way."""
    sandbox = start_sandbox(*SMALL)
    first = connector.read(config_of(sandbox), catalog("issue_events", "monitor_checkins"))
    state = first.state_file()
    for one in state:
        saved = one["stream"]["stream_state"]
        for cursor in [entry["cursor"] for entry in saved.get("states", [])] or [saved]:
            cursor.pop("visits", None)
            cursor.pop("all_visited", None)
    sandbox.advance(3600)
    sandbox.control("DELETE", "requests")
    second = connector.read(config_of(sandbox), catalog("issue_events", "monitor_checkins"), state)
    assert second.code == 0 and not second.errors()
    lists = asked(sandbox, "issue_events")
    assert all("start" in params for _, params in lists)
    assert len(lists) < len({row["issueId"] for row in first.records("issue_events")})
