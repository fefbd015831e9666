"""port_app_config: the mapping file of Port's Sentry integration, taken unchanged. Its streams, records and mistakes,
and its translation to our own form."""

import collections
import json
import re
import subprocess

import pytest
from support.all_streams import config_of
from support.connector import EXECUTABLE
from support.mapped import config, entry, lines, resource, wanted, written
from support.protocol import ROOT
from support.sandbox import Sandbox

# The seeds' two resources: constants in both kinds of quotes, and plain scalars.
TWO = """\
resources:
  - kind: project
    selector:
      query: "true"
    port:
      entity:
        mappings:
          identifier: .slug
          title: .name
          blueprint: '"svcProject"'
          properties:
            platform: .platform
            status: .status
            link: .organization.links.organizationUrl + "/projects/" + .name
  - kind: issue
    selector:
      query: 'true'
    port:
      entity:
        mappings:
          identifier: ".id"
          title: .title
          blueprint: "'svcIssue'"
          properties: {link: .permalink, status: .status, isUnhandled: .isUnhandled}
          relations:
            project: .project.slug
"""
# Its environments: both kinds of tags.
ENVIRONMENTS = """\
createMissingRelatedEntities: true
resources:
  - kind: project-tag
    selector: {query: "true", tag: environment}
    port: {entity: {mappings: {identifier: .slug + "-" + .__tags.name, blueprint: '"svcProject"'}}}
  - kind: issue-tag
    selector: {query: "true"}
    port:
      entity:
        mappings:
          identifier: .id
          blueprint: '"svcIssue"'
          relations:
            projectEnvironment: .project.slug as $slug | [.__tags[] | "\\($slug)-\\(.name)"]
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("port"), "--events", 300, "--issues", 60, "--releases", 30)
    yield sandbox
    sandbox.stop()


def read(connector, sandbox, text, *streams, **more):
    run = connector.read(config_of(sandbox, port_app_config=text, **more), wanted(*streams, sync_mode="full_refresh"))
    assert run.code == 0 and all(run.statuses(name)[-1]["status"] == "COMPLETE" for name in streams), run.errors()
    return run


def values(sandbox, stream, key, owner):
    """Of each owner, the tag's values."""
    found = collections.defaultdict(list)
    for row in sandbox.rows(stream):
        if row["key"] == key:
            found[row[owner]].append(row["value"])
    return found


def port_streams(run):
    [message] = run.of("CATALOG")
    return [one["name"] for one in message["catalog"]["streams"] if one["name"].startswith("port_")]


@pytest.mark.parametrize("form", ["text", "port.yml", "port-app-config", "port config: new"])
def test_projects_and_issues_come_as_entities(connector, world, form):
    text = TWO if form == "text" else connector.file(form, TWO.encode())
    found = connector.discover(config_of(world, port_app_config=text))
    assert port_streams(found) == ["port_project", "port_issue"]
    for name in ("port_project", "port_issue"):
        assert entry(found, name)["source_defined_primary_key"] == [["blueprint"], ["identifier"]]
        assert entry(found, name)["json_schema"]["properties"]["identifier"]["type"] == "string"
    run = read(connector, world, text, "port_project", "port_issue", "projects", "issues")
    assert not run.logs("WARN")
    assert lines(run, "port_project") == sorted(written({
        "identifier": row["slug"], "title": row["name"], "blueprint": "svcProject",
        "properties": {"platform": row["platform"], "status": row["status"],
                       "link": f"{row['organization']['links']['organizationUrl']}/projects/{row['name']}"}})
        for row in run.records("projects"))
    assert lines(run, "port_issue") == sorted(written({
        "identifier": row["id"], "title": row["title"], "blueprint": "svcIssue",
        "properties": {"link": row["permalink"], "status": row["status"], "isUnhandled": row["isUnhandled"]},
        "relations": {"project": row["project"]["slug"]}}) for row in run.records("issues"))


@pytest.mark.parametrize("form", ["text", "path"])
def test_environments_of_projects_and_of_issues(connector, world, form):
    text = connector.file("port.yaml", ENVIRONMENTS.encode()) if form == "path" else ENVIRONMENTS
    run = read(connector, world, text, "port_project_tag", "port_issue_tag", "issues")
    assert sorted(row["identifier"] for row in run.records("port_project_tag")) == sorted(
        f"{slug}-{value}" for slug, found in values(world, "project_tag_values", "environment", "projectSlug").items()
        for value in found) != []
    assert any("createMissingRelatedEntities true" in text and "without effect" in text for text in run.logs("INFO"))
    slugs = {row["id"]: row["project"]["slug"] for row in run.records("issues")}
    found = values(world, "issue_tag_values", "environment", "issueId")
    # Sentry knows no such tag of an issue whose events have none.
    assert len(run.records("port_issue_tag")) == len(found) < len(slugs)
    assert ({row["identifier"]: sorted(row["relations"]["projectEnvironment"]) for row in run.records("port_issue_tag")}
            == {issue: sorted(f"{slugs[issue]}-{value}" for value in of) for issue, of in found.items()})


