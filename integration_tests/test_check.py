"""What check tells a person: one sentence what is wrong, one what to do."""

import re

import pytest
from support.connector import STREAMS, catalog
from support.fast_time import fast
from support.hostile import HostileServer


def check(connector, config):
    run = connector.check(config)
    assert run.code == 0
    return run.connection_status()


def test_a_good_configuration(connector, sandbox):
    assert check(connector, sandbox.config()) == {"status": "SUCCEEDED"}
    assert check(connector, sandbox.config(auth_token="sandbox-integration")) == {"status": "SUCCEEDED"}


def test_check_asks_what_every_stream_needs(connector, sandbox):
    check(connector, sandbox.config())
    asked = {request["path"] for request in sandbox.requests()}
    assert asked >= {f"/api/0/{path}" for path in (
        "projects/acme/web/", "projects/acme/web/events/", "organizations/acme/issues/", "organizations/acme/projects/",
        "organizations/acme/releases/", "projects/acme/web/keys/")}
    assert len(asked) <= len(STREAMS), "nothing is asked twice, and a detail is asked once"


@pytest.mark.parametrize("change, says", [
    ({"auth_token": "nonsense"}, ["does not know the token", "auth_token"]),
    ({"auth_token": "sandbox-expired"}, ["expired", "Create a new one"]),
    ({"auth_token": "sandbox-inactive"}, ["inactive or deleted"]),
    ({"auth_token": "sandbox-sso"}, ["single sign-on"]),
    ({"project": "wbe"}, ["no project \"wbe\"", "Did you mean \"web\""]),
    ({"project": "unlike-any"}, ["no project \"unlike-any\"", "Put the project's slug into project."]),
    ({"organization": "acne"}, ["no organization \"acne\"", "Did you mean \"acme\""]),
    ({"auth_token": "sandbox-scopes-member.read"}, ["project:read"]),
])
def test_mistakes_in_the_configuration_are_told_apart(connector, sandbox, change, says):
    status = check(connector, sandbox.config(**change))
    assert status["status"] == "FAILED"
    for text in says:
        assert text in status["message"], status
    assert status["message"].count(". ") <= 3 and len(status["message"]) < 400


@pytest.mark.parametrize("scopes, missing", [
    ("project.read-org.read-project.releases", {"issues": "event:read"}),
    ("event.read", {"events": "project:read", "projects": "org:read", "project_keys": "project:read"}),
])
def test_a_token_that_can_read_a_part_passes_and_is_told_which_scopes_are_missing(connector, sandbox, scopes, missing):
    """As with the official connector; a stream that is left out needs no scope."""
    config = sandbox.config(auth_token=f"sandbox-scopes-{scopes}")
    run = connector.check(config)
    status = run.connection_status()
    assert status["status"] == "SUCCEEDED"
    for stream, scope in missing.items():
        assert f"{stream} (needs the scope {scope})" in status["message"]
    assert run.logs("WARN") == [status["message"]]
    read = connector.read(config, catalog(*missing))
    for stream, scope in missing.items():
        assert scope in read.why(stream)


@pytest.mark.parametrize("change", [{"project": "wbe"}, {"project": None, "projects": ["wbe", "apj"]}, {"organization": "acne"},
                                    {"organization": "acne", "project": None}])
def test_a_wrong_name_is_met_in_read_as_in_check(connector, sandbox, change):
    status = check(connector, sandbox.config(**change))
    read = connector.read(sandbox.config(**change), catalog())
    assert status["status"] == "FAILED" and "Did you mean" in status["message"]
    assert [error["message"] for error in read.errors()].count(status["message"]) == 1
    assert read.stdout.count(b"Did you mean") == 1


@pytest.mark.parametrize("quirk", ["no-org-projects"])
def test_a_server_with_the_older_list_of_projects_alone_passes(connector, start_sandbox, quirk):
    sandbox = start_sandbox("--quirk", quirk, "--events", 100)
    assert check(connector, sandbox.config(project=None))["status"] == "SUCCEEDED"
    wrong = check(connector, sandbox.config(project="wbe"))
    assert wrong["status"] == "FAILED" and 'Did you mean "web"' in wrong["message"]


