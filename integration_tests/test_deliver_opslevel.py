"""examples/opslevel: pushes to the webhook of an integration, and components through the API."""

import json
import os
import subprocess
import sys

import pytest
from support.fake_opslevel import HOOK, MOST_BYTES, TOKEN, FakeOpsLevel
from support.made_folder import MadeFolder
from support.protocol import ROOT

SCRIPT = ROOT / "examples" / "opslevel" / "deliver.py"


def pushed(kind, data):
    """A record as `opslevel_output: push` writes it."""
    return b'{"external_kind":' + json.dumps(kind).encode() + b',"data":[' + data + b"]}"


def component(identifier, otherwise="create", properties=None, **more):
    return {"opslevel_kind": "squad", "opslevel_identifier": identifier, "on_component_not_found": otherwise,
            "properties": {"name": f"The {identifier}", "size": 3} if properties is None else properties, **more}


@pytest.fixture
def opslevel(serve):
    return serve(FakeOpsLevel("size", "projects"))


@pytest.fixture
def folder(tmp_path):
    return MadeFolder(tmp_path / "sentry")


@pytest.fixture
def deliver(opslevel, folder, tmp_path):
    def run(*flags, code=0, **environment):
        done = subprocess.run([sys.executable, SCRIPT, folder.path, "--longest-wait", "0", *flags], cwd=tmp_path,
                              capture_output=True, text=True, timeout=60,
                              env={"PATH": os.environ["PATH"], "OPSLEVEL_API_URL": opslevel.url,
                                   "OPSLEVEL_API_TOKEN": TOKEN, **environment})
        assert done.returncode == code, done.stderr
        assert TOKEN not in done.stdout + done.stderr and "h00k-id" not in done.stdout + done.stderr
        return done
    return run


@pytest.fixture
def push(opslevel, deliver):
    return lambda *flags, **more: deliver("--push", opslevel.url + HOOK, *flags, **more)


def test_data_of_a_kind_shares_bodies_byte_for_byte(opslevel, folder, push):
    exact = [b'{"id":9007199254740993,"f":1.10}', b'{"name":"Gr\xc3\xb6\xc3\x9fe","z":1e400}']
    big = json.dumps({"text": "x" * 100_000}).encode()
    folder.run(teams=[pushed("teams", data) for data in exact], users=[pushed("users", big)] * 5, issues=[{"id": "1"}])
    assert "7 records pushed" in push().stdout
    assert opslevel.pushed[0] == pushed("teams", b",".join(exact))
    assert [len(json.loads(body)["data"]) for body in opslevel.pushed[1:]] == [2, 2, 1]
    assert all(len(body) <= MOST_BYTES for body in opslevel.pushed)


def test_records_in_another_form_are_pushed_as_they_stand(opslevel, folder, push):
    spaced = b'{"data": [{"a": 1}], "external_kind": "teams"}'
    folder.run(teams=[pushed("teams", b"{}"), spaced, pushed("teams", b"{}")], compress=True)
    push()
    assert opslevel.pushed == [pushed("teams", b"{}"), spaced, pushed("teams", b"{}")]


def test_what_the_webhook_refuses_is_told_and_the_rest_is_pushed(opslevel, folder, push):
    folder.run(teams=[pushed("teams", json.dumps("x" * MOST_BYTES).encode()), pushed("teams", b"{}")])
    assert "1 records of teams: 413" in push(code=1).stderr
    assert opslevel.pushed == [pushed("teams", b"{}")]


def test_it_pushes_again_when_the_server_is_busy(opslevel, folder, push):
    opslevel.plan = [(429, {"Retry-After": "60"}), (503, {}), (500, {})]
    folder.run(teams=[pushed("teams", b"{}")])
    push()
    assert len(opslevel.pushed) == 1
    opslevel.plan = [(503, {})] * 6
    assert "OpsLevel does not answer (503" in push(code=1).stderr
    opslevel.plan = [(302, {"Location": opslevel.url + HOOK})]
    assert "302" in push(code=1).stderr and len(opslevel.pushed) == 1


