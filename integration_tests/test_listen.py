"""source-sentry-listen takes in what is signed, and each webhook becomes a record."""

import json
import signal
import subprocess
import time

import pytest
from support.connector import EXECUTABLE
from support.folder import Folder
from support.listener import LISTEN, SECRET, Listener, body_of, headers_of, issue_body, signature_of
from support.tokens import TOKEN

WEBHOOKS = {
    "issue_webhooks": ("issue", issue_body(42, "resolved")),
    "comment_webhooks": ("comment", body_of("created", {"comment_id": 901, "issue_id": 42, "project_slug": "shop",
                                                        "timestamp": "2026-01-03T04:00:00.123456Z",
                                                        "comment": "looked: café \U0001f440"})),
    "event_webhooks": ("event_alert", body_of("triggered", {"event": {"event_id": "e" * 32, "issue_id": "42"},
                                                            "triggered_rule": "Too many"})),
    "alert_webhooks": ("metric_alert", body_of("critical", {"metric_alert": {"id": "5"}, "description_title": "x",
                                                            "description_text": "y", "web_url": "https://h/"})),
    "installation_webhooks": ("installation", body_of("created", {"installation": {
        "uuid": "u", "status": "pending", "code": "GRANT-THAT-IS-SECRET", "app": {"slug": "b"},
        "organization": {"slug": "acme"}}})),
    "other_webhooks": ("volcano", body_of("erupted", {"volcano": {"name": "x"}})),
}


def ids(records):
    return [record["issueId"] for record in records]


@pytest.mark.parametrize("stream", WEBHOOKS)
def test_each_webhook_becomes_a_record(start_listener, stream):
    resource, body = WEBHOOKS[stream]
    listener = start_listener("--health", "off")
    assert listener.send(body, resource) == 200
    [record] = listener.wait_for(listener.records)
    assert listener.end() == 0
    run = listener.run()
    assert [message["record"]["stream"] for message in run.of("RECORD")] == [stream]
    assert record["resource"] == resource and record["verified"] is True and record["action"] == json.loads(body)["action"]
    assert run.states(stream)[-1].keys() == {"spoolPosition"}
    assert run.statuses(stream)[-1]["status"] == "COMPLETE"
    assert "GRANT-THAT-IS-SECRET" not in listener.stdout.read_text() + listener.log()


def test_what_is_not_signed_is_refused_and_told_without_its_words(start_listener):
    listener = start_listener("--health", "off")
    body = issue_body(1)
    good = headers_of(body)
    for wrong in ({"Sentry-Hook-Signature": signature_of(body, "another")}, {"Sentry-Hook-Signature": ""},
                  {"Sentry-Hook-Signature": signature_of(body).upper()}):
        assert listener.request("POST", "/", body, {**good, **wrong})[0] == 401
    unsigned = {name: value for name, value in good.items() if name != "Sentry-Hook-Signature"}
    assert listener.request("POST", "/", body, unsigned)[0] == 401
    assert listener.request("POST", "/elsewhere", body, good)[0] == 404
    assert listener.request("GET", "/", None, {})[0] == 405
    assert listener.send(body) == 200
    listener.wait_for(listener.records)
    assert listener.end() == 0
    assert len(listener.records()) == 1
    assert SECRET not in listener.log() and signature_of(body) not in listener.log() and "Made-up" not in listener.log()


def test_it_does_not_start_without_a_secret_unless_told_to(tmp_path, start_listener):
    silent = Listener(tmp_path, secret=None)
    assert silent.end(how=0) == 1
    assert "no client secret" in silent.log() and "SENTRY_CLIENT_SECRET" in silent.log()
    open_to_all = start_listener("--allow-unsigned", "--health", "off", secret=None)
    assert open_to_all.request("POST", "/", issue_body(1), {"Sentry-Hook-Resource": "issue"})[0] == 200
    assert "anybody can send" in open_to_all.log()
    [record] = open_to_all.wait_for(open_to_all.records)
    assert record["verified"] is False


def test_the_same_webhook_twice_is_one_record_also_after_a_restart(start_listener):
    listener = start_listener("--health", "off")
    assert [listener.send(issue_body(1)) for _ in range(3)] == [200] * 3
    assert listener.end() == 0
    again = start_listener("--health", "off")
    assert again.send(issue_body(1)) == 200 and again.send(issue_body(2)) == 200
    again.wait_for(again.records)
    assert again.end() == 0
    assert ids(listener.records()) + ids(again.records()) == ["1", "2"]


def test_records_in_files_come_exactly_once_however_it_ends(start_listener, tmp_path):
    out = tmp_path / "out"
    for number in range(6):
        listener = start_listener("--health", "off", "--output", str(out))
        assert listener.send(issue_body(number)) == 200
        listener.end(signal.SIGKILL if number % 2 else signal.SIGTERM)
    last = start_listener("--health", "off", "--output", str(out))
    assert last.end() == 0
    assert ids(Folder(out).records("issue_webhooks")) == [str(number) for number in range(6)]
    assert last.stdout.read_bytes() == b""
    assert "spoolPosition" in json.dumps(Folder(out).manifest()["streams"]["issue_webhooks"]["state"])


