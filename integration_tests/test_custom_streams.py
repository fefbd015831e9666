"""Streams of routes that the configuration names: OpsLevel's definitions unchanged, pages in every way, parents, and
what becomes of those that cannot be read."""

import collections
import json
import subprocess
import urllib.parse

import pytest
from support.api import Api
from support.connector import EXECUTABLE, catalog
from support.crashes import read_until_killed
from support.hostile import encode, link, sentry_with
from support.sandbox import Sandbox

NEXT = '.link.next | if .attributes.results == "true" then .target_url else null end'
EXTRACT = """---
extractors:
- external_kind: P
  iterator: "."
  external_id: .id
  exclude: .name | test("^(mobile|lab)$"; "i")
  http_polling:
    method: GET
    url: "{% if cursor %}{{cursor}}{% else %}https://sentry.io/api/0/projects/{% endif %}"
    headers:
    - name: Authorization
      value: Bearer {{ 'sentry_api_token' | secret }}
    next_cursor:
      from: header
      value: NEXT
- external_kind: I
  iterator: "."
  external_id: .id
  http_polling:
    method: GET
    url: "{% if cursor %}{{cursor}}{% else %}https://sentry.io/api/0/projects/acme/{{ P.id }}/issues/{% endif %}"
    for_each: P
    headers:
    - name: Authorization
      value: Bearer {{ 'sentry_api_token' | secret }}
    next_cursor:
      from: header
      value: NEXT
   """.replace("NEXT", NEXT)
TRANSFORM = """---
transforms:
- external_kind: I
  opslevel_kind: sentry_issue
  opslevel_identifier: .id
  on_component_not_found: create
  properties:
    name: .title
    url: .permalink
    substatus: .substatus
    project_slug: .project.slug
"""
NAMES = ["P", "I", "I_to_sentry_issue"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("custom"), "--events", 900, "--issues", 600, "--releases", 5)
    yield sandbox
    sandbox.stop()


@pytest.fixture
def clean(world):
    world.reset()
    yield world
    world.reset()


def opslevel(world, **changes):
    return world.config(project=None, opslevel_extract=EXTRACT, opslevel_transform=TRANSFORM, **changes)


def custom(server, *streams, **changes):
    return server.config(custom_streams=list(streams), **changes)


def asked(world):
    return collections.Counter((one["path"].removeprefix("/api/0/"), one["query"]) for one in world.requests())


def issues_of(world, *projects):
    """The rows that Sentry lists of them, by their ids."""
    api = Api(world)
    rows = {}
    for project in api.get("projects/"):
        if project["slug"] in projects:
            rows.update((row["id"], row) for row in api.rows(f"projects/acme/{project['id']}/issues/"))
    world.control("DELETE", "requests")
    return rows


@pytest.mark.parametrize("workers", [1, 4])
def test_opslevels_definitions_are_read_unchanged(connector, clean, workers):
    truth = issues_of(clean, "api", "web")
    assert len(truth) > 100  # several pages
    run = connector.read(opslevel(clean, num_workers=workers), catalog(*NAMES))
    assert run.code == 0, run.errors()
    assert sorted(row["slug"] for row in run.records("P")) == ["api", "web"]
    assert run.records("I") == [truth[row["id"]] for row in run.records("I")]
    assert sorted(run.ids("I")) == sorted(truth)
    made = {row["opslevel_identifier"]: row for row in run.records("I_to_sentry_issue")}
    assert made == {key: {"opslevel_kind": "sentry_issue", "opslevel_identifier": key, "on_component_not_found": "create",
                          "properties": {"name": row["title"], "url": row["permalink"],
                                         "substatus": row.get("substatus"), "project_slug": row["project"]["slug"]}}
                    for key, row in truth.items()}
    # All three read the same list of projects, and two the same issues: each page is asked for once.
    requests = {page: times for page, times in asked(clean).items() if page[0].startswith("projects/")}
    assert set(requests.values()) == {1} and requests["projects/", ""] == 1
    others = [row["id"] for row in Api(clean).get("projects/") if row["slug"] not in ("api", "web")]
    assert others and not [page for page in requests if page[0].split("/")[-3:-2] in [[one] for one in others]]