def test_the_webhook_may_come_from_the_environment(opslevel, folder, deliver):
    folder.run(teams=[pushed("teams", b"{}")])
    hook = {"OPSLEVEL_WEBHOOK_URL": opslevel.url + HOOK}
    assert "1 records would be pushed" in deliver("--push", "-", "--dry-run", **hook).stdout
    assert opslevel.pushed == []
    deliver("--push", "-", **hook)
    assert len(opslevel.pushed) == 1


def test_components_are_created_updated_suggested_and_skipped(opslevel, folder, deliver):
    opslevel.add("there", size=1, projects=["old"])
    tags = [{"key": "project", "value": "web"}]
    folder.run(teams_to_squad=[
        component("there", properties={"size": 2, "projects": None, "description": "d"},
                  default_properties={"tags": tags}),
        component("new", default_properties={"tags": tags, "projects": ["web"]}), component("old", properties={}),
        component("maybe", "suggest"), component("no", "skip")], teams=[{"slug": "raw"}])
    said = deliver("--components").stdout
    assert said == ("suggest: squad maybe\n2 components created, 1 components skipped, 1 components to be suggested, "
                    "1 components updated\n")
    found = opslevel.by_alias()
    assert found.keys() == {"there", "new", "old"}
    assert found["there"] == {"aliases": ["there"], "properties": {"size": 2}, "tags": {}, "description": "d"}
    assert found["new"] == {"aliases": ["new"], "name": "The new", "type": "squad", "tags": {"project": "web"},
                            "properties": {"size": 3, "projects": ["web"]}}
    assert "3 components updated" in deliver("--components").stdout and len(opslevel.components) == 3


def test_only_the_newest_record_of_a_component_counts(opslevel, folder, deliver):
    folder.run(teams_to_squad=[component("a", properties={"size": 1}), component("a", properties={"size": 2})])
    deliver("--components")
    assert [one[1]["input"]["value"] for one in opslevel.asked if one[0] == "propertyAssign"] == ["2"]


def test_each_component_that_fails_is_named(opslevel, folder, deliver):
    folder.run(teams_to_squad=[component("a", properties={"unknown": 1}), component("b")])
    said = deliver("--components", code=1).stderr
    assert said == "teams_to_squad, squad a: not found: property definition unknown\n"
    assert opslevel.by_alias()["b"]["properties"] == {"size": 3}


def test_a_component_is_never_created_twice_for_an_answer_that_was_lost(opslevel, folder, deliver):
    folder.run(teams_to_squad=[component("a"), component("b")])
    real = opslevel.serviceCreate

    def lost(**more):
        real(**more)
        opslevel.serviceCreate = real
        raise ConnectionAbortedError

    opslevel.serviceCreate = lost
    assert "squad a: no answer" in deliver("--components", code=1).stderr
    assert [name for name, _ in opslevel.asked].count("serviceCreate") == 2 and len(opslevel.components) == 2


def test_a_wrong_token_ends_it(opslevel, folder, deliver):
    folder.run(teams_to_squad=[component("a"), component("b")])
    said = deliver("--components", code=1, OPSLEVEL_API_TOKEN="wr0ng").stderr
    assert "OpsLevel refuses the token" in said and "wr0ng" not in said and said.count("\n") == 1


@pytest.mark.parametrize("flags, changes", [
    ([], {}), (["--components"], {"OPSLEVEL_API_TOKEN": ""}), (["--push", "http://example.com/"], {}),
    (["--push", "-"], {}), (["--components", "--push", "-"], {}),
], ids=str)
def test_wrong_usage(folder, deliver, flags, changes):
    folder.run(teams=[])
    deliver(*flags, code=2, **changes)


def test_the_script_is_short():
    assert len(SCRIPT.read_text().splitlines()) <= 250