def test_a_token_of_ci_that_can_read_releases_passes_and_is_told(connector, sandbox):
    status = check(connector, sandbox.config(auth_token="sntrys_ci-token"))
    assert status["status"] == "SUCCEEDED" and "made for CI" in status["message"]
    assert {"events", "issues"} <= set(re.findall(r"\w+", status["message"].split(". ")[0]))


STORE_IS_DOWN = {"status": 500, "body": '{"detail":"Internal Error","errorId":"0123456789abcdef0123456789abcdef"}'}


@pytest.mark.parametrize("project", ["web", None])
@pytest.mark.parametrize("refused, lost", [
    # A question without a window, or without the read's own parameters, is answered.
    (["start=", "lastSeen"], ["events", "issues", "releases"]),
    (["sort=date"], ["issues"]),
    (["full=true"], ["events"]),
])
def test_what_a_read_would_ask_is_asked(connector, sandbox, project, refused, lost):
    """FAILED only if none of the streams can be read."""
    sandbox.faults(*[{"path": path, "times": -1, **STORE_IS_DOWN} for path in refused])
    status = check(connector, sandbox.config(project=project))
    assert status["status"] == "SUCCEEDED", status
    said = re.findall(r"\w+", status.get("message", "").split(". ")[0])
    assert [stream for stream in ("events", "issues", "releases") if stream in said] == lost
    assert len(status.get("message", "")) < 600


def test_whole_events_are_asked_for_where_a_read_would_ask_for_them(connector, sandbox):
    """A list that only names events says nothing of their bodies."""
    events = sandbox.truth()["events"]
    config = sandbox.config(event_bodies="detail")
    assert "message" not in check(connector, config)
    sandbox.faults(*[{"path": f"/events/{event['id']}/", "times": -1, **STORE_IS_DOWN} for event in events])
    said = check(connector, config)["message"].split(". ")[0]
    assert "events" in re.findall(r"\w+", said), said
    assert "message" not in check(connector, sandbox.config(event_bodies="list"))


@pytest.mark.parametrize("project, broken, lost", [
    ("web", ["projects/acme/web/"], ["project_detail"]),
    (None, ["organizations/acme/projects/", "projects/"], ["events", "issues", "projects", "project_keys"]),
])
def test_no_single_route_is_a_condition(connector, serve, project, broken, lost):
    def respond(target):
        path = target.removeprefix("/api/0/").partition("?")[0]
        return STORE_IS_DOWN if path in broken else {"body": []}

    config = serve(HostileServer(respond)).config(project=project)
    run = connector.check({key: value for key, value in config.items() if value}, env=fast(60))
    status = run.connection_status()
    assert status["status"] == "SUCCEEDED", status
    assert set(lost) <= set(re.findall(r"\w+", status["message"].split(". ")[0]))
    assert "releases" not in status["message"].split(". ")[0]


@pytest.mark.parametrize("path, scope", [("/releases/", "project:releases"), ("/keys/", None)])
def test_no_scope_is_asked_for_that_the_token_has(connector, sandbox, path, scope):
    sandbox.faults({"path": path, "times": -1, "status": 403,
                    "body": '{"detail":"You do not have permission to perform this action."}'})
    run = connector.check(sandbox.config())
    for text in [run.connection_status()["message"], *run.logs("INFO")]:
        assert "needs the scope project:read" not in text and "Give it the scope project:read" not in text
    assert scope is None or f"releases (needs the scope {scope})" in run.connection_status()["message"]


def test_nothing_that_can_be_read_is_a_failure(connector, serve):
    status = check(connector, serve(HostileServer(lambda target: STORE_IS_DOWN)).config())
    assert status["status"] == "FAILED" and "HTTP 500" in status["message"]


def test_what_many_projects_have_in_common_is_said_once(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 12, "--events", 20, "--issues", 10)
    sandbox.faults({"path": "/keys/", "times": -1, "status": 422, "body": '{"detail":"what is this"}'})
    run = connector.read(sandbox.config(project=None), catalog("project_keys"))
    assert run.code == 1 and len(run.errors("project_keys")) == 1
    [others] = [text for text in run.logs("WARN") if "the same happened with" in text]
    assert others.count(",") == 10


