"""Issues of many projects in one list: how few requests that takes, and that nothing else changes by it."""

import urllib.parse

import pytest
from support.connector import Connector, catalog
from support.crashes import read_until_killed
from support.sandbox import Sandbox

EXACT = {"lookback_window": "PT0S", "project": None}
ISSUES = catalog("issues")
FORBIDDEN = {"status": 403, "times": -1, "body": {"detail": "You do not have permission to perform this action."}}


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """A sandbox of 60 projects that no test changes."""
    sandbox = Sandbox(tmp_path_factory.mktemp("many"), "--projects", 60, "--events", 6000, "--event-size", "small",
                      "--issues", 4000, "--days", 30)
    yield sandbox
    sandbox.stop()


@pytest.fixture(scope="module")
def first_of_many(many, tmp_path_factory):
    """The first run there."""
    run = Connector(tmp_path_factory.mktemp("first")).read(config(many), ISSUES)
    expect_all(many, run)
    return run


@pytest.fixture
def changing(start_sandbox):
    """A small one that a test may change."""
    return start_sandbox("--projects", 6, "--events", 300, "--event-size", "small", "--issues", 60, "--days", 20)


def config(sandbox, **changes):
    return sandbox.config(**{**EXACT, **changes})


def projects(sandbox):
    """Number and slug of each project."""
    return {row["id"]: row["slug"] for row in sandbox.control("GET", "truth?organization=acme")["projects"]}


def number(sandbox, slug):
    [found] = [key for key, value in projects(sandbox).items() if value == slug]
    return found


def truth(sandbox):
    """The second at which each issue was last seen, as lists tell it, of all that are listed."""
    rows = sandbox.control("GET", "truth?organization=acme&only=issues")["issues"]
    return {row["id"]: whole_second(row["lastSeen"]) for row in rows if row["category"] != "feedback"}


def whole_second(time):
    return time[:19] + "Z"


def cursors(run):
    """Each project's cursor in the last state, by slug."""
    return {entry["partition"]["project"]: entry["cursor"] for entry in run.states("issues")[-1]["states"]}


def marks(run):
    return {slug: cursor["lastSeen"] for slug, cursor in cursors(run).items()}


def at(run, mark):
    """The run's state as it would be if every project had been read up to `mark`."""
    [state] = run.state_file()
    for entry in state["stream"]["stream_state"]["states"]:
        entry["cursor"] = {"lastSeen": mark}
    return [state]


def list_requests(sandbox):
    return [request for request in sandbox.requests() if request["path"].endswith("/issues/")]


def lists(sandbox):
    """Of how many projects each request for issues asked."""
    return [len(urllib.parse.parse_qs(request["query"]).get("project", [""])) for request in list_requests(sandbox)]


def first_cursors(sandbox):
    """Where each list of issues began."""
    began = {}
    for request in list_requests(sandbox):
        query = urllib.parse.parse_qs(request["query"])
        began.setdefault(tuple(query["project"]), query.get("cursor", [""])[0])
    return set(began.values())


def again(connector, sandbox, run, gone=None, **changes):
    """The next run, which must come to its end without a word of warning, but for the project that is `gone`."""
    sandbox.reset()
    run = connector.read(config(sandbox, **changes), ISSUES, run.state_file())
    warnings = [text for text in run.logs("WARN") if gone is None or f"have read of {gone}." not in text]
    assert run.code == 0 and not warnings, (run.errors(), warnings)
    return run


def expect_all(sandbox, *runs):
    """Together the runs have every issue as it is now, and none has one twice as it was."""
    for run in runs:
        rows = [(row["id"], row["lastSeen"]) for row in run.records("issues")]
        assert len(rows) == len(set(rows))
    written = {row["id"]: whole_second(row["lastSeen"]) for run in runs for row in run.records("issues")}
    assert {key: written.get(key) for key in truth(sandbox)} == truth(sandbox)


