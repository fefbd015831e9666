"""Many projects in one connection: which are read, and how each one's state lives on (form H)."""

import itertools
import json

import pytest
from support.connector import INCREMENTAL, STREAMS, catalog
from support.hostile import PROJECT, HostileServer, event, link
from support.sandbox import Sandbox
from support.sandbox import true_ids as whole_ids

PER_PROJECT = ["events", "issues", "project_detail", "project_keys"]
ORGANIZATION_WIDE = [stream for stream in STREAMS if stream not in PER_PROJECT]
EXACT = {"lookback_window": "PT0S"}


@pytest.fixture(scope="module")
def organization(tmp_path_factory):
    """A sandbox of twelve projects that no test changes."""
    sandbox = Sandbox(tmp_path_factory.mktemp("organization"), "--projects", 12, "--events", 1500, "--event-size",
                      "small", "--issues", 200, "--days", 30)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def changing(start_sandbox):
    """A small one that a test may change."""
    return start_sandbox("--projects", 4, "--events", 400, "--event-size", "small", "--issues", 60, "--days", 20)


def all_projects(sandbox, **changes):
    return sandbox.config(project=None, **{**EXACT, **changes})


def slugs(sandbox):
    return sorted(row["slug"] for row in sandbox.control("GET", "truth?organization=acme")["projects"])


def true_ids(sandbox, stream, projects):
    """Ids of a per-project stream in these projects."""
    found = []
    for project in projects:
        truth = sandbox.truth(project=project)
        if stream == "project_detail":
            found += [row["id"] for row in truth["projects"] if row["slug"] == project]
        elif stream == "issues":
            found += [row["id"] for row in truth["issues"] if row["category"] != "feedback"]
        else:
            found += [row["id"] if isinstance(row, dict) else row for row in truth[stream]]
    return sorted(map(str, found))


def expect(run, sandbox, projects, streams=PER_PROJECT):
    assert run.code == 0, run.errors()
    for stream in streams:
        assert sorted(run.ids(stream)) == true_ids(sandbox, stream, projects), stream


def marks(run, stream):
    """Each project's cursor in the stream's last state."""
    return {entry["partition"]["project"]: entry["cursor"][INCREMENTAL[stream]]
            for entry in run.states(stream)[-1]["states"]}


@pytest.mark.parametrize("sync_mode", ["full_refresh", "incremental"])
def test_without_a_project_every_project_is_read(connector, organization, sync_mode):
    run = connector.read(all_projects(organization), catalog(sync_mode=None if sync_mode == "incremental" else sync_mode))
    expect(run, organization, slugs(organization))
    for stream in ("events", "issues"):
        last = run.states(stream)[-1]
        assert last["use_global_cursor"] is False and sorted(marks(run, stream)) == slugs(organization)
        assert all("position" not in entry["cursor"] for entry in last["states"])


@pytest.mark.parametrize("patterns, chosen", [
    (["web"], lambda slug: slug == "web"),
    (["*", "!a*"], lambda slug: not slug.startswith("a")),
    (["!a*", "!w*"], lambda slug: slug[0] not in "aw"),
    (["?[aeiou]*"], lambda slug: slug[1] in "aeiou"),
])
def test_patterns_choose_among_the_projects(connector, organization, patterns, chosen):
    wanted = [slug for slug in slugs(organization) if chosen(slug)]
    assert 0 < len(wanted) < 12
    expect(connector.read(all_projects(organization, projects=patterns), catalog(*PER_PROJECT)), organization, wanted)


def test_patterns_that_choose_nothing_are_an_error(connector, organization):
    config = all_projects(organization, projects=["nothing-*"])
    status = connector.check(config).connection_status()
    assert status["status"] == "FAILED" and "None of the 12 projects" in status["message"]
    run = connector.read(config, catalog("events"))
    assert run.code == 1 and "None of the 12 projects" in run.errors("events")[0]["message"]


def test_a_project_that_is_not_there_is_named_and_the_others_are_read(connector, organization):
    config = all_projects(organization, projects=["web", "wbe"])
    status = connector.check(config).connection_status()
    assert status["status"] == "FAILED" and '"wbe"' in status["message"] and 'Did you mean "web"' in status["message"]
    run = connector.read(config, catalog("events"))
    assert run.code == 1 and '"wbe"' in run.errors("events")[0]["message"]
    assert sorted(run.ids("events")) == true_ids(organization, "events", ["web"])
    assert run.statuses("events")[-1]["status"] == "INCOMPLETE"


