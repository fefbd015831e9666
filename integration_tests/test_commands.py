"""The command line contract: messages, exit codes, files, flags (golden transcripts G4, G5, G6, G7, G8, G11)."""

import json
import os
import subprocess

import pytest
from support.connector import EXECUTABLE, STREAMS, catalog, state
from support.protocol import ROOT

SUGGESTED = {"events", "issues", "projects", "releases"}
TOKEN = "sntryu_a-token-that-must-never-be-seen"


def test_spec_is_one_message_within_the_schema(connector):
    run = connector.run("spec")
    assert run.code == 0 and [m["type"] for m in run.messages] == ["SPEC"] and run.stderr == ""
    spec = run.messages[0]["spec"]
    properties = spec["connectionSpecification"]["properties"]
    assert spec["connectionSpecification"]["required"] == ["auth_token", "organization"]
    assert sorted(properties, key=lambda key: properties[key]["order"]) == [
        "auth_token", "hostname", "organization", "project", "projects", "start_date", "end_date", "lookback_window",
        "late_events_window", "issues_refresh", "releases_refresh", "event_bodies", "num_workers", "max_rate_share",
        "shard", "child_budget", "ca_certificates", "proxy", "mask_secrets", "stream_groups", "exclude_fields",
        "allow_writing_reads", "tag_keys", "explore_streams", "discover_fields", "live_spool",
        "mapped_streams", "custom_streams", "port_app_config", "opslevel_extract", "opslevel_transform",
        "opslevel_output", "mapping_errors", "secrets"]
    assert [key for key in properties if properties[key].get("airbyte_secret")] == ["auth_token", "proxy"]
    assert properties["auth_token"]["airbyte_secret"] is True
    assert spec == json.loads((ROOT / "schemas" / "spec.json").read_text())


def test_discover_lists_the_official_streams_first_and_without_a_network(connector):
    config = {"auth_token": "x", "organization": "o", "project": "p", "hostname": "http://127.0.0.1:1"}
    run = connector.discover(config)
    assert run.code == 0 and run.stderr == ""
    streams = run.of("CATALOG")[0]["catalog"]["streams"]
    # The official connector's, by their names and in its order, come first.
    assert [stream["name"] for stream in streams][:7] == [
        "events", "issues", "projects", "project_detail", "releases", "project_keys", "all_projects_detail"]
    for stream in streams:
        assert stream["json_schema"] == json.loads((ROOT / "schemas" / f"{stream['name']}.json").read_text())
        assert (["incremental"] == stream["supported_sync_modes"][1:]) == ("default_cursor_field" in stream)
    assert {stream["name"]: stream["default_cursor_field"] for stream in streams[:7]
            if "default_cursor_field" in stream} == {
        "events": ["dateCreated"], "issues": ["lastSeen"], "projects": ["dateCreated"], "releases": ["dateCreated"]}


@pytest.mark.parametrize("form, key", [({"project": "p"}, [["id"]]),
                                       ({"project": "p", "projects": ["p"]}, [["projectID"], ["id"]]),
                                       ({"projects": ["p"]}, [["projectID"], ["id"]]),
                                       ({}, [["projectID"], ["id"]])])
def test_the_key_of_events_follows_the_form_of_the_configuration(connector, form, key):
    run = connector.discover({"auth_token": "x", "organization": "o", **form})
    keys = {stream["name"]: stream["source_defined_primary_key"] for stream in run.of("CATALOG")[0]["catalog"]["streams"]}
    assert keys == {**dict.fromkeys(STREAMS, [["id"]]), "events": key}


def test_a_bare_call_prints_help(connector):
    run = connector.run()
    assert run.code == 1 and run.stdout == b"" and "Usage" in run.stderr and "discover" in run.stderr


@pytest.mark.parametrize("arguments", [["write"], ["check"], ["read", "--config"], ["spec", "--nonsense"],
                                       ["read", "--config", "x", "--streams", "isues"]])
def test_wrong_usage_is_told_on_stderr_with_exit_code_2(connector, arguments):
    run = connector.run(*arguments)
    assert run.code == 2 and run.stdout == b"" and run.stderr != ""


def test_help_and_version_are_for_people():
    for flag, text in (("--help", "Usage"), ("--version", "source-sentry ")):
        done = subprocess.run([EXECUTABLE, flag], capture_output=True, text=True)
        assert done.returncode == 0 and text in done.stdout and done.stderr == ""


def test_flags_in_other_orders_spellings_and_file_names(connector, sandbox):
    """G11, with the .txt files of PyAirbyte."""
    config = connector.file("config.json", sandbox.config())
    chosen = connector.file("catalog.txt", catalog("project_keys"))
    saved = connector.file("state.txt", [])
    run = connector.run("read", f"--state={saved}", "--catalog", chosen, f"--config={config}", "--debug")
    assert run.code == 0 and run.records("project_keys")