def test_nothing_new_takes_a_request_for_fifty_projects(connector, many, first_of_many):
    first = first_of_many
    assert len(set(marks(first).values())) == 1, "all were read up to the newest issue"
    second = again(connector, many, first)
    assert len(many.requests()) == 3, "the projects, and two lists of issues"
    assert lists(many) == [30, 30]
    assert marks(second) == marks(first) and len(second.ids("issues")) == 1
    assert any("issues of 30 projects: " in line for line in second.logs("INFO"))
    third = again(connector, many, second)
    assert len(many.requests()) == 3 and third.ids("issues") == second.ids("issues")


def test_a_shard_asks_for_its_own_projects_only(connector, many):
    first = [connector.read(config(many, shard={"index": index, "count": 2}), ISSUES) for index in range(2)]
    expect_all(many, *first)
    asked = []
    for index, run in enumerate(first):
        again(connector, many, run, shard={"index": index, "count": 2})
        asked.append(lists(many))
    assert [len(shard) for shard in asked] == [1, 1] and sum(map(sum, asked)) == 60


@pytest.mark.parametrize("sync_mode", ["incremental", "full_refresh"])
def test_what_was_never_read_and_full_refreshes_are_read_project_by_project(connector, changing, sync_mode):
    first = connector.read(config(changing), catalog("issues", sync_mode=sync_mode))
    assert set(lists(changing)) == {1}
    expect_all(changing, first)
    changing.reset()
    second = connector.read(config(changing), catalog("issues", sync_mode=sync_mode), first.state_file())
    assert set(lists(changing)) == ({6} if sync_mode == "incremental" else {1}) and second.code == 0


def test_news_of_one_project_move_all_marks(connector, changing):
    runs = [connector.read(config(changing), ISSUES)]
    for slug in ("web", "api", "web"):
        changing.advance(60)
        changing.change(add_events={"project": slug, "count": 2, "new_issue": True})
        changing.advance(5)
        runs.append(again(connector, changing, runs[-1]))
        assert lists(changing) == [6]
        assert len(set(marks(runs[-1]).values())) == 1 and marks(runs[-1]) != marks(runs[-2])
        assert [name for name, cursor in cursors(runs[-1]).items() if "shared" not in cursor] == [slug]
    expect_all(changing, *runs)
    assert sum(len(run.ids("issues")) for run in runs[1:]) < 10


def test_cursors_that_differ_become_one_and_lose_nothing(connector, changing):
    """As those of earlier versions do."""
    first = connector.read(config(changing), ISSUES)
    newest = {}
    for row in first.records("issues"):
        slug = row["project"]["slug"]
        newest[slug] = max(newest.get(slug, ""), row["lastSeen"])
    [state] = first.state_file()
    for entry in state["stream"]["stream_state"]["states"]:
        entry["cursor"] = {"lastSeen": newest.get(entry["partition"]["project"], "1900-01-01T00:00:00.000000Z")}
    changing.advance(60)
    for slug in ("web", "api"):
        changing.change(add_events={"project": slug, "count": 1, "new_issue": True})
    changing.advance(5)
    changing.reset()
    second = connector.read(config(changing), ISSUES, [state])
    assert second.code == 0 and lists(changing) == [1] * 6
    third = again(connector, changing, second)
    assert lists(changing) == [6]
    expect_all(changing, first, second, third)
    assert len(second.ids("issues")) <= 2 + 6


def test_a_forbidden_project_is_named_and_the_others_are_read(connector, changing):
    first = connector.read(config(changing), ISSUES)
    changing.advance(60)
    changing.change(add_events={"project": "web", "count": 1, "new_issue": True})
    changing.change(add_events={"project": "api", "count": 1, "new_issue": True})
    changing.advance(5)
    changing.faults({**FORBIDDEN, "path": f"project={number(changing, 'api')}"},
                    {**FORBIDDEN, "path": "/projects/acme/api/issues/"})
    second = connector.read(config(changing), ISSUES, first.state_file())
    assert second.code == 1 and not second.logs("WARN")
    [error] = second.errors("issues")
    assert '"api"' in error["message"] and "event:read" in error["message"]
    assert {row["project"]["slug"] for row in second.records("issues")} == {"web"}
    assert marks(second)["api"] == marks(first)["api"] < marks(second)["web"]
    assert len(set(marks(second).values())) == 2
    # From here on it costs the others nothing more.
    changing.control("DELETE", "requests")
    third = connector.read(config(changing), ISSUES, second.state_file())
    assert third.code == 1 and sorted(lists(changing)) == [1, 1, 5]
    fourth = again(connector, changing, third)
    expect_all(changing, first, second, third, fourth)
    fifth = again(connector, changing, fourth)
    assert lists(changing) == [6] and marks(fifth) == marks(fourth)