def test_check_passes_for_a_whole_organization(connector, organization):
    assert connector.check(all_projects(organization)).connection_status() == {"status": "SUCCEEDED"}


def test_a_second_read_gives_only_what_is_new(connector, changing):
    first = connector.read(all_projects(changing), catalog("events", "issues"))
    changing.advance(60)
    for project in ("web", "api"):
        changing.change(add_events={"project": project, "count": 3, "new_issue": True})
    changing.advance(5)
    second = connector.read(all_projects(changing), catalog("events", "issues"), first.state_file())
    assert second.code == 0
    new = set(true_ids(changing, "events", slugs(changing))) - set(first.ids("events"))
    assert len(new) == 6
    again = set(second.ids("events")) - new
    newest = marks(first, "events")
    assert new <= set(second.ids("events")) and len(again) <= 2 * len(newest)
    assert sorted({*first.ids("issues"), *second.ids("issues")}) == true_ids(changing, "issues", slugs(changing))


def test_a_single_projects_state_moves_over_when_projects_are_added(connector, changing):
    alone = connector.read(changing.config(**EXACT), catalog("events", "issues"))
    assert list(alone.states("events")[-1]) == ["dateCreated", "of"]
    both = connector.read(changing.config(projects=["web", "api"], **EXACT), catalog("events", "issues"),
                          alone.state_file())
    assert both.code == 0
    again = set(both.ids("events")) & set(alone.ids("events"))
    assert len(again) <= 2, "only the state's own second comes again"
    assert set(true_ids(changing, "events", ["api"])) <= set(both.ids("events"))
    assert sorted(marks(both, "events")) == ["api", "web"]

    back = connector.read(changing.config(**EXACT), catalog("events"), both.state_file())
    assert len(back.ids("events")) <= 2 and list(back.states("events")[-1]) == ["dateCreated", "of"]


def test_a_renamed_project_goes_on_and_a_deleted_one_is_left_alone(connector, changing):
    first = connector.read(all_projects(changing), catalog("events"))
    changing.change(rename_project={"from": "web", "to": "storefront"})
    changing.change(delete_project="api")
    second = connector.read(all_projects(changing), catalog("events"), first.state_file())
    assert second.code == 0, second.errors()
    assert len(second.ids("events")) <= 2 * len(slugs(changing)), "nothing is read again"
    assert "storefront" in marks(second, "events") and "web" not in marks(second, "events")


def test_one_forbidden_project_does_not_stop_the_others(connector, changing):
    changing.faults({"path": "/projects/acme/api/events/", "times": -1, "status": 403,
                     "body": {"detail": "You do not have permission to perform this action."}})
    first = connector.read(all_projects(changing), catalog("events"))
    others = [slug for slug in slugs(changing) if slug != "api"]
    assert first.code == 1 and sorted(first.ids("events")) == true_ids(changing, "events", others)
    assert [error for error in first.errors("events") if '"api"' in error["message"]]
    assert first.statuses("events")[-1]["status"] == "INCOMPLETE"
    changing.control("DELETE", "faults")
    second = connector.read(all_projects(changing), catalog("events"), first.state_file())
    assert second.code == 0
    assert set(true_ids(changing, "events", ["api"])) <= set(second.ids("events"))
    assert len(second.ids("events")) <= len(true_ids(changing, "events", ["api"])) + 2 * len(others)


def shards(connector, sandbox, states=(None, None, None)):
    """A run for each of three shards, over all streams."""
    runs = [connector.read(all_projects(sandbox, shard={"index": index, "count": 3}), catalog(), saved)
            for index, saved in enumerate(states)]
    assert all(run.code == 0 for run in runs), [run.errors() for run in runs]
    return runs


def everything(sandbox):
    """The true ids of every stream, over the whole organization."""
    truth = sandbox.control("GET", "truth?organization=acme")
    return {**{stream: true_ids(sandbox, stream, slugs(sandbox)) for stream in PER_PROJECT},
            **{stream: whole_ids(truth, stream) for stream in ORGANIZATION_WIDE}}


def test_shards_together_are_the_whole_with_nothing_twice(connector, organization):
    runs, truth = shards(connector, organization), everything(organization)
    assert sorted(truth) == sorted(STREAMS) and all(truth.values())
    for stream, ids in truth.items():
        assert sorted(str(one) for run in runs for one in run.ids(stream)) == ids, stream
    for stream in ORGANIZATION_WIDE:
        assert sum(1 for run in runs if run.ids(stream)) == 1, f"{stream} belongs to one shard"


