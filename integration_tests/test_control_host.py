"""What belongs to no region of sentry.io is asked of sentry.io itself, and of nobody else (the token goes nowhere else)."""

import pytest
from support.certificates import Authority
from support.connector import catalog
from support.hostile import HostileServer, link
from support.proxy import Proxy

CONTROL = ["integrations", "sentry_apps", "sentry_app_installations", "api_keys", "audit_logs"]
NAMES = "DNS:sentry.io,DNS:*.sentry.io,DNS:sentry.example.com"


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def answer(target):
    if "/audit-logs/" in target:
        return {"body": {"rows": [{"id": "1", "dateCreated": "2026-01-10T00:00:00Z"}], "options": []}, "headers": link()}
    return {"body": [{"id": "1", "uuid": "1", "slug": "acme"}], "headers": link()}


def asked(server):
    """Which host was asked for which list, by the token of the test."""
    found = set()
    for head in server.heads:
        assert b"Bearer t0ken-of-the-test" in head
        [host] = [line.split(b": ")[1].decode() for line in head.split(b"\r\n") if line.lower().startswith(b"host: ")]
        found.add((host, head.split(b" ")[1].decode().split("?")[0].split("/")[-2]))
    return found


@pytest.mark.parametrize("host, control", [
    ("de.sentry.io", "sentry.io"), ("acme.sentry.io", "sentry.io"), ("sentry.io", "sentry.io"),
    ("sentry.example.com", "sentry.example.com"), ("notsentry.io.example.com", "notsentry.io.example.com")])
def test_the_control_host_is_derived(connector, serve, authority, host, control):
    server = serve(HostileServer(answer, tls=authority.context(name=f"{NAMES},DNS:{host}")))
    proxy = serve(Proxy(leads_to=f"127.0.0.1:{server.port}"))
    config = {"auth_token": "t0ken-of-the-test", "organization": "acme", "hostname": host,
              "proxy": f"http://{proxy.address}", "ca_certificates": authority.file.read_text()}
    run = connector.read(config, catalog("teams", *CONTROL))
    assert run.code == 0, run.errors()
    for stream in ("teams", *CONTROL):
        assert len(run.records(stream)) == 1, stream
    lists = {"integrations", "sentry-apps", "sentry-app-installations", "api-keys", "audit-logs"}
    assert asked(server) - {(host, "projects")} == {(host, "teams"), *((control, name) for name in lists)}
    assert {head.split(b" ")[1].decode() for head in proxy.heads} == {f"{host}:443", f"{control}:443"}
