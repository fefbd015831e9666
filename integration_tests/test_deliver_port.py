"""examples/port: what a read has written of a Port file comes to Port once, and what is gone leaves it."""

import fcntl
import json
import os
import subprocess
import sys

import pytest
import yaml
from support.fake_port import CLIENT_ID, CLIENT_SECRET, FakePort
from support.made_folder import MadeFolder
from support.protocol import ROOT

EXAMPLE = ROOT / "examples" / "port"
BULK = "/entities/bulk"


def entity(name, blueprint="sentryIssue", **more):
    return {"identifier": name, "title": f"The {name}", "blueprint": blueprint, "properties": {"status": "unresolved"},
            **more}


def issues(count):
    return [entity(f"i{number}") for number in range(count)]


@pytest.fixture
def port(serve):
    return serve(FakePort("sentryIssue", "sentryProject"))


@pytest.fixture
def folder(tmp_path):
    return MadeFolder(tmp_path / "sentry")


@pytest.fixture
def deliver(port, folder, tmp_path):
    def run(*flags, code=0, to=folder.path, **environment):
        settings = {"PORT_BASE_URL": port.url, "PORT_CLIENT_ID": CLIENT_ID, "PORT_CLIENT_SECRET": CLIENT_SECRET}
        done = subprocess.run([sys.executable, EXAMPLE / "deliver.py", *([to] if to else []), "--longest-wait", "0",
                               *map(str, flags)], cwd=tmp_path, capture_output=True, text=True, timeout=60,
                              env={"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **settings,
                                   **environment})
        assert done.returncode == code, done.stderr
        for text in (CLIENT_SECRET, CLIENT_ID, *port.tokens):
            assert text not in done.stdout + done.stderr, "a secret was printed"
        return done
    return run


def names(port, blueprint="sentryIssue"):
    return set(port.entities[blueprint])


def test_entities_come_in_bulks_as_they_stand(port, folder, deliver):
    exact = b'{"identifier":"exact","blueprint":"sentryIssue","properties":{"n":9007199254740993,"f":1.10}}'
    folder.run(port_issue=[*issues(44), exact], port_project=[entity("web", "sentryProject")], events=[{"id": "1"}])
    assert "port_issue: 45 entities sent" in deliver().stdout
    sizes = sorted(len(body["entities"]) for _, path, _, body in port.asked(BULK) if "sentryIssue" in path)
    assert sizes == [5, 20, 20] and names(port) == {*(f"i{n}" for n in range(44)), "exact"}
    assert port.entities["sentryIssue"]["i7"] == {**entity("i7"), "relations": {}}
    assert port.entities["sentryIssue"]["exact"]["properties"]["n"] == 9007199254740993
    assert names(port, "sentryProject") == {"web"} and len(port.tokens) == 1


@pytest.mark.parametrize("form", [{"compress": True}, {"files": 3}, {"torn": b'{"identifier":"torn'}], ids=str)
def test_folders_of_other_forms(port, folder, deliver, form):
    folder.run(port_issue=issues(9), **form)
    deliver()
    assert names(port) == {f"i{n}" for n in range(9)}


def test_the_newest_record_of_an_entity_counts_and_markers_delete(port, folder, deliver):
    old, new = entity("i1", properties={"status": "old"}), entity("i1", properties={"status": "new"})
    folder.run(port_issue=[old, entity("i2"), entity("i3"), new], mode="incremental")
    deliver()
    assert port.entities["sentryIssue"]["i1"]["properties"] == {"status": "new"} and len(port.asked(BULK)) == 1
    marker = {"blueprint": "sentryIssue", "identifier": "i2", "_deleted": True}
    folder.run(port_issue=[old, entity("i2"), entity("i3"), new, marker], mode="incremental")
    deliver()
    assert names(port) == {"i1", "i3"}


