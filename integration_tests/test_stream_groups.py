"""Which streams there are for whom: groups, and what a stream needs to be read."""

import pytest
from support.all_streams import config_of
from support.connector import ALL, STREAMS, catalog

GROUPS = sorted({stream["group"] for stream in ALL.values()})


def listed(connector, config):
    [message] = connector.discover(config).of("CATALOG")
    return [stream["name"] for stream in message["catalog"]["streams"]]


def test_the_core_is_what_there_is_unless_one_asks(connector, sandbox):
    assert listed(connector, sandbox.config()) == STREAMS == [
        "events", "issues", "projects", "project_detail", "releases", "project_keys", "all_projects_detail"]
    assert not sandbox.requests()


@pytest.mark.parametrize("group", GROUPS)
def test_a_group_adds_its_streams(connector, sandbox, group):
    of_group = [name for name, stream in ALL.items() if stream["group"] == group]
    assert listed(connector, sandbox.config(stream_groups=[group], allow_writing_reads=True)) == of_group
    assert not sandbox.requests()


def test_all_groups_are_every_stream(connector, sandbox):
    assert listed(connector, sandbox.config(stream_groups=["all"], allow_writing_reads=True)) == list(ALL)


def test_a_stream_that_is_named_is_read_whatever_the_groups_say(connector, sandbox):
    run = connector.read(sandbox.config(), catalog("teams"))
    assert run.code == 0 and run.records("teams")
    run = connector.run("read", "--config", connector.file("config.json", sandbox.config()), "--streams", "teams")
    assert run.code == 0 and run.records("teams")


def test_an_unknown_group_is_refused_by_name(connector, sandbox):
    status = connector.check(sandbox.config(stream_groups=["core", "peple"])).connection_status()
    assert status["status"] == "FAILED" and "stream_groups" in status["message"] and "peple" in status["message"]


def test_what_makes_sentry_write_is_read_only_if_that_is_allowed(connector, sandbox):
    run = connector.read(sandbox.config(), catalog("dashboards"))
    assert run.code == 1 and "allow_writing_reads" in run.why("dashboards")
    assert not [request for request in sandbox.requests() if "/dashboards/" in request["path"]]
    assert connector.read(sandbox.config(allow_writing_reads=True), catalog("dashboards")).records("dashboards")


def test_fields_that_may_not_be_stored_are_left_out(connector, sandbox):
    config = config_of(sandbox, exclude_fields=["organization_members.email", "organization_members.user"])
    members = connector.read(config, catalog("organization_members")).records()
    assert members and not [member for member in members if {"email", "user"} & member.keys()]
    [message] = connector.discover({**config, "stream_groups": ["people"]}).of("CATALOG")
    [stream] = [one for one in message["catalog"]["streams"] if one["name"] == "organization_members"]
    assert "name" in stream["json_schema"]["properties"] and "email" not in stream["json_schema"]["properties"]
    run = connector.read(config_of(sandbox, exclude_fields={"teams": ["id"]}), catalog("teams"))
    assert run.code == 1 and "teams.id" in run.why("teams")


def test_a_check_of_all_groups_stays_quick_and_says_what_each_lacks(connector, sandbox):
    run = connector.check(sandbox.config(project=None, stream_groups=["all"], allow_writing_reads=True))
    assert run.connection_status()["status"] == "SUCCEEDED"
    assert len(sandbox.requests()) <= 30
    said = "\n".join(run.logs("INFO"))
    for group in set(GROUPS) - {"core"}:
        assert f"The group {group}: " in said
    assert "audit_logs (needs the scope org:write)" in said or "audit_logs: not tried" in said


def test_a_check_asks_for_other_groups_only_if_they_are_chosen(connector, sandbox):
    connector.check(sandbox.config())
    paths = {request["path"] for request in sandbox.requests()}
    assert paths and not [path for path in paths if "/members/" in path or "/monitors/" in path]