def test_opslevels_records_as_pushes(connector, clean):
    raw = connector.read(opslevel(clean), catalog("P"))
    run = connector.read(opslevel(clean, opslevel_output="push"), catalog(*NAMES))
    assert run.code == 0, run.errors()
    assert run.records("P") == [{"external_kind": "P", "data": [row]} for row in raw.records("P")]
    assert run.records("I_to_sentry_issue")[0]["opslevel_kind"] == "sentry_issue"


def test_check_and_discover(connector, clean):
    found = connector.discover(opslevel(clean))
    streams = {stream["name"]: stream for stream in found.of("CATALOG")[0]["catalog"]["streams"]}
    assert streams["I"]["source_defined_primary_key"] == [["id"]]
    assert clean.requests() == []
    status = connector.check(opslevel(clean)).connection_status()
    assert status["status"] == "SUCCEEDED", status
    bad = EXTRACT.replace("{{ P.id }}", "{{ P.idd }}")
    status = connector.check(opslevel(clean) | {"opslevel_extract": bad}).connection_status()
    assert status["status"] == "FAILED"
    assert "{{ P.idd }} is not in the record of P (its members: " in status["message"]
    clean.control("DELETE", "requests")
    foreign = custom(clean, {"name": "x", "url": "https://evil.example/api/0/x/"})
    for command in (connector.check(foreign), connector.read(foreign, catalog("x"))):
        assert command.code != 0 or command.connection_status()["status"] == "FAILED"
    assert clean.requests() == []


def test_preview_shows_records(connector, clean):
    config = connector.file("config.json", opslevel(clean))
    for name in NAMES:
        run = subprocess.run([EXECUTABLE, "preview", name, "--config", config, "--records", "2", "--json"],
                             capture_output=True, timeout=60)
        assert run.returncode == 0, run.stderr
        # One document of a stream, or a line for each record that is mapped.
        mapped = "_to_" in name
        documents = map(json.loads, run.stdout.splitlines() if mapped else [run.stdout])
        assert sum(len(document["records"]) for document in documents) == 2


def test_teams_and_their_members(connector, clean):
    teams = {"name": "my_teams", "path": "organizations/{{ organization }}/teams/", "record_id": ".slug"}
    members = {"name": "my_members", "path": "teams/{{ organization }}/{{ my_teams.slug }}/members/",
               "for_each": "my_teams", "inject": {"team": ".slug"}, "primary_key": ["team", "id"]}
    run = connector.read(custom(clean, teams, members), catalog("my_teams", "my_members"))
    assert run.code == 0, run.errors()
    slugs = [row["slug"] for row in Api(clean).rows("organizations/acme/teams/")]
    assert [row["slug"] for row in run.records("my_teams")] == slugs
    truth = [(slug, row["id"]) for slug in slugs for row in Api(clean).rows(f"teams/acme/{slug}/members/")]
    assert [(row["team"], row["id"]) for row in run.records("my_members")] == truth
    assert len({key for _, key in truth}) < len(truth)  # some belong to several


def test_parents_of_our_own_streams(connector, clean):
    keys = {"name": "my_keys", "path": "projects/{{ organization }}/{{ projects.slug }}/keys/", "for_each": "projects",
            "page_size": {"parameter": "per_page", "value": 1}, "inject": {"project": ".slug"}}
    run = connector.read(custom(clean, keys), catalog("my_keys"))
    assert run.code == 0, run.errors()
    assert {row["project"] for row in run.records("my_keys")} == {"api", "mobile", "web"}
    truth = [row["id"] for slug in ("api", "mobile", "web") for row in Api(clean).rows(f"projects/acme/{slug}/keys/")]
    assert sorted(run.ids("my_keys")) == sorted(truth)


def test_issues_and_releases_as_parents(connector, clean):
    hashes = {"name": "hashes", "path": "organizations/acme/issues/{{ issues.id }}/hashes/", "for_each": "issues",
              "inject": {"issue": ".id"}}
    commits = {"name": "commits", "path": "organizations/acme/releases/{{ releases.version }}/commits/",
               "for_each": "releases"}
    config = custom(clean, hashes, commits, stream_groups=["all"])
    run = connector.read(config, catalog("hashes", "commits", "issue_hashes"))
    assert run.errors("hashes") == run.errors("commits") == []
    ours = {(row["issueId"], row["id"]) for row in run.records("issue_hashes")}
    assert {(row["issue"], row["id"]) for row in run.records("hashes")} == ours != set()
    versions = [row["version"] for row in Api(clean).rows("organizations/acme/releases/", project=-1, status="")]
    truth = {row["id"] for version in versions
             for row in Api(clean).rows(f"organizations/acme/releases/{urllib.parse.quote(version, safe='')}/commits/")}
    assert set(run.ids("commits")) == truth != set()