@pytest.mark.parametrize("text, flags, expected", [
    ("", [], ("true", "true", "true")),
    ("createMissingRelatedEntities: false # not\nenableMergeEntity: 'no'\ndeleteDependentEntities: Off\n", [],
     ("false", "false", "false")),
    ("# enableMergeEntity: false\nenableMergeEntity: false\n", ["--enableMergeEntity", "true"],
     ("true", "true", "true")),
    ("{enableMergeEntity: false}\n", ["--enableMergeEntity", "false"], ("true", "false", "true")),
], ids=["none", "file", "overridden", "flow"])
def test_the_port_files_flags_hold(port, folder, deliver, tmp_path, text, flags, expected):
    (tmp_path / "mine.yml").write_text(text + "resources: []\n")
    for entities in (issues(10), issues(9)):
        folder.run(port_issue=entities)
        deliver("--port-file", "mine.yml", *flags)
    asked = port.asked(BULK)[0][2]
    [deletion] = port.asked("/bulk/entities/delete")
    assert (asked["create_missing_related_entities"], asked["merge"], deletion[2]["delete_dependents"]) == expected


@pytest.mark.parametrize("line", ["{enableMergeEntity: false}", "enableMergeEntity:\n  false",
                                  "enableMergeEntity: maybe", "entityDeletionThreshold: 7",
                                  "  enableMergeEntity: true"])
def test_a_flag_that_cannot_be_read_is_not_guessed(port, folder, deliver, tmp_path, line):
    (tmp_path / "mine.yml").write_text(line)
    folder.run(port_issue=issues(1))
    assert "line 1" in deliver("--port-file", "mine.yml", code=2).stderr and port.requests == []


def test_merging_is_ports(port, folder, deliver):
    for flag, left in (("true", {"status": "unresolved", "team": "x"}), ("false", {"status": "unresolved"})):
        port.entities["sentryIssue"]["i0"] = {"identifier": "i0", "properties": {"team": "x"}}
        folder.run(port_issue=issues(1))
        deliver("--enableMergeEntity", flag)
        assert port.entities["sentryIssue"]["i0"]["properties"] == left


def test_each_entity_that_port_refuses_is_named(port, folder, deliver):
    folder.run(port_issue=[*issues(25), entity("not allowed"), entity(".."), {"title": "no entity"}, b"[1]"],
               port_project=[entity("x", "unknown")])
    said = deliver(code=1).stderr
    for text in ("sentryIssue not allowed: 422, the identifier must match", "sentryIssue ..: 422", "record 28: ",
                 "record 29: ", "unknown x: 404, there is no blueprint unknown"):
        assert text in said
    assert len(said.splitlines()) == 5 and names(port) == {f"i{n}" for n in range(25)}
    folder.run(port_issue=[*issues(24), {"title": "no entity"}])
    deliver(code=1)
    assert "i24" in names(port), "the record that is none may have been that one's"
    folder.run(port_issue=issues(25))
    deliver()
    assert port.asked("/bulk/entities/delete") == [], "what was refused was never written"


def test_large_entities_share_no_body_and_one_too_large_is_named(port, folder, deliver):
    folder.run(port_issue=[*(entity(f"big{n}", properties={"text": "x" * 400_000}) for n in range(5)),
                           entity("huge", properties={"text": "x" * (1 << 20)})])
    assert "sentryIssue huge: 413" in deliver(code=1).stderr
    assert names(port) == {f"big{n}" for n in range(5)}
    assert len(port.asked(BULK)) == 4 and len(port.asked("/entities")) == 1, "only the huge one was tried alone"


def test_a_server_that_takes_less_gets_them_one_by_one(port, folder, deliver):
    port.most_bytes = 1000
    folder.run(port_issue=issues(30))
    deliver()
    assert names(port) == {f"i{n}" for n in range(30)} and len(port.asked("/entities")) == 30


@pytest.mark.parametrize("plan", [[(429, {"Retry-After": "9"}), (503, {}), (500, {})], [(401, {})]], ids=str)
def test_it_asks_again(port, folder, deliver, plan):
    port.plan = list(plan)
    folder.run(port_issue=issues(3))
    deliver()
    assert names(port) == {"i0", "i1", "i2"} and len(port.asked(BULK)) == len(plan) + 1
    assert len(port.tokens) == (2 if plan[0][0] == 401 else 1)