def test_what_each_stream_said_goes_to_the_log(connector, sandbox):
    sandbox.faults({"path": "/keys/", "times": -1, "status": 503, "body": "maintenance"},
                   {"path": "/releases/", "times": -1, "status": 404, "body": ""})
    run = connector.check(sandbox.config(auth_token="sandbox-scopes-project.read-org.read"))
    said = {text.partition(": ")[0]: text.partition(": ")[2] for text in run.logs("INFO")}
    assert {stream for stream, text in said.items() if text == "readable"} >= {"events", "projects", "project_detail"}
    assert said["issues"].startswith("forbidden. ") and "event:read" in said["issues"]
    assert said["releases"].startswith("not offered by this server. ")
    assert said["project_keys"].startswith("failed. ") and "maintenance" in said["project_keys"]
    message = run.connection_status()["message"]
    assert "cannot read issues (needs the scope event:read)" in message and "does not offer releases" in message
    assert "these failed: project_keys" in message and run.connection_status()["status"] == "SUCCEEDED"


def test_a_few_of_many_projects_are_tried(connector, start_sandbox):
    sandbox = start_sandbox("--projects", 40, "--events", 100, "--issues", 40)
    run = connector.check(sandbox.config(project=None))
    assert run.connection_status() == {"status": "SUCCEEDED"}
    assert len({request["path"] for request in sandbox.requests() if request["path"].endswith("/events/")}) == 3
    assert len(sandbox.requests()) < 20


def test_a_renamed_project_is_told(connector, start_sandbox):
    sandbox = start_sandbox()
    sandbox.change(rename_project={"from": "web", "to": "website"})
    status = check(connector, sandbox.config())
    assert status["status"] == "SUCCEEDED" and 'renamed to "website"' in status["message"]


def test_a_start_date_in_the_future_is_told(connector, sandbox):
    message = check(connector, sandbox.config(start_date="2027-01-01"))["message"]
    assert "start_date is in the future (2027-01-01T00:00:00" in message and "Set an earlier one." in message
    assert "start_date" not in check(connector, sandbox.config(start_date="2026-01-01")).get("message", "")


@pytest.mark.parametrize("answer, says", [
    ({"body": "<!DOCTYPE html><title>Log in</title>", "headers": {"Content-Type": "text/html"}}, "web page"),
    ({"status": 302, "headers": {"Location": "https://login.example.com/"}, "body": ""}, "https://login.example.com/"),
    ({"status": 404, "body": ""}, "is not a Sentry"),
    ({"status": 404, "body": "<html>not found</html>"}, "is not a Sentry"),
    ({"body": {"hello": "world"}}, "is not a Sentry"),
    ({"body": "OK"}, "is not a Sentry"),
])
def test_a_server_that_is_no_sentry(connector, serve, answer, says):
    status = check(connector, serve(HostileServer(lambda target: answer)).config())
    assert status["status"] == "FAILED" and says in status["message"]


@pytest.mark.parametrize("hostname, says", [
    ("http://127.0.0.1:1", "does not accept connections"),
    ("http://no-such-host.invalid", "No server named no-such-host.invalid"),
])
def test_a_dead_server_is_a_transient_failure_with_a_status(connector, hostname, says):
    run = connector.check({"auth_token": "x", "organization": "o", "project": "p", "hostname": hostname})
    assert run.code == 0 and says in run.connection_status()["message"]
    assert [error["failure_type"] for error in run.errors()] == ["transient_error"]


def test_https_to_a_server_of_plain_http(connector, sandbox):
    status = check(connector, sandbox.config(hostname=sandbox.url.replace("http://", "https://")))
    assert status["status"] == "FAILED" and "write http:// in hostname" in status["message"]


def test_a_certificate_of_ones_own(connector, start_sandbox, tmp_path):
    import subprocess
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    sandbox = start_sandbox("--tls-cert", certificate, "--tls-key", key)
    refused = check(connector, {**sandbox.config()})
    assert refused["status"] == "FAILED" and "ca_certificates" in refused["message"]
    run = connector.check(sandbox.config(), env={"SSL_CERT_FILE": str(certificate)})
    assert run.connection_status()["status"] == "SUCCEEDED"