def test_a_new_project_belongs_to_one_shard_and_moves_no_other(connector, start_sandbox):
    """Both rounds together are the whole again. No shard writes what another one wrote, and again it writes only the
    saved value's own second, and what is listed whole in every run."""
    sandbox = start_sandbox("--projects", 12, "--events", 600, "--event-size", "small", "--issues", 100, "--days", 20)
    first = shards(connector, sandbox)
    sandbox.advance(60)
    sandbox.change(add_project={"slug": "newcomer"})
    for count in (25, 3):
        sandbox.change(add_events={"project": "newcomer", "count": count, "new_issue": True})
    sandbox.change(add_release={"project": "newcomer", "version": "newcomer@1.0"})
    sandbox.advance(5)
    second = shards(connector, sandbox, [run.state_file() for run in first])

    homes = [{record["slug"]: index for index, run in enumerate(runs) for record in run.records("project_detail")}
             for runs in (first, second)]
    assert homes[1].pop("newcomer") in range(3) and homes[0] == homes[1]
    assert set(homes[0].values()) == {0, 1, 2}, "the projects are dealt out"
    assert len(true_ids(sandbox, "events", ["newcomer"])) == 28 and len(true_ids(sandbox, "issues", ["newcomer"])) == 2

    for stream, ids in everything(sandbox).items():
        rounds = [[set(map(str, run.ids(stream))) for run in runs] for runs in (first, second)]
        assert sorted(set().union(*rounds[0], *rounds[1])) == ids, stream
        for runs, written in zip((first, second), rounds):
            assert sum(len(run.ids(stream)) for run in runs) == len(set().union(*written)), f"{stream}: twice at once"
        for shard, after in enumerate(rounds[1]):
            others = set().union(*(before for index, before in enumerate(rounds[0]) if index != shard))
            assert not after & others, f"{stream}: another shard's"
        if stream not in INCREMENTAL:
            assert sorted(set().union(*rounds[1])) == ids, f"{stream}: not the whole list"
            continue
        for before, after, written in zip(first, second, rounds[0]):
            seconds = saved_seconds(before, stream)
            assert all(record[INCREMENTAL[stream]][:19] in seconds for record in after.records(stream)
                       if str(record["id"]) in written), f"{stream}: again without need"


def saved_seconds(run, stream):
    """The seconds that the stream's last state stands at."""
    last = run.states(stream)[-1]
    cursors = [entry["cursor"] for entry in last["states"]] if "states" in last else [last]
    return {cursor[INCREMENTAL[stream]][:19] for cursor in cursors}


@pytest.mark.parametrize("workers", [1, 8])
def test_a_killed_read_goes_on_where_it_was(connector, organization, workers):
    config = all_projects(organization, num_workers=workers)
    process = connector.start("read", config, catalog("events", sync_mode="full_refresh"))
    lines, seen = b"", 0
    for line in process.stdout:
        lines += line
        seen += line.startswith(b'{"type":"RECORD"')
        if seen > 1100 and line.startswith(b'{"type":"STATE"'):
            break
    process.kill()
    process.wait()
    messages = [json.loads(line) for line in lines.splitlines()]  # up to the state, which counts
    seen = [message["record"]["data"]["id"] for message in messages if message["type"] == "RECORD"]
    second = connector.read(config, catalog("events", sync_mode="full_refresh"), [messages[-1]["state"]])
    assert second.code == 0
    everything = true_ids(organization, "events", slugs(organization))
    assert sorted({*seen, *second.ids("events")}) == everything
    # A project that is not finished may have been saved at its tenth page, or not yet.
    assert len(second.ids("events")) < len(everything) - 200, "it did not start over"