def test_projects_come_and_go_and_change_their_names(connector, changing):
    first = connector.read(config(changing), ISSUES)
    second = again(connector, changing, first)
    changing.change(delete_project="api")
    changing.change(rename_project={"from": "web", "to": "storefront"})
    changing.change(add_project={"slug": "newcomer"})
    changing.change(add_events={"project": "newcomer", "count": 3, "new_issue": True, "at": 86_400})
    changing.advance(60)
    third = again(connector, changing, second, gone="api")
    assert sorted(lists(changing)) == [1, 5], "the new one from its own beginning"
    assert "newcomer" in {row["project"]["slug"] for row in third.records("issues")}
    assert "storefront" in marks(third) and "web" not in marks(third)
    fourth = again(connector, changing, third, gone="api")
    assert lists(changing) == [6]
    expect_all(changing, first, second, third, fourth)


def newest_project(run):
    return max(run.records("issues"), key=lambda row: row["lastSeen"])["project"]["slug"]


def test_a_project_that_is_read_no_more_leaves_no_doubts_behind(connector, changing):
    first = connector.read(config(changing), ISSUES)
    gone = newest_project(first)
    second = again(connector, changing, first, projects=[f"!{gone}"])
    assert lists(changing) == [5] and not second.ids("issues")
    back = again(connector, changing, second)
    assert lists(changing) == [6]
    other = next(slug for slug in marks(back) if slug != gone)
    alone = again(connector, changing, back, project=other)
    assert not alone.ids("issues") and list(alone.states("issues")[-1]) == ["lastSeen", "shared", "of"]
    assert not again(connector, changing, alone, project=other).ids("issues")


def test_a_list_that_lacks_its_newest_issue_is_questioned_project_by_project(connector, changing):
    first = connector.read(config(changing), ISSUES)
    newest = max(first.records("issues"), key=lambda row: row["lastSeen"])
    changing.change(delete_issue=newest["id"])
    second = again(connector, changing, first)
    assert lists(changing)[0] == 6 and len(lists(changing)) == 8, "each, and one once more without a window"
    slug = newest["project"]["slug"]
    assert any(f"What issues of {slug} held" in line for line in second.logs("INFO"))
    assert marks(second) == marks(first)


@pytest.mark.parametrize("fault", [
    {"status": 404, "body": ""},
    {"status": 400, "body": {"detail": "You do not have the multi project stream feature enabled"}},
    {"status": 500, "body": {"detail": "Internal Error", "errorId": "1"}},
])
def test_a_server_without_such_a_list_is_read_project_by_project(connector, changing, fault):
    first = connector.read(config(changing), ISSUES)
    changing.advance(60)
    changing.change(add_events={"project": "web", "count": 1, "new_issue": True})
    changing.advance(5)
    changing.reset()
    several = f"project={min(projects(changing), key=projects(changing).get)}&project="
    changing.faults({**fault, "path": several, "times": -1})
    second = connector.read(config(changing), ISSUES, first.state_file())
    assert second.code == 0 and all("Attempt" in line for line in second.logs("WARN"))
    assert lists(changing).count(1) == 6
    expect_all(changing, first, second)


def test_an_old_server_is_read_completely(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 4, "--events", 200, "--event-size", "small", "--issues", 60, "--quirk",
                            "no-org-issues")
    first = connector.read(config(sandbox), ISSUES)
    sandbox.advance(60)
    sandbox.change(add_events={"project": "web", "count": 1, "new_issue": True})
    sandbox.advance(5)
    second = connector.read(config(sandbox), ISSUES, first.state_file())
    third = connector.read(config(sandbox), ISSUES, at(second, min(marks(first).values())))
    assert first.code == second.code == third.code == 0
    assert not any("shared" in cursor for cursor in cursors(second).values())
    expect_all(sandbox, first, second)
    expect_all(sandbox, first, third)