def test_a_tag_that_nothing_has_is_no_loss(connector, world):
    text = "resources:\n" + "".join(resource(kind, "{query: 'true', tag: nosuch}") for kind in ("issue-tag", "project-tag"))
    run = read(connector, world, text, "port_issue_tag", "port_project_tag")
    assert run.code == 0 and not run.records() and not run.logs("WARN")
    told = [line for line in run.logs("INFO") if "that have no such list" in line]
    assert told and not [line for line in run.logs("INFO") if "gone" in line], run.logs("INFO")


def test_all_pages_of_a_tags_values_are_read(connector, world):
    world.reset()
    text = resource("project-tag", "{tag: user}", '.slug + " " + .__tags.value')
    run = read(connector, world, text, "port_project_tag")
    assert sorted(row["identifier"] for row in run.records()) == sorted(
        f"{slug} {value}" for slug, found in values(world, "project_tag_values", "user", "projectSlug").items()
        for value in found)
    pages = collections.Counter(one["path"] for one in world.requests() if one["path"].endswith("/tags/user/values/"))
    assert max(pages.values()) > 1
    [told] = run.logs("WARN")
    assert "map.identifier" in told and "refused by the destination" in told, "Port takes no blanks"


def test_teams_come_with_their_members(connector, world):
    members = ", relations: {members: 'if .__members then [.__members[].user.email // empty] else [] end'}"
    text = (resource("team", "{includeMembers: true}", ".slug", members) + resource("team", "{}", ".slug", members)
            + resource("user", "{}", ".email"))
    run = read(connector, world, text, "port_team", "port_team_2", "port_user")
    truth = collections.defaultdict(list)
    for row in world.rows("team_members"):
        truth[row["teamSlug"]] += [row["user"]["email"]] if row["user"] else []
    found = {row["identifier"]: row["relations"]["members"] for row in run.records("port_team")}
    assert {slug: sorted(of) for slug, of in found.items()} == {
        row["slug"]: sorted(truth[row["slug"]]) for row in world.rows("teams")}
    assert any(found.values())
    without = {row["identifier"]: row["relations"]["members"] for row in run.records("port_team_2")}
    assert without == dict.fromkeys(found, [])
    assert sorted(row["identifier"] for row in run.records("port_user")) == sorted(
        row["email"] for row in world.rows("organization_members"))


def test_a_kind_may_stand_twice_and_is_listed_once(connector, world):
    chosen = '.status == "unresolved"'
    text = resource("issue", f"{{query: '{chosen}'}}") + resource("issue", f"{{query: '{chosen} | not'}}")
    world.reset()
    run = read(connector, world, text, "port_issue", "port_issue_2", "issues")
    asked = collections.Counter((one["path"], one["query"]) for one in world.requests())
    assert {times for (path, _), times in asked.items() if path.endswith("/issues/")} == {1}
    both = [[row["identifier"] for row in run.records(name)] for name in ("port_issue", "port_issue_2")]
    assert all(both) and sorted(both[0] + both[1]) == sorted(run.ids("issues"))
    assert set(both[0]) == {row["id"] for row in run.records("issues") if row["status"] == "unresolved"}


@pytest.mark.parametrize("kind", ["issue-tag", "project-tag"])
def test_a_tags_values_are_asked_for_once_however_many_kinds_want_them(connector, world, kind):
    name = "port_" + kind.replace("-", "_")
    text = "".join(resource(kind, f"{{query: 'true', tag: {tag}}}") for tag in ("environment", "environment", "release"))
    world.reset()
    run = read(connector, world, text, name, f"{name}_2", f"{name}_3")
    assert run.code == 0 and run.records(name)
    first, second = (sorted(row["identifier"] for row in run.records(one)) for one in (name, f"{name}_2"))
    assert first == second
    asked = collections.Counter((one["path"], one["query"]) for one in world.requests() if "/values/" in one["path"])
    assert {path.split("/")[-3] for path, _ in asked} == {"environment", "release"}
    assert set(asked.values()) == {1}