def test_how_long_it_waits(port, monkeypatch):
    monkeypatch.syspath_prepend(str(EXAMPLE))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    import port_api
    waits = []
    monkeypatch.setattr(port_api.time, "sleep", waits.append)
    port.plan = [(429, {"Retry-After": "7"}), (503, {}), (429, {"Retry-After": "999"})]
    client = port_api.Port(port.url, CLIENT_ID, CLIENT_SECRET, 300)
    assert client.ask("GET", "/v1/blueprints/sentryIssue")[0] == 200 and waits == [7, 4, 300]


def test_a_port_that_stays_away_ends_it_and_the_next_delivery_is_whole(port, folder, deliver):
    folder.run(port_issue=issues(30))
    port.plan = [(503, {})] * 12
    assert "Port does not answer (503" in deliver(code=1).stderr
    port.plan = []
    deliver()
    assert names(port) == {f"i{n}" for n in range(30)}


def test_wrong_secret_and_redirect(port, folder, deliver):
    folder.run(port_issue=issues(1))
    said = deliver(code=1, PORT_CLIENT_SECRET="wr0ng-secret").stderr
    assert "Port refuses PORT_CLIENT_ID" in said and "wr0ng-secret" not in said
    port.plan = [(302, {"Location": f"{port.url}/elsewhere"})] * 2
    assert "302" in deliver(code=1).stderr
    assert not [path for _, path, _, _ in port.requests if path == "/elsewhere"], "the token is for Port alone"


def test_relations_wait_for_what_comes_later(port, folder, deliver):
    port.blueprints["sentryIssue"] = {"relations": {"project": {"target": "sentryProject"}}}
    folder.run(port_issue=[entity("i1", relations={"project": "web"}), entity("i2", relations={"project": "none"})],
               port_project=[entity("web", "sentryProject")])
    said = deliver("--createMissingRelatedEntities", "false", code=1).stderr
    assert "i2: 404, project: there is no sentryProject none" in said and len(said.splitlines()) == 1
    assert names(port) == {"i1"} and names(port, "sentryProject") == {"web"}
    deliver()
    assert names(port) == {"i1", "i2"} and names(port, "sentryProject") == {"web", "none"}


def test_a_search_for_an_identifier_goes_alone_and_is_never_deleted(port, folder, deliver):
    search = {"combinator": "and", "rules": [{"property": "code", "operator": "=", "value": "7"}]}
    port.entities["sentryIssue"]["seven"] = {"identifier": "seven", "properties": {"code": "7"}}
    none = {**search, "rules": [{"property": "code", "operator": "=", "value": "8"}]}
    folder.run(port_issue=[entity("i1"), entity(search), entity(none)])
    assert "by a search: 422, 0 entities are found" in deliver(code=1).stderr
    assert port.entities["sentryIssue"]["seven"]["properties"] == {"code": "7", "status": "unresolved"}
    folder.run(port_issue=[entity("i1")])
    deliver()
    assert names(port) == {"i1", "seven"}


def test_what_is_gone_is_deleted_after_a_whole_full_refresh_alone(port, folder, deliver):
    port.entities["sentryIssue"]["by hand"] = {}
    folder.run(port_issue=issues(250))
    deliver()
    for change in ({"mode": "incremental"}, {"status": "incomplete"}, {"status": "running"}, {"status": "due"}):
        folder.run(port_issue=issues(120), **change)
        assert "no full refresh that was read whole" in deliver().stdout
    folder.run(port_issue=issues(120), left_out=3)
    assert "nothing is deleted, since expressions failed for 3 records" in deliver().stdout
    assert len(names(port)) == 251 and port.asked("/bulk/entities/delete") == []
    folder.run(port_issue=issues(120))
    del port.entities["sentryIssue"]["i200"]  # by somebody else
    deliver()
    assert names(port) == {*(f"i{n}" for n in range(120)), "by hand"}
    assert [len(body["entities"]) for _, _, _, body in port.asked("/bulk/entities/delete")] == [100, 30]
    before = len(port.requests)
    deliver()
    assert len(port.requests) == before + 6, "nothing is left to delete"