def test_a_configuration_may_come_through_a_pipe(connector, sandbox):
    """As bash's <(...) makes one; nothing of it is on a disk."""
    config = connector.file("config.json", sandbox.config())
    done = subprocess.run(["bash", "-c", 'exec "$0" check --config <(cat "$1")', EXECUTABLE, config],
                          capture_output=True)
    assert done.returncode == 0 and b'"SUCCEEDED"' in done.stdout and b"WARN" not in done.stdout


def test_check_of_a_bad_configuration_fails_with_exit_code_0(connector):
    """G4."""
    for config in ({}, {"auth_token": TOKEN}, {"auth_token": 7, "organization": "o", "project": "p"}):
        run = connector.check(config)
        status = run.connection_status()
        assert run.code == 0 and status["status"] == "FAILED"
        assert status["message"].startswith("Config validation error: ")


@pytest.mark.parametrize("command", ["discover", "read"])
def test_other_commands_refuse_a_bad_configuration(connector, command):
    """G5."""
    more = [catalog()] if command == "read" else []
    run = connector.run(*connector.arguments(command, {}, *more))
    assert run.code == 1 and not run.of("RECORD") and not run.of("CATALOG")
    assert [error["failure_type"] for error in run.errors()] == ["config_error"]
    assert run.logs("FATAL")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"7", b"not json at all"])
def test_a_configuration_file_that_is_no_object_is_named(connector, content):
    path = connector.file("config.json", content)
    run = connector.run("discover", "--config", path)
    assert run.code == 1 and len(run.errors()) == 1
    missing = connector.run("check", "--config", str(connector.folder / "nowhere.json"))
    assert missing.code == 1 and "nowhere.json" in missing.errors()[0]["message"]


@pytest.mark.parametrize("file", ["config", "catalog", "state"])
@pytest.mark.parametrize("content", [b"[" * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000, None],
                         ids=["lists", "objects", "a directory"])
def test_a_file_that_is_nested_too_deep_or_no_file_is_named(connector, sandbox, file, content):
    arguments = connector.arguments("read", sandbox.config(), catalog("project_keys"), [])
    path = connector.folder / f"{file}.json"
    path.unlink()
    path.mkdir() if content is None else path.write_bytes(content)
    path.chmod(0o600)
    run = connector.run(*arguments)
    assert run.code == 1 and not run.of("RECORD") and run.stderr == ""
    message = run.errors()[0]["message"]
    assert f"{file}.json" in message and ("is nested more than 1024 levels deep" if content else "directory") in message


def test_a_broken_configuration_file_does_not_show_its_token(connector):
    path = connector.file("config.json", f'{{"auth_token": "{TOKEN}", oops'.encode())
    run = connector.run("check", "--config", path)
    assert run.code == 1 and TOKEN not in run.stdout.decode() and TOKEN not in run.stderr


@pytest.mark.parametrize("flag", ["config", "catalog", "state"])
def test_a_mistake_in_a_file_is_named_with_its_place(connector, sandbox, flag):
    arguments = connector.arguments("read", sandbox.config(), catalog("project_keys"), [])
    connector.file(f"{flag}.json", f'{{\n  "x": "{TOKEN}",\n}}'.encode())
    run = connector.run(*arguments)
    assert run.code == 1 and f"{flag}.json is not valid JSON, at line 2, column" in run.errors()[0]["message"]
    assert "a comma before a closing bracket" in run.errors()[0]["message"] and TOKEN not in run.stdout.decode()


def test_a_mistyped_key_is_told_to_platforms_and_refused_to_people(connector, sandbox):
    config = {**sandbox.config(), "projcts": ["x"]}
    told = "The configuration's key projcts is unknown and has no effect. Did you mean projects?"
    status = connector.check(config).connection_status()
    assert status["status"] == "SUCCEEDED" and status["message"].startswith(told)
    run = connector.read(config, catalog("project_keys"))
    assert run.code == 0 and run.records("project_keys") and any("projcts" in text for text in run.logs("WARN"))
    refused = connector.run("read", "--config", connector.file("c.json", config))
    assert refused.code == 1 and not refused.of("RECORD") and refused.errors()[0]["message"].startswith(told)


def test_a_catalog_with_invalid_modes_is_refused(connector, sandbox):
    """G6."""
    bad = {"streams": [{"stream": {"name": "__AIRBYTE__stream_that_does_not_exist", "json_schema": {},
                                   "supported_sync_modes": ["full_refresh"]},
                        "sync_mode": "INVALID", "destination_sync_mode": "INVALID"}]}
    run = connector.read(sandbox.config(), bad)
    assert run.code == 1 and run.errors() and not run.of("RECORD")