def test_a_sync_reads_the_spool(start_listener, connector, sandbox):
    listener = start_listener("--health", "off", "--only-spool")
    config = sandbox.config(auth_token=TOKEN, live_spool=str(listener.spool))
    streams = {stream["name"]: stream for stream in
               connector.discover(config).of("CATALOG")[0]["catalog"]["streams"]}
    assert streams.keys() >= WEBHOOKS.keys()
    entry = streams["issue_webhooks"]
    assert entry["default_cursor_field"] == ["spoolPosition"] and entry["source_defined_primary_key"] == [["deliveryId"]]
    catalog = {"streams": [{"stream": streams[name], "sync_mode": "incremental", "destination_sync_mode": "append"}
                           for name in ("issue_webhooks", "comment_webhooks")]}
    for number in (1, 2):
        assert listener.send(issue_body(number)) == 200
    first = connector.read(config, catalog)
    assert first.code == 0 and ids(first.records()) == ["1", "2"]
    assert listener.send(issue_body(3)) == 200
    second = connector.read(config, catalog, first.state_file())
    assert second.code == 0 and ids(second.records()) == ["3"]
    assert connector.read(config, catalog, second.state_file()).records() == []
    assert connector.check(config).connection_status()["status"] == "SUCCEEDED"
    shown = subprocess.run([EXECUTABLE, "preview", "issue_webhooks", "-n", "2", "--json", "--config",
                            connector.file("c.json", config)], capture_output=True, check=True)
    assert ids(json.loads(shown.stdout)["records"]) == ["3", "2"]


def test_check_says_where_there_is_no_spool(connector, sandbox, tmp_path):
    status = connector.check(sandbox.config(auth_token=TOKEN, live_spool=str(tmp_path / "none"))).connection_status()
    assert status["status"] == "FAILED" and "none" in status["message"]


