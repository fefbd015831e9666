"""A real Sentry of 2019, the oldest one worth reading from, read completely: its own database says what is true."""

import datetime

import pytest
import real_sentry
from real_sentry_truth import PROJECT, QUERIES, ids, true_ids
from real_sentry_world import World
from support import protocol
from support.connector import INCREMENTAL, STREAMS, catalog, state

pytestmark = pytest.mark.skipif(bool(real_sentry.OLD.missing()), reason=real_sentry.OLD.missing())


@pytest.fixture(scope="session")
def servers():
    with real_sentry.OLD.running() as running:
        yield {kind: real_sentry.RealSentry(*place) for kind, place in running.items()}


@pytest.fixture(params=list(real_sentry.OLD.kinds))
def sentry(request, servers):
    return servers[request.param]


@pytest.fixture
def world(sentry):
    return World(sentry)


@pytest.fixture(autouse=True)
def one_value_that_the_schemas_do_not_hold(monkeypatch):
    """storeCrashReports is a number in every later Sentry, and true or false here (docs/streams.md). Nothing else
    may differ from the schemas."""
    strict = protocol.record_validator

    def validator(stream):
        if stream not in ("project_detail", "all_projects_detail"):
            return strict(stream)

        def validate(record):
            assert isinstance(record["storeCrashReports"], bool)
            strict(stream)({**record, "storeCrashReports": None})

        return validate

    monkeypatch.setattr(protocol, "record_validator", validator)


def expect_complete(run, sentry, organization="acme", project="web"):
    assert run.code == 0 and run.stderr == "" and not run.errors(), (run.errors(), run.stderr)
    for stream in STREAMS:
        assert ids(run, stream) == true_ids(sentry, stream, organization, project), stream
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"


# Nothing is read again but the second of the state: what the look back brings is not new.
EXACTLY = {"lookback_window": "PT0S"}


def check(connector, config):
    run = connector.check(config)
    assert run.code == 0
    return run.connection_status()


def test_check_and_discover(connector, sentry):
    assert check(connector, sentry.config()) == {"status": "SUCCEEDED"}
    [message] = connector.discover(sentry.config()).of("CATALOG")
    assert [stream["name"] for stream in message["catalog"]["streams"]] == STREAMS


@pytest.mark.parametrize("sync_mode", ["full_refresh", None])
def test_all_streams_are_what_the_database_holds(connector, sentry, sync_mode):
    run = connector.read(sentry.config(), catalog(sync_mode=sync_mode))
    expect_complete(run, sentry)
    assert len(run.records("events")) > 200 and len(run.records("releases")) > 200
    assert {issue["status"] for issue in run.records("issues")} == {"resolved", "unresolved", "ignored"}


@pytest.mark.parametrize("project", ["api", "mobile"])
def test_other_projects(connector, sentry, project):
    """`api` holds twenty events of one and the same second."""
    run = connector.read(sentry.config(project=project), catalog())
    expect_complete(run, sentry, project=project)


@pytest.mark.parametrize("stream, column, table", [
    ("events", "datetime", "sentry_message"), ("issues", "last_seen", "sentry_groupedmessage")])
def test_a_read_from_the_middle_of_the_history(connector, sentry, stream, column, table):
    """Its event list takes no notice of start and end."""
    [[middle]] = sentry.rows(f"""
        select to_char(percentile_disc(0.5) within group (order by {column}) at time zone 'UTC',
                       'YYYY-MM-DD"T"HH24:MI:SS"Z"')
        from {table} where project_id = {PROJECT}""", organization="acme", project="web")
    run = connector.read(sentry.config(**EXACTLY), catalog(stream), state(**{stream: {INCREMENTAL[stream]: middle}}))
    assert run.code == 0, run.errors()
    expected = sentry.rows(f"{QUERIES[stream]} and {column} >= :'middle'", organization="acme", project="web",
                           middle=middle)
    assert ids(run, stream) == sorted(row[0] for row in expected)
    assert len(expected) > 50


@pytest.mark.parametrize("change, says", [
    ({"auth_token": "nonsense"}, ["does not know the token", "auth_token"]),
    ({"project": "wbe"}, ['no project "wbe"', 'Did you mean "web"']),
    ({"project": "unlike-any"}, ['no project "unlike-any"', "Put the project's slug into project."]),
    ({"organization": "acne"}, ['no organization "acne"', 'Did you mean "acme"']),
])
def test_mistakes_in_the_configuration_are_told_apart(connector, sentry, change, says):
    status = check(connector, sentry.config(**change))
    assert status["status"] == "FAILED"
    for text in says:
        assert text in status["message"], status