def test_a_link_may_name_the_servers_own_host(connector, start_sandbox):
    inside = start_sandbox("--events", 300, "--issues", 250, "--projects", 1, "--public-url", "http://10.0.0.7")
    run = connector.read(opslevel(inside), catalog("I"))
    assert run.code == 0, run.errors()
    assert sorted(run.ids("I")) == sorted(issues_of(inside, "api", "web"))


PAGES = {"": {"rows": [{"id": "1"}], "next": "c2"}, "c2": {"rows": [], "next": "c3"},
         "c3": {"rows": [{"id": "3"}], "next": None}}
BY_BODY = {"name": "x", "path": "rows/?cursor={{ cursor }}", "iterator": ".rows",
           "next": {"from": "body", "value": ".next"}}


def by_body(target):
    return {"body": PAGES[target.partition("cursor=")[2]]}


def test_pages_by_body_and_headers_of_ones_own(connector, serve):
    server = serve(sentry_with("/rows/", by_body))
    stream = BY_BODY | {"headers": {"X-Key": "{{ 'k' | secret }}"}}
    run = connector.read(custom(server, stream, secrets=[{"name": "k", "value": "s3cret-of-the-test"}]), catalog("x"))
    assert run.code == 0, run.errors()
    assert run.ids("x") == ["1", "3"]
    assert [one for one in server.targets if "rows" in one] == [f"/api/0/rows/?cursor={at}" for at in ("", "c2", "c3")]
    heads = [head for head in server.heads if b"/rows/" in head]
    assert all(b"X-Key: s3cret-of-the-test" in head for head in heads)
    assert all(b"Bearer t0ken-of-the-test" in head for head in heads)
    assert not [head for head in server.heads if b"X-Key" in head and b"/rows/" not in head]


def test_another_token_takes_the_place_of_ours(connector, serve):
    server = serve(sentry_with("/rows/", by_body))
    stream = BY_BODY | {"headers": {"Authorization": "Bearer {{ 'k' | secret }}"}}
    run = connector.read(custom(server, stream, secrets=[{"name": "k", "value": "s3cret-of-the-test"}]), catalog("x"))
    assert run.code == 0, run.errors()
    for head in server.heads:
        assert (b"s3cret-of-the-test" in head) == (b"/rows/" in head)
        assert head.count(b"Authorization") == 1


def test_named_secrets_reach_no_output(connector, serve):
    server = serve(sentry_with("/rows/", lambda target: {
        "status": 403, "body": {"detail": "s3cret-of-the-test may not"}}))
    stream = BY_BODY | {"path": "rows/s3cret-of-the-test/?c={{ cursor }}",
                        "headers": {"Authorization": "Bearer {{ 'k' | secret }}"}}
    config = custom(server, stream, secrets=[{"name": "k", "value": "s3cret-of-the-test"}])
    for run in (connector.read(config, catalog("x")), connector.check(config), connector.discover(config)):
        assert "s3cret-of-the-test" not in run.stdout.decode() + run.stderr
    shown = subprocess.run([EXECUTABLE, "config", "--config", connector.file("shown.json", config)],
                           capture_output=True, timeout=60)
    assert shown.returncode == 0 and b"s3cret-of-the-test" not in shown.stdout + shown.stderr


@pytest.mark.parametrize("where", ["https://evil.example/api/0/other/", "/api/0/other/?cursor=1"])
def test_a_page_elsewhere_is_an_error(connector, serve, where):
    server = serve(sentry_with("/rows/", lambda target: {"body": {"rows": [{"id": "1"}], "next": where}}))
    stream = BY_BODY | {"path": "{% if cursor %}{{ cursor }}{% else %}rows/{% endif %}"}
    run = connector.read(custom(server, stream), catalog("x"))
    assert run.code == 1 and "the page of something else" in run.why("x")
    assert run.ids("x") == ["1"] and run.statuses("x")[-1]["status"] == "INCOMPLETE"
    assert not [one for one in server.targets if "other" in one]


