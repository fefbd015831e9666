"""Secrets: what the configuration holds as such is in no line that we write about ourselves."""

import json
import os
import re
import resource
import signal
import urllib.parse

import pytest
from support.certificates import Authority
from support.connector import catalog
from support.fast_time import fast
from support.hostile import PROJECT, HostileServer, link, page_of, sentry_with

TOKEN = "sntryu_a+token/that=must&never~be%seen"
ENCODED = urllib.parse.quote(TOKEN, safe="")
# Where a server may say the token back; {} is where it stands.
ECHOES = {
    "in a detail": {"status": 400, "body": '{{"detail":"bad {}"}}'},
    "in a code": {"status": 401, "body": '{{"detail":{{"code":"{}","message":"no"}}}}'},
    "in an error id": {"status": 500, "body": '{{"detail":"x","errorId":"{}"}}'},
    "in bare text": {"status": 502, "body": "upstream said {}"},
    "in a body that is no JSON": {"status": 200, "body": "[{{}}, {}"},
    "in a redirect": {"status": 302, "headers": {"Location": "https://sso.example.com/?t={}"}, "body": ""},
    "in a deprecation": {"status": 410, "headers": {"X-Sentry-Replacement-Endpoint": "/{}/"}, "body": ""},
    "in a permission": {"status": 403, "headers": {"WWW-Authenticate": 'Bearer scope="{}"'},
                        "body": '{{"detail":"{}"}}'},
    "in a rate limit": {"status": 429, "headers": {"Retry-After": "1"}, "body": '{{"detail":"limit of {}"}}'},
    "in a new slug": {"status": 302, "headers": {"Location": "/{}"}, "body": '{{"slug":"{}"}}'},
    "in a link": {"status": 200, "headers": {"Link": '<u>; rel="next"; results="true"; cursor="{}"'}, "body": "[]"},
    "in a status line": b"HTTP/1.1 500 %s\r\nContent-Length: 0\r\n\r\n",
    "in no HTTP at all": b"%s\r\n\r\n",
    "in an encoding that nobody knows": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n\r\n",
}


def echo(answer, text):
    if isinstance(answer, bytes):
        return answer % text.encode()
    return {**answer, "body": answer["body"].format(text),
            "headers": {key: value.format(text) for key, value in answer.get("headers", {}).items()}}


def output(process):
    stdout, stderr = process.communicate(timeout=60)
    return stdout.decode() + stderr.decode()


def about_ourselves(text):
    """Everything but the records and states, which carry the server's own words."""
    return "\n".join(line for line in text.splitlines() if not line.startswith(('{"type":"RECORD"', '{"type":"STATE"')))


# Of these nothing is said in our own lines, neither with the token nor without it.
UNSAID = {"in a rate limit", "in a code", "in a status line", "in no HTTP at all", "in an encoding that nobody knows"}


@pytest.mark.parametrize("form", [TOKEN, ENCODED], ids=["whole", "encoded"])
@pytest.mark.parametrize("where", ECHOES)
def test_a_token_that_the_server_says_back_is_masked(connector, serve, where, form):
    answer = echo(ECHOES[where], form)
    queue = [answer] * 5  # a rate limit has an end; the others have none
    server = serve(HostileServer(
        lambda target: answer if where != "in a rate limit" else queue.pop() if queue else page_of()))
    config = server.config(auth_token=TOKEN)
    text = ""
    for command, more in (("check", []), ("read", [catalog()])):
        run = connector.run(*connector.arguments(command, config, *more), "--debug", env=fast(100))
        text += about_ourselves(run.stdout.decode() + run.stderr)
    assert TOKEN not in text and ENCODED not in text
    assert ("****" in text) == (where not in UNSAID)


def test_a_token_encoded_in_lower_case_is_masked(connector, serve):
    encoded = re.sub("%..", lambda match: match[0].lower(), ENCODED)
    server = serve(HostileServer(lambda target: {"status": 400, "body": {"detail": f"bad {encoded}"}}))
    text = output(connector.start("check", server.config(auth_token=TOKEN), None))
    assert "bad " in text and encoded not in text


@pytest.mark.parametrize("form", [TOKEN, ENCODED], ids=["whole", "encoded"])
@pytest.mark.parametrize("before", range(280, 300, 4))
def test_a_token_at_the_edge_of_a_text_that_is_cut_is_masked(connector, serve, before, form):
    """Errors of the server are cut to 300 characters."""
    answer = {"status": 400, "body": {"detail": "x" * before + form}}
    run = connector.check(serve(HostileServer(lambda target: answer)).config(auth_token=TOKEN))
    text = run.stdout.decode() + run.stderr
    assert "xxxx" in text and TOKEN[:3] not in text


@pytest.mark.parametrize("before", range(100, 120, 4))
def test_a_token_at_the_edge_of_a_body_that_is_quoted_is_masked(connector, serve, before):
    """Of a body that is no JSON the first 120 characters."""
    server = serve(sentry_with("/events/", lambda target: {"body": "x" * before + TOKEN.replace("/", "\\/")}))
    run = connector.read(server.config(auth_token=TOKEN), catalog("events"), env=fast(100))
    text = run.stdout.decode() + run.stderr
    assert run.code == 1 and "xxxx" in text and TOKEN[:3] not in text