def test_one_bad_entry_keeps_back_its_own_project_only(connector, many, first_of_many):
    first = first_of_many
    seen = truth(many)
    start = sorted(seen.values())[-150]
    bad = sorted(first.records("issues"), key=lambda row: row["lastSeen"])[-120]
    many.reset()
    many.faults({"path": "/organizations/acme/issues/", "times": -1,
                 "replace": [f'{{"id":"{bad["id"]}"', f'null,{{"id":"{bad["id"]}"']})
    second = connector.read(config(many), ISSUES, at(first, start))
    assert second.code == 1
    [error] = second.errors("issues")
    assert f"issues of {bad['project']['slug']} " in error["message"] and "not a record" in error["message"]
    rows = second.ids("issues")
    assert len(rows) == len(set(rows)), "what the list of all had given is not written again"
    assert set(rows) >= {key for key, when in seen.items() if when >= start}
    kept_back = marks(second)[bad["project"]["slug"]]
    assert kept_back[:19] == start[:19]
    # Nor does a project that never had an issue take a mark for granted that says it had one.
    moved = [mark for mark in marks(second).values() if mark > kept_back]
    assert len(moved) >= len(marks(second)) - 2


def positions_in(state):
    return [entry["cursor"].get("position", {}) for entry in state["stream"]["stream_state"]["states"]]


@pytest.mark.parametrize("rows, lines, inside", [(1400, 1100, True), (1400, 1300, True), (3000, 2500, False)])
def test_a_read_killed_inside_a_list_goes_on_there(connector, many, first_of_many, rows, lines, inside):
    """Where a list is one long window, inside it; a longer one is read in several, and only a slow run is killed inside
    one of those once a state was written there."""
    shard = {"shard": {"index": 0, "count": 2}} if inside else {}
    first = connector.read(config(many, **shard), ISSUES) if inside else first_of_many
    seen = {row["id"]: row["lastSeen"] for row in first.records("issues")}
    start = sorted(seen.values())[-rows]
    wanted = {key for key, when in seen.items() if when >= start}

    def pages_in(state):
        return {position["page"]["cursor"] for position in positions_in(state) if "page" in position}

    def is_on_the_way(state):
        is_behind_a_window = any(position.get("read_until", "") > start for position in positions_in(state))
        return pages_in(state) or (is_behind_a_window and not inside)

    killed = read_until_killed(connector, config(many, num_workers=2, **shard), ISSUES, at(first, start), lines=lines,
                               until=is_on_the_way)
    assert killed.states and set(killed.ids("issues")) < wanted
    [state] = killed.last_states()
    within = pages_in(state)
    many.reset()
    second = connector.read(config(many, **shard), ISSUES, killed.last_states())
    assert second.code == 0 and not second.logs("WARN")
    assert len(set(lists(many))) == 1 and lists(many)[0] > 25
    assert first_cursors(many) - {""} == within
    assert {*killed.ids("issues"), *second.ids("issues")} == wanted
    assert len(second.ids("issues")) == len(set(second.ids("issues"))) < len(wanted)
    if inside:
        assert set(killed.ids("issues")) & set(second.ids("issues")) <= set(killed.since_state["issues"])
    assert len(set(marks(second).values())) == 1


def test_nobody_is_read_beyond_the_end_that_was_set(connector, changing):
    first = connector.read(config(changing), ISSUES)
    end = sorted(truth(changing).values())[-10]
    [state] = first.state_file()
    states = state["stream"]["stream_state"]["states"]
    states[:] = [entry for entry in states if entry["partition"]["project"] == newest_project(first)]
    second = connector.read(config(changing, end_date=end), ISSUES, [state])
    assert second.code == 0
    third = again(connector, changing, second)
    expect_all(changing, first, third)
    written = {*second.ids("issues"), *third.ids("issues")}
    of_newest = {row["id"] for row in first.records("issues") if row["project"]["slug"] == newest_project(first)}
    assert written >= set(truth(changing)) - of_newest