def test_the_issues_of_webhooks_are_asked_for_and_written_as_a_sync_would(start_listener, connector, start_sandbox):
    sandbox = start_sandbox("--events", 300, "--issues", 40)
    config = sandbox.config(auth_token=TOKEN)
    synced = {row["id"]: row for row in connector.read(config, {"streams": [
        {"stream": {"name": "issues", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
         "sync_mode": "full_refresh", "destination_sync_mode": "append"}]}).records()}
    some = sorted(synced)[:3]
    listener = start_listener("--health", "off", "--config", connector.file("config.json", config))
    sandbox.control("DELETE", "requests")
    for turn in range(4):
        for issue in some:
            assert listener.send(issue_body(issue, title=f"turn {turn}", project={"slug": "web"})) == 200
    rows = listener.wait_for(lambda: len(listener.records("issues")) >= 3 and listener.records("issues"))
    assert listener.end() == 0
    # What a list's own search has found is not there without a search.
    assert {row["id"]: row for row in rows} == {issue: {**synced[issue], "filtered": None} for issue in some}
    lists = [request for request in sandbox.requests() if "group" in request["params"]]
    assert 1 <= len(lists) <= 4, "twelve webhooks within a moment are a request or a few"


def test_a_resync_brings_the_rest_into_the_same_folder(start_listener, connector, start_sandbox, tmp_path):
    sandbox = start_sandbox("--events", 300, "--issues", 40)
    out = tmp_path / "out"
    listener = start_listener("--health", "off", "--output", str(out), "--resync", "2h", "--streams",
                              "issue_webhooks,issues,releases", "--no-refetch", "--config",
                              connector.file("config.json", sandbox.config(auth_token=TOKEN)))
    listener.wait_for(lambda: "resync is complete" in listener.log())
    assert listener.send(issue_body(1)) == 200
    listener.wait_for(lambda: "issue_webhooks" in Folder(out).manifest()["streams"] and Folder(out).records("issue_webhooks"))
    assert listener.end() == 0
    assert ids(Folder(out).records("issue_webhooks")) == ["1"]
    assert {row["id"] for row in Folder(out).records("issues")} == {
        row["id"] for row in sandbox.rows("issues") if row["project"] == "web" and row["category"] != "feedback"}
    assert Folder(out).records("releases")


def test_records_are_mapped_as_those_of_a_read(start_listener, connector):
    config = {"mapped_streams": [{"name": "changes", "from": "issue_webhooks", "select": ".action == \"resolved\"",
                                  "map": {"issue": ".issueId", "project": ".projectSlug"}}]}
    listener = start_listener("--health", "off", "--streams", "changes", "--config", connector.file("c.json", config))
    assert listener.send(issue_body(1)) == 200 and listener.send(issue_body(2, "resolved")) == 200
    assert listener.wait_for(listener.records) == [{"issue": "2", "project": "shop"}]
    assert listener.end() == 0


def test_the_mapping_of_a_port_webhook_makes_its_entities(start_listener, connector):
    mapping = [{"blueprint": "sentryIssue", "filter": ".headers.\"sentry-hook-resource\" == \"issue\"",
                "entity": {"identifier": ".body.data.issue.id", "title": "New issue",
                           "properties": {"action": ".body.action"}}}]
    config = {"port_app_config": json.dumps(mapping)}
    listener = start_listener("--health", "off", "--streams", "port_webhook", "--config", connector.file("c.json", config))
    assert listener.send(issue_body(1)) == 200 and listener.send(*reversed(WEBHOOKS["comment_webhooks"])) == 200
    assert listener.wait_for(listener.records) == [{"identifier": "1", "title": "New issue", "blueprint": "sentryIssue",
                                                    "properties": {"action": "created"}}]
    assert listener.end() == 0 and len(listener.records()) == 1


def test_secrets_are_read_again_when_told(start_listener, tmp_path):
    file = tmp_path / "secret"
    file.write_text(SECRET + "\n")
    listener = start_listener("--health", "off", "--secret-file", str(file), secret=None)
    assert listener.send(issue_body(1)) == 200 and listener.send(issue_body(2), secret="newer-secret") == 401
    file.write_text("newer-secret\n" + SECRET + "\n")
    listener.process.send_signal(signal.SIGHUP)
    listener.wait_for(lambda: "read again" in listener.log())
    assert listener.send(issue_body(2), secret="newer-secret") == 200 and listener.send(issue_body(3)) == 200
    file.unlink()
    listener.process.send_signal(signal.SIGHUP)
    listener.wait_for(lambda: "Nothing is changed" in listener.log())
    assert listener.send(issue_body(4)) == 200
    assert listener.end() == 0


def test_endpoints_of_their_own_kinds(start_listener, connector, tmp_path):
    hook, token = tmp_path / "hook", "0123456789abcdef" * 2
    hook.write_text("hook-secret")
    (tmp_path / "token").write_text(token)
    endpoints = connector.file("endpoints.json", [
        {"name": "hooks", "path": "/hooks", "kind": "service_hook", "secret_file": str(hook)},
        {"name": "old", "path": "/old", "kind": "legacy", "secret_file": str(tmp_path / "token")}])
    listener = start_listener("--health", "off", "--endpoints", endpoints)
    body = b'{"project":{"slug":"shop","name":"Shop"},"group":{"id":42},"event":{"event_id":"e1"}}'
    assert listener.request("POST", "/hooks", body, {"X-ServiceHook-Signature": signature_of(body, "hook-secret"),
                                                     "X-ServiceHook-GUID": "g",
                                                     "X-ServiceHook-Timestamp": str(int(time.time()))})[0] == 200
    legacy = b'{"id": "42", "project": "shop", "event": {"event_id": "e2"}}'
    assert listener.request("POST", f"/old/{token}", legacy, {})[0] == 200
    assert listener.request("POST", f"/old/{token[::-1]}", legacy, {})[0] in (401, 404)
    records = listener.wait_for(lambda: len(listener.records()) == 2 and listener.records())
    assert [(row["endpoint"], row["kind"], row["verified"]) for row in records] == [
        ("hooks", "service_hook", True), ("old", "legacy", False)]
    assert token not in listener.log() and listener.end() == 0


def test_health_and_metrics_are_on_a_port_of_their_own(start_listener):
    listener = start_listener("--health", "127.0.0.1:0")
    assert listener.request("GET", "/healthz")[0] in (404, 405)
    assert listener.health("/healthz")[0] == 200 and listener.health("/readyz")[0] == 200
    assert listener.send(issue_body(1)) == 200
    text = listener.health("/metrics")[1]
    assert 'resource="issue"' in text and "source_sentry_spool_bytes" in text and "Made-up" not in text
    assert listener.end() == 0


@pytest.mark.parametrize("wrong, why", [
    (["--health", "nowhere"], "HOST:PORT"), (["--resync", "soon"], "90s"), (["--tls-cert", "x"], "--tls-key"),
    (["--path", "hook"], "begin with /"), (["--bogus"], "--bogus"), (["--spool-size", "0"], "--spool-size")])
def test_wrong_usage_is_told(tmp_path, wrong, why):
    listener = Listener(tmp_path, *wrong)
    assert listener.end(how=0) == 2
    assert why in listener.log()


def test_a_secret_in_the_arguments_is_refused_and_not_printed(tmp_path):
    for wrong in (["--secret", "a-secret-of-mine"], ["--client-secret=a-secret-of-mine"], ["a-secret-of-mine"]):
        listener = Listener(tmp_path, *wrong)
        assert listener.end(how=0) == 2 and "a-secret-of-mine" not in listener.log()