def test_missing_scopes_are_named(connector, sentry):
    config = sentry.config(auth_token=sentry.announced["token_org_only"])
    missing = {"events": "project:read", "issues": "event:read", "project_detail": "project:read",
               "releases": "project:read", "project_keys": "project:read", "all_projects_detail": "project:read"}
    status = check(connector, config)
    assert status["status"] == "SUCCEEDED"
    for stream, scope in missing.items():
        assert f"{stream} (needs the scope {scope})" in status["message"]
    run = connector.read(config, catalog(*missing, "projects"))
    assert run.code == 1 and ids(run, "projects") == true_ids(sentry, "projects")
    for stream, scope in missing.items():
        assert scope in run.errors(stream)[0]["message"]
        assert run.statuses(stream)[-1]["status"] == "INCOMPLETE"


def test_an_empty_project(connector, world):
    run = connector.read(world.config(), catalog())
    expect_complete(run, world.sentry, world.slug, "shop")
    assert not run.records("events") and len(run.records("projects")) == 1


def test_a_second_read_gives_what_was_sent_in_between(connector, world):
    world.send("first", "second", "third")
    world.settle()
    first = connector.read(world.config(**EXACTLY), catalog())
    expect_complete(first, world.sentry, world.slug, "shop")
    assert ids(first, "releases") == ["shop@1.0.0"]

    sent = world.send("first", "fourth", "fourth", "fifth")
    world.add_release("shop@2.0.0")
    world.add_project("cellar")
    world.settle()
    second = connector.read(world.config(**EXACTLY), catalog(), first.state_file())
    assert second.code == 0, second.errors()
    new = [event for event in second.records("events") if event["id"] not in first.ids("events")]
    assert sorted(event["eventID"] for event in new) == sorted(sent)
    assert {issue["title"] for issue in second.records("issues")} >= {
        "ValueError: first", "ValueError: fourth", "ValueError: fifth"}
    assert set(ids(second, "releases")) - set(ids(first, "releases")) == {"shop@2.0.0"}
    assert [project["slug"] for project in second.records("projects")
            if project["id"] not in first.ids("projects")] == ["cellar"]
    for stream in INCREMENTAL:
        assert sorted({*ids(first, stream), *ids(second, stream)}) == true_ids(
            world.sentry, stream, world.slug, "shop"), stream
        expect_only_the_boundary_again(first, second, stream)

    third = connector.read(world.config(**EXACTLY), catalog(), second.state_file())
    for stream in INCREMENTAL:
        assert set(ids(third, stream)) <= set(ids(second, stream)), stream
        expect_only_the_boundary_again(second, third, stream)
        assert third.states(stream)[-1] == second.states(stream)[-1], stream


def second_of(record, stream):
    return record[INCREMENTAL[stream]][:len("2026-01-15T12:00:00")]


def expect_only_the_boundary_again(earlier, later, stream):
    """Of what an earlier read gave only records of the second of its state come again."""
    newest = max(second_of(record, stream) for record in earlier.records(stream))
    again = [record for record in later.records(stream) if record in earlier.records(stream)]
    assert {second_of(record, stream) for record in again} <= {newest}, stream


def test_a_release_that_was_released_before_it_was_made(connector, world):
    """Sentry 9.1.2 lists releases by the date of release where they have one, and means that date by start and end."""
    world.add_release("shop@1.0.0")
    world.settle()
    first = connector.read(world.config(), catalog("releases"))
    assert ids(first, "releases") == ["shop@1.0.0"]
    long_ago = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=3)
    world.add_release("shop@0.9.0", dateReleased=long_ago.isoformat())
    world.settle()
    second = connector.read(world.config(), catalog("releases"), first.state_file())
    assert "shop@0.9.0" in ids(second, "releases")


def test_releases_without_ids_are_told(connector, servers):
    run = connector.read(servers["org-issues"].config(), catalog("releases"))
    assert all("id" not in release for release in run.records("releases"))
    assert [text for text in run.logs("WARN") if "releases" in text and " id" in text], run.logs("WARN")


def test_many_events_of_one_second(connector, world):
    """At the edges of pages Sentry 9.1.2 repeats some of them and leaves out as many: its order is not a fixed one."""
    world.send("first")
    world.copy_event(250)
    world.settle()
    run = connector.read(world.config(), catalog("events"))
    assert run.code == 0 and len(run.ids("events")) == len(set(run.ids("events")))
    truth = true_ids(world.sentry, "events", world.slug, "shop")
    assert len(truth) == 251 and set(run.ids("events")) <= set(truth)
    lost = len(truth) - len(run.ids("events"))
    assert lost == 0 or [text for text in run.logs("WARN") if "events" in text and "missing" in text], (
        lost, run.logs("INFO"))
