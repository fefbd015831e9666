"""What anybody on the internet may try against the listener, from outside: each row of its threats that no unit test
shows, and those that only the whole program can show."""

import http.client
import json
import pathlib
import signal
import time

import pytest
from support.attacks import SlowClients, endless_chunks, head_of, request_from, sender
from support.hostile import HostileServer
from support.listener import SECRET, Listener, body_of, headers_of, issue_body, signature_of
from support.tokens import TOKEN

# Other addresses of this machine: 127.0.0.1 speaks for proxies, which are not held up for their clients.
SENTRY, ATTACKER = "127.0.0.2", "127.0.0.3"


def post(listener, body, address=SENTRY, resource="issue", secret=SECRET, **headers):
    return request_from(address, listener.ports["listen"], body,
                        {**headers_of(body, resource, secret), **headers})


def patient_post(listener, body):
    """Where all places are taken, who has been unfinished for longest makes room: on a machine that is busy enough that
    may be ourselves, between connecting and sending."""
    for _ in range(5):
        try:
            return post(listener, body)
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            pass
    return None


def test_slow_clients_keep_no_webhook_out(start_listener):
    """300 that send a byte now and then, or nothing, from many addresses, and come again when they are sent away."""
    listener = start_listener("--health", "off")
    with SlowClients(listener.ports["listen"], 300) as slow:
        slow.wait_until_all_came()
        for number in range(10):
            assert patient_post(listener, issue_body(number)) == 200
        assert slow.open() > 100, "they are still there"
    listener.wait_for(lambda: len(listener.records()) == 10)
    assert listener.end() == 0


def test_a_flood_of_nonsense_holds_up_whoever_sends_it_and_nobody_else(start_listener):
    listener = start_listener("--health", "127.0.0.1:0")
    answers = []
    while not answers or answers[-1] != 429:
        answers.append(post(listener, issue_body(len(answers)), ATTACKER, secret="a guess"))
        assert len(answers) < 2_000, "nobody is held up"
    assert set(answers) == {401, 429}
    body = issue_body("good")
    assert post(listener, body, ATTACKER) == 429, "also for what would be right"
    assert post(listener, body) == 200
    metrics = listener.wait_for(lambda: listener.health("/metrics")[1])
    assert f"source_sentry_signature_failures_total {len(answers) - 1}" in metrics
    assert listener.log().count(ATTACKER) <= 1 + len(answers) // 30, "a line a minute"
    assert listener.end() == 0


def test_a_captured_webhook_is_worth_nothing(start_listener):
    """The signature is that of the body alone: what was seen once can be sent for ever, under any headers."""
    listener = start_listener("--health", "off")
    body = issue_body(7, "resolved")
    assert post(listener, body) == 200
    listener.end(signal.SIGKILL)
    again = start_listener("--health", "off")
    captured = headers_of(body)
    late = {"Sentry-Hook-Timestamp": str(int(time.time()) - 3600)}
    for changed in [{}, {"Request-ID": "0" * 32}, {"Sentry-Hook-Timestamp": str(int(time.time()) + 60)}]:
        assert request_from(SENTRY, again.ports["listen"], body, {**captured, **changed}) == 200
    for resource in ("comment", "error", "event_alert", "metric_alert", "installation", "seer", "volcano"):
        assert post(again, body, resource=resource) == 400
    assert post(again, body, **late) == 400
    assert post(again, issue_body(8)) == 200
    again.wait_for(lambda: "8" in [row["issueId"] for row in again.records()])
    assert again.end() == 0
    # The first listener may have been killed before its record left.
    out = [(row["resource"], row["issueId"]) for row in listener.records() + again.records()]
    assert sorted(set(out)) == [("issue", "7"), ("issue", "8")]
    assert len({row["deliveryId"] for row in listener.records() + again.records()}) == 2


def test_two_gibibytes_are_refused_before_they_are_sent(start_listener):
    listener = start_listener("--health", "off")
    with sender(ATTACKER, listener.ports["listen"]) as connection:
        connection.sendall(head_of(headers_of(b"") | {"Content-Length": str(2 << 30)}))
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 413 ")
    assert post(listener, issue_body(1)) == 200
    assert listener.end() == 0


def test_chunks_without_end_are_cut_off(start_listener):
    listener = start_listener("--health", "off")
    assert endless_chunks(ATTACKER, listener.ports["listen"], headers_of(b"")) > 10 << 20
    listener.wait_for(lambda: "refused with HTTP 413" in listener.log())
    peak = int(pathlib.Path(f"/proc/{listener.process.pid}/status").read_text().split("VmHWM:")[1].split()[0])
    assert peak < 200 << 10, f"{peak >> 10} MiB of memory"
    assert post(listener, issue_body(1)) == 200
    assert listener.end() == 0


DEEP = {
    "as data": b'{"action":"created","data":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    "alone": b"[" * 10_000 + b"]" * 10_000,
    "objects": b'{"action":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_001,
    "five millions without an end": b"[" * 5_000_000,
}


@pytest.mark.parametrize("deep", DEEP.values(), ids=DEEP)
def test_ten_thousand_nested_arrays_harm_nobody(start_listener, deep):
    """Signed: whoever sends them knows the secret, or Sentry passes on what a user has made."""
    listener = start_listener("--health", "off")
    assert post(listener, deep, resource="volcano") == 400
    assert post(listener, issue_body(1)) == 200
    [record] = listener.wait_for(listener.records)
    assert record["issueId"] == "1" and listener.end() == 0