@pytest.mark.parametrize("form", [TOKEN, ENCODED], ids=["whole", "encoded"])
@pytest.mark.parametrize("command", ["check", "read"])
def test_a_token_in_libcurls_own_words_is_masked(connector, serve, tmp_path, command, form):
    """It names the file of certificates that it cannot open."""
    server = serve(HostileServer(lambda target: {"body": PROJECT}, tls=Authority(tmp_path).context()))
    more = [catalog()] if command == "read" else []
    run = connector.run(*connector.arguments(command, server.config(auth_token=TOKEN), *more),
                        env={"SSL_CERT_FILE": f"/nowhere/{form}.pem"})
    text = run.stdout.decode() + run.stderr
    assert "/nowhere/****.pem" in text and TOKEN not in text and ENCODED not in text


@pytest.mark.parametrize("key", ["proxy", "https_proxy", "hostname"])
@pytest.mark.parametrize("password", ["2024#Winter", "2024/Winter", "2024?Winter", "a@2024#b/Winter?"])
def test_a_password_that_cuts_an_address_is_refused_and_not_shown(connector, key, password):
    """Libraries would take what stands before it for host and port."""
    address = f"http://svc:{password}@proxy.invalid:3128"
    config = {"auth_token": TOKEN, "organization": "o", "project": "p", "hostname": "sentry.invalid"}
    env = {key: address} if key == "https_proxy" else {}
    run = connector.check({**config, **({} if env else {key: address})}, env=env)
    text = run.stdout.decode() + run.stderr
    assert run.connection_status()["status"] == "FAILED" and "http://****@proxy.invalid:3128" in text
    assert not any(part in text for part in ("svc", "2024", "Winter"))


CONTROLS = "\x1b[31m\x07\x7f\u009b31m\u202e"


@pytest.mark.parametrize("answer", [
    {"status": 302, "body": "", "headers": {"Location": f"https://sso.example.com/{CONTROLS}" + "x" * 90_000}},
    {"status": 302, "body": {"slug": CONTROLS + "x" * 9_000}},
    {"status": 400, "body": {"detail": CONTROLS + "x" * 9_000}},
    {"status": 403, "body": {"detail": "no"},
     "headers": {"WWW-Authenticate": f'Bearer scope="{CONTROLS}{"x" * 9_000}"'}},
    {"status": 410, "body": "", "headers": {"X-Sentry-Replacement-Endpoint": CONTROLS + "x" * 9_000}},
], ids=["a location", "a slug", "a detail", "a scope", "a replacement"])
def test_what_a_server_writes_is_cleaned_and_bounded(connector, serve, answer):
    config = serve(HostileServer(lambda target: answer)).config(num_workers=1)
    for run in (connector.run(*connector.arguments("check", config), env=fast(100)),
                connector.read(config, catalog("events"), env=fast(100))):
        lines = run.stdout.decode().splitlines() + run.stderr.splitlines()
        assert max(map(len, lines)) < 6_000
        text = json.dumps([json.loads(line) if line.startswith("{") else line for line in lines], ensure_ascii=False)
        assert not re.search(r"(?<!\\)\\u00|[\x7f\u009b\u202e]", text)


def test_a_login_in_the_host_name_is_not_shown(connector):
    run = connector.check({"auth_token": TOKEN, "organization": "o", "project": "p",
                           "hostname": "https://user:pa55word@sentry.example.com"})
    text = run.stdout.decode() + run.stderr
    assert "https://****@sentry.example.com" in text and "user" not in text and "pa55word" not in text


def test_the_token_is_in_no_process_list(connector, serve):
    """Whoever may list processes must not see it."""
    seen = []

    def respond(target):
        for file in ("cmdline", "environ"):
            try:
                with open(f"/proc/{process.pid}/{file}", "rb") as shown:
                    seen.append(shown.read())
            except PermissionError:
                assert file == "environ" and os.geteuid() != 0
        return page_of(1)

    server = serve(sentry_with("/events/", respond))
    process = connector.start("read", server.config(auth_token=TOKEN), catalog("events"))
    text = output(process)
    assert process.returncode == 0 and '"e1"' in text
    assert seen and all(TOKEN.encode() not in one for one in seen)


KEY = {"id": "k1", "name": "Default", "label": "Default", "public": "p" * 32, "secret": "5ecret-of-the-key",
       "isActive": True,
       "dsn": {"secret": "https://pppp:5ecret-of-the-key@example.com/1", "public": "https://pppp@example.com/1"}}


SECRET_PROJECT = {**PROJECT, "securityToken": "5ecret-of-the-project",
                  "options": {"sentry:token": "5ecret-of-the-option"}}