def test_no_more_is_deleted_than_the_threshold_allows(port, folder, deliver):
    folder.run(port_issue=issues(10))
    deliver()
    folder.run(port_issue=issues(4))
    assert "nothing is deleted, since 6 of 10 entities would go" in deliver("--entityDeletionThreshold", "0.5").stderr
    assert len(names(port)) == 10
    deliver("--entityDeletionThreshold", "0.6")
    assert len(names(port)) == 4
    folder.run(port_issue=[])
    deliver()
    assert len(names(port)) == 4, "0.9 where nothing is said"


def test_an_entity_that_moves_between_streams_stays(port, folder, deliver):
    folder.run(port_issue=issues(6), port_issue_2=[entity("j")])
    deliver()
    folder.run(port_issue=issues(5), port_issue_2=[entity("j"), entity("i5")])
    deliver()
    assert names(port) == {*(f"i{n}" for n in range(6)), "j"}
    folder.run(port_issue=issues(5), port_issue_2=[entity("j")])
    deliver()
    assert names(port) == {*(f"i{n}" for n in range(5)), "j"}


def test_a_stream_that_the_last_run_has_not_read_is_left_alone(port, folder, deliver):
    folder.run(port_issue=issues(2), port_old=[entity("o")])
    deliver()
    folder.run(port_issue=issues(2))
    before = len(port.asked(BULK))
    assert "port_old: left out" in deliver().stderr
    assert names(port) == {"i0", "i1", "o"} and len(port.asked(BULK)) == before + 1


def test_a_kill_between_loses_nothing(port, folder, deliver, tmp_path):
    """Killed in its third bulk; by the next delivery some of what it wrote is gone from Sentry."""
    folder.run(port_issue=issues(200))
    seen, running = [], []

    def kill(entities):
        seen.append(entities)
        if len(seen) == 3:
            running[0].kill()

    port.on_bulk = kill
    command = [sys.executable, EXAMPLE / "deliver.py", folder.path]
    with port.lock:
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=tmp_path, env={
            "PORT_BASE_URL": port.url, "PORT_CLIENT_ID": CLIENT_ID, "PORT_CLIENT_SECRET": CLIENT_SECRET,
            "PYTHONDONTWRITEBYTECODE": "1"}))
    assert running[0].wait(60) < 0
    port.on_bulk = None
    with port.lock:
        written = names(port)
    assert 60 <= len(written) <= 100
    with open(folder.path / "port-ledger.jsonl", "a") as ledger:
        ledger.write('["wrote", "port_is')
    folder.run(port_issue=issues(50))
    deliver()
    assert names(port) == {f"i{n}" for n in range(50)}
    deliver()
    assert names(port) == {f"i{n}" for n in range(50)}