ARGUED = "s3cr3t-in-the-arguments"
ARGUMENTS = [["--set", f"auth_token={ARGUED}"], [f"--auth-token={ARGUED}"], ["--notion-token", ARGUED],
             ["--url", f"https://user:{ARGUED}@sentry.io/"],
             ["--client-secret", ARGUED], [f"--client-secret={ARGUED}"], [f"--secret={ARGUED}"],
             ["--set", f"client_secret={ARGUED}"]]


@pytest.mark.parametrize("arguments", ARGUMENTS, ids=" ".join)
def test_secrets_in_arguments_are_refused_and_not_repeated(tmp_path, arguments):
    listener = Listener(tmp_path, "--health", "off", *arguments)
    assert listener.end(how=0) == 2
    assert ARGUED not in listener.log() and "list of processes" in listener.log()


def test_ps_and_logs_hold_no_secret_no_body_and_no_signature(start_listener, connector, sandbox, tmp_path):
    """With --debug, of everything that can go right or wrong."""
    hook, token = "hook-secret-for-tests-only", "0123456789abcdef" * 2
    (tmp_path / "hook").write_text(hook)
    (tmp_path / "token").write_text(token)
    endpoints = connector.file("endpoints.json", [
        {"name": "hooks", "path": "/hooks", "kind": "service_hook", "secret_file": str(tmp_path / "hook")},
        {"name": "old", "path": "/old", "kind": "legacy", "secret_file": str(tmp_path / "token")}])
    config = connector.file("config.json", sandbox.config(auth_token=TOKEN))
    listener = start_listener("--debug", "--endpoints", endpoints, "--config", config, "--spool-size", "1",
                              "--health", "127.0.0.1:0")
    shown = pathlib.Path(f"/proc/{listener.process.pid}/cmdline").read_bytes()
    assert not [one for one in (SECRET, TOKEN, hook, token) if one.encode() in shown]
    private = "PRIVATE-WORDS"
    bodies = [issue_body(private, title=private, web_url=f"https://h/{private}"), b'{"' + private.encode(),
              body_of("created", {"installation": {"code": private, "uuid": private}}), b"[]", b"",
              json.dumps([private]).encode(), private.encode() * 30_000]
    signatures = set()
    for body in bodies:
        for secret in (SECRET, private):
            signatures.add(signature_of(body, secret))
            for resource in ("issue", "installation", private):
                post(listener, body, SENTRY, resource, secret, Cookie=private, Authorization=f"Bearer {private}")
                post(listener, body, SENTRY, resource, secret,
                     **{"Request-ID": private, "Sentry-Hook-Timestamp": private})
    for path in (f"/old/{token}", f"/old/{token[::-1]}", f"/{private}", f"/?{private}", "/hooks"):
        request_from(SENTRY, listener.ports["listen"], bodies[0],
                     {"X-ServiceHook-Signature": signature_of(bodies[0], hook)}, path)
    with sender(SENTRY, listener.ports["listen"]) as connection:
        connection.sendall(f"{private} / {private}\r\n{private}\r\n\r\n".encode())
        connection.recv(1 << 16)
    large = [issue_body(number, filler=private * 5_000) for number in range(20)]
    assert 503 in [post(listener, body) for body in large]
    shown = listener.health("/metrics")[1] + listener.health("/readyz")[1]
    assert listener.end() == 0
    logs = shown + listener.log() + "".join(
        line for line in listener.stdout.read_text().splitlines() if not line.startswith('{"type":"RECORD"'))
    found = [one for one in (SECRET, TOKEN, hook, token, token[::-1], private, *signatures,
                             *(signature_of(body) for body in large)) if one in logs]
    assert not found and "refused" in listener.log()


def test_addresses_in_a_webhook_are_never_called(start_listener, connector, sandbox, serve):
    """Not even where the issues of webhooks are asked for: only the configured Sentry is."""
    trap = serve(HostileServer(lambda target: {"body": "[]"}))
    config = connector.file("config.json", sandbox.config(auth_token=TOKEN))
    listener = start_listener("--health", "off", "--config", config)
    sandbox.control("DELETE", "requests")
    names = ["url", "web_url", "webUrl", "project_url", "permalink", "issue_url", "hostname", "webhookUrl", "callback"]
    where = {name: f"{trap.url}/{name}" for name in names}
    ids = ["1", f"1/../../../..{trap.url}", f"@127.0.0.1:{trap.port}/", f"1?next={trap.url}", "1\r\nHost: x"]
    for issue in ids:
        body = issue_body(issue, project={"slug": "web", **where}, **where)
        assert post(listener, body, **{"X-Forwarded-Host": f"127.0.0.1:{trap.port}", "Referer": trap.url}) == 200
    for resource, data in [("error", {"error": {"issue_id": "1", **where}}), ("volcano", where),
                           ("metric_alert", {"metric_alert": where, **where})]:
        assert post(listener, body_of("created", data, **where), resource=resource) == 200
    listener.wait_for(lambda: len(listener.records()) - len(listener.records("issues")) == len(ids) + 3)
    listener.wait_for(lambda: any("group" in asked["params"] for asked in sandbox.requests()))
    assert listener.end() == 0
    assert trap.heads == []
    paths = {asked["path"] for asked in sandbox.requests() if "group" in asked["params"]}
    assert paths == {"/api/0/organizations/acme/issues/"}