# How many secrets the one record of a stream holds.
HOLDS = {"project_keys": 2, "project_detail": 2, "projects": 2, "all_projects_detail": 2, "api_keys": 1, "forwarders": 2}
API_KEY = {"id": "1", "label": "Default", "key": "5ecret-of-the-api-key", "scope_list": ["org:read"], "status": 0}
FORWARDER = {"id": "1", "provider": "segment", "config": {"write_key": "5ecret-of-the-forwarder"},
             "projectConfigs": [{"id": "2", "effectiveConfig": {"write_key": "5ecret-of-the-forwarder"}}]}


def read_secrets(connector, serve, stream, **changes):
    """The output of a run, and the one record in it."""
    lists = {"/api-keys/": [API_KEY], "/forwarding/": [FORWARDER], "/keys/": [KEY],
             "/organizations/acme/projects/": [SECRET_PROJECT]}

    def respond(target):
        body = next((body for path, body in lists.items() if path in target), SECRET_PROJECT)
        return {"body": body, "headers": link()}

    process = connector.start("read", serve(HostileServer(respond)).config(**changes), catalog(stream))
    text = output(process)
    [record] = [line for line in text.splitlines() if line.startswith('{"type":"RECORD"')]
    assert process.returncode == 0 and f'"stream":"{stream}"' in record
    return text, record


@pytest.mark.parametrize("stream", HOLDS)
def test_an_option_masks_secrets_in_records(connector, serve, stream):
    """The parts that let somebody in or send in somebody's name."""
    text, record = read_secrets(connector, serve, stream, mask_secrets=True)
    assert "5ecret" not in text and record.count("****") == HOLDS[stream]


@pytest.mark.parametrize("stream", HOLDS)
def test_without_that_option_records_are_whole(connector, serve, stream):
    text, record = read_secrets(connector, serve, stream)
    assert record.count("5ecret-of-the-") == HOLDS[stream] and "****" not in record
    assert "5ecret" not in about_ourselves(text)


def test_what_the_server_gave_as_a_secret_is_masked_in_errors(connector, serve):
    """The secret of a client key that came as a record, in a later error."""
    failing = {"status": 400, "body": {"detail": "no key 5ecret-of-the-key"}}
    keys = {"body": [KEY] * 10, "headers": link("0:10:0")}
    server = serve(sentry_with("/keys/", lambda target: failing if "cursor=" in target else keys))
    text = output(connector.start("read", server.config(), catalog("project_keys")))
    assert "no key" in text and "5ecret" not in about_ourselves(text)


def limits_of(pid):
    with open(f"/proc/{pid}/limits") as limits:
        return re.search(r"Max core file size\s+(\S+)", limits.read())[1]


@pytest.mark.parametrize("crash", [signal.SIGSEGV, signal.SIGABRT])
def test_a_crash_leaves_no_core_dump_with_the_token(connector, serve, crash):
    """Started with core dumps allowed, it takes that back before it knows the token."""
    limits = []

    def respond(target):
        limits.append(limits_of(process.pid))
        process.send_signal(crash)
        return page_of(1)

    def allow():
        resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    server = serve(sentry_with("/events/", respond))
    process = connector.start("read", server.config(auth_token=TOKEN), catalog("events"), preexec_fn=allow,
                              cwd=connector.folder)
    text = output(process)
    assert process.returncode == -crash and TOKEN not in text
    assert limits[0] == "0"
    assert not [path for path in connector.folder.glob("core*") if TOKEN.encode() in path.read_bytes()]


@pytest.mark.parametrize("mode, warned", [
    (0o644, True), (0o640, True), (0o604, True), (0o600, False), (0o400, False), (0o711, False)])
def test_a_configuration_that_others_can_read_gets_a_warning(connector, sandbox, mode, warned):
    arguments = connector.arguments("check", sandbox.config())
    os.chmod(connector.folder / "config.json", mode)
    run = connector.run(*arguments)
    assert run.connection_status()["status"] == "SUCCEEDED"
    assert any("config.json" in text for text in run.logs("WARN")) == warned


@pytest.mark.parametrize("command", ["discover", "read"])
def test_every_command_warns(connector, sandbox, command):
    arguments = connector.arguments(command, sandbox.config(), *([catalog("project_keys")] if command == "read" else []))
    os.chmod(connector.folder / "config.json", 0o644)
    run = connector.run(*arguments)
    assert run.code == 0 and len([text for text in run.logs("WARN") if "chmod 600" in text]) == 1


def test_there_is_no_warning_where_nobody_can_do_anything(connector, sandbox):
    """In the image, whose only user is the connector; and about a pipe."""
    arguments = connector.arguments("check", sandbox.config())
    os.chmod(connector.folder / "config.json", 0o644)
    run = connector.run(*arguments, env={"AIRBYTE_ENTRYPOINT": "/airbyte/integration_code/source-sentry"})
    assert run.connection_status()["status"] == "SUCCEEDED" and not run.logs("WARN")
    if os.geteuid() == 0:
        os.chown(connector.folder / "config.json", 1000, 1000)
        assert not connector.run(*arguments).logs("WARN"), "somebody else's file"