def test_an_unknown_stream_does_not_stop_the_others(connector, sandbox):
    run = connector.read(sandbox.config(), catalog("no_such_stream", "project_keys"))
    assert run.code == 1
    assert run.statuses("no_such_stream")[-1]["status"] == "INCOMPLETE"
    assert run.statuses("project_keys")[-1]["status"] == "COMPLETE" and run.records("project_keys")
    assert "no_such_stream" in run.errors("no_such_stream")[0]["message"]


def test_a_catalog_without_streams_reads_nothing(connector, sandbox):
    run = connector.read(sandbox.config(), {"streams": []})
    assert run.code == 0 and not run.of("RECORD") and not run.of("STATE")


def test_outputs_may_be_given_as_they_came(connector, sandbox, tmp_path):
    """The output of discover as the catalog; that of a killed read, however long, as the state."""
    config = connector.file("c.json", sandbox.config())
    chosen = connector.file("discovered.jsonl", connector.run("discover", "--config", config).stdout)
    first = connector.run("read", "--config", config, "--catalog", chosen)
    assert first.code == 0 and {m["record"]["stream"] for m in first.of("RECORD")} == set(STREAMS)
    saved = connector.file("output.jsonl", first.stdout + b'{"type":"RECORD","record":{"stream":"ev')
    again = connector.run("read", "--config", config, "--state", saved)
    assert again.code == 0 and {m["record"]["stream"] for m in again.of("RECORD")} <= SUGGESTED
    assert not again.records("events") and len(again.records("releases")) < len(first.records("releases"))
    assert "ends within a line" in again.logs("WARN")[0]


def test_streams_are_chosen_without_a_catalog(connector, sandbox):
    config = connector.file("c.json", sandbox.config())
    for flags, wanted in (([], SUGGESTED), (["--streams", "project*,!projects"], {"project_detail", "project_keys"})):
        run = connector.run("read", "--config", config, *flags)
        assert run.code == 0 and {m["record"]["stream"] for m in run.of("RECORD")} == wanted
    whole = connector.run("read", "--config", config, "--streams", "releases", "--full-refresh", "--state",
                          connector.file("s.jsonl", connector.run("read", "--config", config).stdout))
    assert len(whole.records("releases")) == len(sandbox.truth()["releases"])


@pytest.mark.parametrize("content", [b"", b"{", b"7", [7], [{"type": "STREAM"}]])
def test_a_state_that_is_none_is_refused(connector, sandbox, content):
    path = connector.file("state.json", content)
    run = connector.run("read", "--config", connector.file("c.json", sandbox.config()), "--catalog",
                        connector.file("k.json", catalog("project_keys")), "--state", path)
    assert run.code == 1 and not run.of("RECORD")
    assert "state" in run.errors()[0]["message"]


def test_full_refresh_streams_accept_incremental(connector, sandbox):
    """PyAirbyte asks for incremental throughout."""
    run = connector.read(sandbox.config(), catalog("project_detail", "project_keys", sync_mode="incremental"),
                         state(project_keys={"__ab_no_cursor_state_message": True}))
    assert run.code == 0
    assert run.states("project_keys") == [{"__ab_no_cursor_state_message": True}]


@pytest.mark.parametrize("command", ["check", "read"])
def test_the_token_is_in_no_output(connector, serve, command):
    """G8, with a server that says the token back in every way."""
    from support.hostile import HostileServer
    server = serve(HostileServer(lambda target: {
        "status": 400, "body": {"detail": f"bad {TOKEN}", "errorId": TOKEN}, "headers": {"Location": TOKEN}}))
    config = server.config(auth_token=TOKEN)
    run = connector.run(*connector.arguments(command, config, *([catalog()] if command == "read" else [])))
    assert "****" in run.stdout.decode()
    assert TOKEN not in run.stdout.decode() and TOKEN not in run.stderr


def test_debug_logs_are_protocol_messages(connector, sandbox):
    run = connector.read(sandbox.config(), catalog("project_keys"), env={"LOG_LEVEL": "debug"})
    assert run.code == 0 and run.stderr == ""


def test_airbyte_cloud_wants_https(connector, sandbox):
    run = connector.check(sandbox.config(), env={"DEPLOYMENT_MODE": "CLOUD"})
    assert run.connection_status()["status"] == "FAILED"
    assert "https" in run.connection_status()["message"]


def test_nothing_is_written_beside_stdout(connector, sandbox):
    before = set(os.listdir(connector.folder))
    connector.read(sandbox.config(), catalog("projects"))
    assert set(os.listdir(connector.folder)) - before == {"config.json", "catalog.json"}