def test_an_expression_that_fails_is_no_end(connector, serve):
    bad = {"rows": [{"id": "2"}], "next": {"no": "cursor"}}
    server = serve(sentry_with("/rows/", lambda target: {"body": bad if "c2" in target else PAGES[""]}))
    run = connector.read(custom(server, BY_BODY), catalog("x"))
    assert run.code == 1 and "next.value failed on page 2" in run.why("x")
    assert run.ids("x") == ["1", "2"]
    assert run.errors("x")[0]["failure_type"] == "config_error"


def family(answers):
    def respond(target):
        parent = target.partition("/family/")[2].rstrip("/")
        rows = [{"id": f"{parent}-{number}"} for number in range(2)] if parent else [{"id": key} for key in answers]
        return {"headers": link(), "body": rows, **(answers.get(parent) or {})}

    return sentry_with("/family/", respond)


CHILDREN = ({"name": "parents", "path": "family/"},
            {"name": "children", "path": "family/{{ parents.id }}/", "for_each": "parents"})


def test_a_parent_that_is_gone_is_skipped(connector, serve):
    server = serve(family({"a": None, "b": {"status": 404, "body": {"detail": "The requested resource does not exist"}},
                           "c": None}))
    run = connector.read(custom(server, *CHILDREN), catalog("children"))
    assert run.code == 0, run.errors()
    assert run.ids("children") == ["a-0", "a-1", "c-0", "c-1"]
    assert any("parents b" in text for text in run.logs("INFO"))
    strict = connector.read(custom(server, CHILDREN[0], CHILDREN[1] | {"on_missing": "fail"}), catalog("children"))
    assert strict.code == 1 and strict.ids("children") == run.ids("children")


def test_a_parent_that_is_refused_makes_it_incomplete(connector, serve):
    server = serve(family({"a": {"status": 403, "body": {"detail": "no"}}, "b": None}))
    run = connector.read(custom(server, *CHILDREN), catalog("parents", "children"))
    assert run.code == 1 and "parents a" in run.why("children")
    assert run.ids("children") == ["b-0", "b-1"]
    assert run.statuses("children")[-1]["status"] == "INCOMPLETE"
    assert run.statuses("parents")[-1]["status"] == "COMPLETE"


def test_a_killed_read_begins_anew(connector, clean):
    whole = connector.read(opslevel(clean), catalog("I"))
    seen = read_until_killed(connector, opslevel(clean), catalog("I"), lines=40)
    assert set(seen.ids("I")) < set(whole.ids("I"))
    again = connector.read(opslevel(clean), catalog("I"), seen.last_states())
    assert again.code == 0 and again.ids("I") == whole.ids("I")


def test_incremental_runs_begin_at_the_newest_value(connector, serve):
    rows = [{"id": "1", "date": "2026-01-10T00:00:00Z"}, {"id": "2", "date": "2026-01-12T00:00:00Z"}]
    server = serve(sentry_with("/rows/", lambda target: {"headers": link(), "body": rows}))
    stream = {"name": "x", "path": "rows/", "cursor_field": "date", "start_param": "start", "end_param": "end"}
    config = custom(server, stream, lookback_window="P1D")
    wanted = catalog("x", sync_mode="incremental")
    first = connector.read(config, wanted)
    assert first.code == 0, first.errors()
    assert first.states("x")[-1]["date"].startswith("2026-01-12T00:00:00")
    second = connector.read(config, wanted, first.state_file())
    assert second.code == 0, second.errors()
    [before, after] = [one for one in server.targets if "/rows/" in one]
    assert before.endswith("/rows/")
    assert "start=2026-01-11T00%3A00%3A00Z&end=" in after
    assert second.states("x")[-1]["date"] == first.states("x")[-1]["date"]


def test_bytes_are_kept(connector, serve):
    body = '{"rows":[{"id":"1","big":9007199254740993,"f":1.0,"u":"\\u00e9"}],"next":null}'
    server = serve(sentry_with("/rows/", lambda target: encode(body=body)))
    run = connector.read(custom(server, BY_BODY), catalog("x"))
    assert b'{"id":"1","big":9007199254740993,"f":1.0,"u":"\\u00e9"}' in run.stdout