def test_dates_bound_what_is_read(connector, organization):
    truth = organization.truth(project="web")["events"]
    times = sorted(row["dateCreated"] for row in truth)
    start, end = times[len(times) // 4][:19] + "Z", times[len(times) // 2][:19] + "Z"
    run = connector.read(organization.config(start_date=start, end_date=end, **EXACT), catalog("events"))
    assert run.code == 0
    assert sorted(run.ids("events")) == sorted(row["id"] for row in truth if start <= row["dateCreated"] < end)


def test_what_comes_late_is_read_within_the_lookback_window(connector, changing):
    first = connector.read(changing.config(), catalog("events"))
    mark = first.states("events")[-1]["dateCreated"]
    minutes = f"{mark[:14]}{int(mark[14:16]) - 5:02d}" if int(mark[14:16]) >= 5 else None
    late = f"{minutes}:00Z" if minutes else mark[:14] + "00:00Z"
    changing.advance(30)
    changing.change(add_events={"project": "web", "count": 1, "at": late})
    changing.advance(5)
    [new] = set(true_ids(changing, "events", ["web"])) - set(first.ids("events"))
    without = connector.read(changing.config(**EXACT), catalog("events"), first.state_file())
    assert new not in without.ids("events")
    with_it = connector.read(changing.config(), catalog("events"), first.state_file())
    assert with_it.code == 0 and with_it.ids("events").count(new) == 1
    assert with_it.states("events")[-1]["dateCreated"] >= mark


def test_a_small_project_does_not_wait_for_a_huge_one(connector, start_sandbox):
    """One worker; the huge project stands first in every list, and each project is several windows long."""
    sandbox = start_sandbox("--projects", 3, "--events", 12000, "--event-size", "small", "--issues", 300,
                            "--now", "2026-01-15T12:00:00Z", "--days", 88)
    sandbox.change(rename_project={"from": "web", "to": "a-huge-one"})
    counts = {row["id"]: len(true_ids(sandbox, "events", [row["slug"]]))
              for row in sandbox.control("GET", "truth?organization=acme")["projects"]}
    run = connector.read(all_projects(sandbox, num_workers=1), catalog("events"))
    assert run.code == 0
    turns = [(project, len(list(rows))) for project, rows in
             itertools.groupby(record["projectID"] for record in run.records("events"))]
    huge, *_, small = [project for project, _ in turns[:3]]
    assert counts[huge] == max(counts.values()) > 2 * counts[small] and counts[small] == min(counts.values()) > 2000
    # As long as all have something left, each has its turn, and none has two.
    of_small = [index for index, (project, _) in enumerate(turns) if project == small]
    assert len(of_small) >= 3 and of_small == list(range(2, 3 * len(of_small), 3))
    assert len({project for project, _ in turns[:3]}) == 3
    assert [project for project, _ in turns[:3]] * len(of_small) == [project for project, _ in turns[:of_small[-1] + 1]]
    # So the huge one is far from its end when the small one is at its own.
    done = sum(rows for project, rows in turns[:of_small[-1]] if project == huge)
    assert done < counts[huge] * 0.75


@pytest.mark.parametrize("bodies", ["list", "detail"])
def test_one_id_in_two_projects_is_two_events(connector, serve, bodies):
    """An SDK that sends to both. One project's rows say whose they are, the other's do not, as those of old servers."""
    of_web = [event(1, projectID="4507"), event(2, projectID="4507")]
    of_api = [event(1), event(2, projectID=None, tags=[{"projectID": "none of these"}])]
    projects = [PROJECT, {**PROJECT, "id": "4508", "slug": "api"}]

    def answer(target):
        if target.startswith("/api/0/organizations/acme/projects/"):
            return {"body": projects, "headers": link()}
        rows = of_api if "/acme/api/" in target or "project=4508" in target else of_web
        if "/organizations/acme/events/" in target:
            names = [{"id": row["id"], "timestamp": row["dateCreated"]} for row in rows]
            return {"status": 404, "body": ""} if "count" in target else {"body": {"data": names}, "headers": link()}
        if "/events/" not in target:
            return {"body": projects[1 if rows is of_api else 0]}
        one = [row for row in rows if f"/events/{row['id']}/" in target]
        return {"body": one[0]} if one else {"body": rows, "headers": link()}

    server = serve(HostileServer(answer))
    chosen = catalog("events")
    chosen["streams"][0].update(destination_sync_mode="append_dedup", primary_key=[["id"]])
    run = connector.read(server.config(project=None, event_bodies=bodies), chosen)
    assert run.code == 0, run.errors()
    assert any("/events/e1/" in target for target in server.targets) == (bodies == "detail")
    assert sorted((row["projectID"], row["id"]) for row in run.records("events")) == [
        ("4507", "e1"), ("4507", "e2"), ("4508", "e1"), ("4508", "e2")]
    [warning] = [text for text in run.logs("WARN") if "primary key" in text]
    assert "lacks projectID" in warning and "Refresh the source's schema" in warning
    # The official connector's form: the server's bytes as they are, and its key.
    alone = connector.read(server.config(project="api", event_bodies=bodies), chosen)
    assert alone.code == 0 and not [text for text in alone.logs("WARN") if "primary key" in text]
    assert sorted(map(str, alone.records("events"))) == sorted(map(str, of_api))