def test_it_waits_for_no_run_under_way_and_for_no_other_port(port, folder, deliver):
    folder.run(port_issue=issues(2))
    with open(folder.path / ".source-sentry" / "lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert "A run of source-sentry writes to" in deliver(code=1).stderr
    deliver()
    ledger = folder.path / "port-ledger.jsonl"
    ledger.write_text(ledger.read_text().replace(port.url, "https://api.us.getport.io"))
    assert "is of another Port" in deliver(code=1).stderr
    deliver("--ledger", "other.jsonl")


def test_dry_run_asks_and_writes_nothing(port, folder, deliver):
    folder.run(port_issue=issues(10))
    deliver()
    before = (len(port.requests), (folder.path / "port-ledger.jsonl").read_text())
    folder.run(port_issue=issues(9))
    said = deliver("--dry-run", PORT_CLIENT_ID="", PORT_CLIENT_SECRET="").stdout
    assert "port_issue: 9 entities would be sent, 1 would be deleted" in said
    assert before == (len(port.requests), (folder.path / "port-ledger.jsonl").read_text())


def test_init_makes_what_is_missing_and_changes_nothing(port, deliver, tmp_path):
    port.blueprints["sentryProject"] = {"identifier": "sentryProject", "title": "Ours"}
    del port.blueprints["sentryIssue"]
    said = deliver("--init", to=None).stdout
    assert "blueprint sentryIssue: created" in said and "blueprint sentryProject: is there" in said
    assert set(port.blueprints) == {"sentryUser", "sentryTeam", "sentryProject", "sentryIssue"}
    assert port.blueprints["sentryProject"]["title"] == "Ours"
    file = tmp_path / "port-app-config.yml"
    assert file.read_text() == (EXAMPLE / file.name).read_text()
    file.write_text("resources: []\n")
    before = json.dumps(port.blueprints)
    assert "created" not in deliver("--init", to=None).stdout
    assert file.read_text() == "resources: []\n" and json.dumps(port.blueprints) == before


@pytest.mark.parametrize("flags, changes, text", [
    ([], {"PORT_CLIENT_ID": ""}, "PORT_CLIENT_ID"),
    ([], {"PORT_BASE_URL": "http://api.example.com"}, "https://"),
    (["--port-file", "none.yml"], {}, "none.yml"),
    (["--entityDeletionThreshold", "2"], {}, "entityDeletionThreshold"),
    (["--nonsense"], {}, "nonsense"),
], ids=str)
def test_wrong_usage(folder, deliver, flags, changes, text):
    folder.run(port_issue=issues(1))
    assert text in deliver(*flags, code=2, **changes).stderr


def test_a_folder_that_is_none(deliver, tmp_path):
    assert "manifest.json" in deliver(to=tmp_path, code=2).stderr
    assert "name the folder" in deliver(to=None, code=2).stderr


def test_the_default_mapping_fits_the_default_blueprints():
    blueprints = {one["identifier"]: one for one in json.loads((EXAMPLE / "blueprints.json").read_text())}
    document = yaml.safe_load((EXAMPLE / "port-app-config.yml").read_text())
    for resource in document["resources"]:
        mappings = resource["port"]["entity"]["mappings"]
        blueprint = blueprints[mappings["blueprint"].strip('"')]
        assert set(mappings["properties"]) == set(blueprint["schema"]["properties"])
        assert set(mappings.get("relations", {})) == set(blueprint["relations"])


def shape(value, known=()):
    """The members of an object, without what they hold; names of streams count for nothing."""
    if isinstance(value, dict):
        return {key: shape(one, known) for key, one in value.items() if key not in known}
    return [shape(value[0], known)] if isinstance(value, list) and value else type(value).__name__


def test_folders_made_by_hand_are_as_a_read_writes_them(connector, sandbox, folder, tmp_path):
    config = connector.file("config.json", sandbox.config(project=None))
    run = connector.run("read", "--config", config, "--streams", "projects", "--output", tmp_path / "true",
                        "--full-refresh")
    assert run.code == 0
    true = json.loads((tmp_path / "true" / "manifest.json").read_text())
    folder.run(projects=[json.loads(line) for line in (tmp_path / "true" / "projects.jsonl").read_text().splitlines()])
    made = json.loads((folder.path / "manifest.json").read_text())
    assert (made["streams"].keys(), shape(made, ["state"])) == (true["streams"].keys(), shape(true, ["state"]))
    about, truth = made["streams"]["projects"], true["streams"]["projects"]
    assert (about["status"], about["mode"]) == (truth["status"], truth["mode"]) == ("complete", "full_refresh")
    assert about["files"][0]["records"] == truth["files"][0]["records"]
    assert made["runs"][0]["records"] == true["runs"][0]["records"]
    assert (tmp_path / "true" / ".source-sentry" / "lock").exists()


def test_the_script_is_short():
    assert len((EXAMPLE / "deliver.py").read_text().splitlines()) <= 250