def test_names_items_archived_issues_and_keys_that_nobody_knows(connector, world):
    text = resource("issue", "{includeArchived: false, exportEnvVariables: [HOME], odd: 1}")
    for old, new in (("kind:", "stream: mine, kind:"), (".id", ".id + .item.displayName"),
                     ("entity:", "itemsToParse: .annotations, strange: 1, entity:")):
        text = text.replace(old, new)
    run = read(connector, world, text, "mine", "issues")
    issues = [row for row in run.records("issues") if row["status"] != "ignored"]
    assert 0 < len(issues) < len(run.records("issues"))
    assert sorted(row["identifier"] for row in run.records("mine")) == sorted(
        row["id"] + note["displayName"] for row in issues for note in row["annotations"]) != []
    assert any("unknown keys are ignored" in text and "odd" in text and "strange" in text for text in run.logs("INFO"))
    assert any("exportEnvVariables is ignored" in text for text in run.logs("WARN"))


def test_the_example_file_gives_what_port_takes(connector, world):
    text = (ROOT / "examples" / "port" / "port-app-config.yml").read_text()
    names = ["port_user", "port_team", "port_project_tag", "port_issue_tag"]
    assert port_streams(connector.discover(config_of(world, port_app_config=text))) == names
    run = read(connector, world, text, *names)
    for name in names:
        assert run.records(name)
        for row in run.records(name):
            assert re.fullmatch(r"(?!\.{1,2}$)[\w@.+:\\/=-]{1,1000}", row["identifier"]), row
            assert isinstance(row["blueprint"], str) and isinstance(row["properties"], dict)
            assert isinstance(row["title"], str | None) and set(row) <= {
                "identifier", "title", "blueprint", "team", "icon", "properties", "relations"}
            for name_of, relation in row.get("relations", {}).items():
                assert isinstance(relation, str | list | None) or "combinator" in relation, name_of
    search = run.records("port_project_tag")[0]["relations"]["team"]
    [rule] = search["rules"]
    assert search["combinator"] == "and" and rule.keys() == {"property", "operator", "value"}


def test_the_translation_gives_the_same_bytes(connector, world):
    both = TWO + ENVIRONMENTS.partition("resources:\n")[2]
    path = connector.file("port.json", {"organization": "acme", "port_app_config": both})
    native = json.loads(subprocess.check_output([EXECUTABLE, "preview", "--translated", "--config", path]))
    names = ["port_project", "port_issue", "port_project_tag", "port_issue_tag"]
    assert [one["name"] for one in native["mapped_streams"]] == names and native["custom_streams"] == []
    theirs = read(connector, world, both, *names)
    ours = connector.read(config(world, *native["mapped_streams"]), wanted(*names, sync_mode="full_refresh"))
    assert ours.code == 0
    for name in names:
        assert lines(ours, name) == lines(theirs, name) != []


MISTAKES = {
    "too deep": ("resources:\n  - kind: issue\n      selector: {}\n", ["line 3, column 7", "indented deeper"]),
    "a key twice": ("resources: []\nresources: []\n", ["line 2, column 1", '"resources" comes twice']),
    "a tab": ("resources:\n\t- kind: x\n", ["line 2, column 2", "a tab"]),
    "no end": ("resources: [\n", ["line 2, column 1"]),
    "an alias of itself": ("a: &x [*x]\n", ["line 1, column 8"]),
    "no kind": ("resources:\n - kind: issues\n", ["resources[0].kind", '"issues"', "issue-tag"]),
    "no mapping": ("resources:\n - kind: issue\n   port: {entity: {}}\n", ["resources[0].port.entity.mappings"]),
    "an expression": (resource("issue", identifier=".id | nope"),
                      ["resources[0]", '"map.identifier"', "nope/0", "column 7"]),
    "single quotes": (resource("issue", identifier=".title + (''x'')"),
                      ["double quotes", '"map.identifier"', "column 11"]),
    "a file that is not there": ("not-there.yml", ["not-there.yml cannot be read: No such file", "Give the path"]),
    "a path that is not there": ("/etc/nowhere/port-config", ["/etc/nowhere/port-config cannot be read"]),
    "a folder": ("/etc", ["/etc cannot be read"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_have_their_place(connector, world, mistake):
    text, says = MISTAKES[mistake]
    status = connector.check(config_of(world, port_app_config=text)).connection_status()
    assert status["status"] == "FAILED" and all(words in status["message"] for words in says), status
    assert "port_app_config" in status["message"]
    run = connector.read(config_of(world, port_app_config=text), wanted("port_issue"))
    assert run.code == 1 and status["message"] in run.errors()[0]["message"]


def test_airbyte_cloud_has_no_files(connector):
    settings = {"auth_token": "none", "organization": "acme"}
    for form, says in (("port.yml", "port_app_config names a file, and there are no files here"), (TWO, "")):
        text = connector.file(form, TWO.encode()) if says else form
        run = connector.run(*connector.arguments("discover", {**settings, "port_app_config": text}),
                            env={"DEPLOYMENT_MODE": "CLOUD"})
        assert [says in error["message"] for error in run.errors()] == ([True] if says else [])
    assert port_streams(run) == ["port_project", "port_issue"]
