"""What stands between us and the server: certificates that cannot be trusted, CA files, proxies, and plain http. The
token is never sent where it could be overheard."""

import base64

import pytest
from support.certificates import Authority
from support.connector import catalog
from support.hostile import PROJECT, HostileServer, page_of, sentry_with
from support.proxy import Proxy
from support.sandbox import true_ids


def with_ca(authority):
    return {"SSL_CERT_FILE": str(authority.file)}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


def tls_one(authority):
    context = authority.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = 0x0301
    return context


@pytest.mark.parametrize("fault, says", [
    ("expired", "expired"), ("not yet valid", "not yet valid"), ("wrong name", "127.0.0.1"),
    ("unknown CA", "certificate"), ("TLS 1.0", "version"),
])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_that_cannot_be_trusted_is_refused_before_the_token_is_sent(connector, serve, authority, tmp_path, fault,
                                                                        says):
    contexts = {"expired": lambda: authority.context(at="2021-01-01"),
                "not yet valid": lambda: authority.context(at="2035-01-01"),
                "wrong name": lambda: authority.context(name="DNS:sentry.example.com"),
                "unknown CA": lambda: Authority(tmp_path).context(),
                "TLS 1.0": lambda: tls_one(authority)}
    server = serve(HostileServer(lambda target: {"body": PROJECT}, tls=contexts[fault]()))
    status = connector.check(server.config(), env=with_ca(authority)).connection_status()
    assert status["status"] == "FAILED" and "No secure connection" in status["message"], status
    assert says in status["message"] and server.url in status["message"], status
    run = connector.read(server.config(), catalog("events"), env=with_ca(authority))
    assert run.code == 1 and [error["failure_type"] for error in run.errors("events")] == ["config_error"]
    assert not run.logs("WARN"), "asking again is no use"
    assert server.heads == []


@pytest.mark.parametrize("variable", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_ca_file_of_ones_own_by_ssl_cert_file(connector, serve, authority, variable):
    server = serve(sentry_with("/events/", lambda target: page_of(1), tls=authority.context()))
    env = {"SSL_CERT_FILE": "", "REQUESTS_CA_BUNDLE": "", "CURL_CA_BUNDLE": "", variable: str(authority.file)}
    run = connector.read(server.config(), catalog("events"), env=env)
    assert run.code == 0 and run.ids("events") == ["e1"]


def test_a_ca_file_that_is_not_there_is_named(connector, serve, authority):
    server = serve(HostileServer(lambda target: {"body": PROJECT}, tls=authority.context()))
    run = connector.check(server.config(), env={"SSL_CERT_FILE": "/nowhere/ca.pem"})
    status = run.connection_status()
    assert status["status"] == "FAILED" and "/nowhere/ca.pem" in status["message"] and server.heads == []


@pytest.mark.parametrize("form", ["text", "one line", "path"])
def test_a_ca_file_of_ones_own_by_configuration(connector, serve, authority, form):
    pem = authority.file.read_text()
    value = {"text": pem, "one line": pem.replace("\n", " "), "path": str(authority.file)}[form]
    server = serve(sentry_with("/events/", lambda target: page_of(1), tls=authority.context()))
    run = connector.read(server.config(ca_certificates=value), catalog("events"))
    assert run.code == 0 and run.ids("events") == ["e1"]


def test_ca_certificates_that_are_none_are_told(connector, serve, authority, tmp_path):
    server = serve(HostileServer(lambda target: {"body": PROJECT}, tls=authority.context()))
    # What is Base64 and no certificate only OpenSSL can tell.
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"
    for value in ("/nowhere/ca.pem", str(tmp_path), "-----BEGIN CERTIFICATE-----\nMIID", broken):
        status = connector.check(server.config(ca_certificates=value)).connection_status()
        assert status["status"] == "FAILED" and "ca_certificates" in status["message"], status
        assert "error importing CA certificate" in status["message"] or "'ca_certificates'" in status["message"], status
    assert server.heads == []


def test_http_is_spoken_only_when_written(connector, serve):
    server = serve(sentry_with("/events/", lambda target: page_of(1)))
    status = connector.check(server.config(hostname=f"127.0.0.1:{server.port}")).connection_status()
    assert status["status"] == "FAILED" and "https://127.0.0.1" in status["message"]
    assert server.heads and all(b"t0ken" not in head for head in server.heads), "the token crossed in the clear"
    assert connector.read(server.config(), catalog("events")).ids("events") == ["e1"]


def no_proxy(**variables):
    """The proxies of the machine under test must not get into these tests."""
    names = ("http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")
    return {**dict.fromkeys(names, ""), **variables}


@pytest.mark.parametrize("variable", ["http_proxy", "all_proxy", "ALL_PROXY"])
def test_a_proxy_for_http_by_the_usual_variables(connector, sandbox, serve, variable):
    proxy = serve(Proxy())
    run = connector.read(sandbox.config(), catalog("issues"), env=no_proxy(**{variable: f"http://{proxy.address}"}))
    assert run.code == 0 and sorted(run.ids("issues")) == true_ids(sandbox.truth(), "issues")
    assert proxy.heads and all(head.startswith(f"GET {sandbox.url}/".encode()) for head in proxy.heads)


@pytest.mark.parametrize("variable", ["https_proxy", "HTTPS_PROXY", "ALL_PROXY"])
def test_a_proxy_for_https_sees_no_token(connector, serve, authority, variable):
    proxy = serve(Proxy())
    server = serve(sentry_with("/events/", lambda target: page_of(1), tls=authority.context()))
    run = connector.read(server.config(), catalog("events"),
                         env={**with_ca(authority), **no_proxy(**{variable: f"http://{proxy.address}"})})
    assert run.code == 0 and run.ids("events") == ["e1"]
    assert proxy.heads and all(head.startswith(b"CONNECT 127.0.0.1:") for head in proxy.heads)
    assert all(b"uthorization" not in head for head in proxy.heads)
    assert all(b"Authorization: Bearer t0ken-of-the-test" in head for head in server.heads)


def test_no_proxy_names_what_goes_directly(connector, sandbox, serve):
    proxy = serve(Proxy())
    run = connector.read(sandbox.config(), catalog("project_keys"),
                         env=no_proxy(http_proxy=f"http://{proxy.address}", no_proxy="127.0.0.1"))
    assert run.code == 0 and proxy.heads == []


def test_a_proxy_by_configuration(connector, sandbox, serve):
    proxy = serve(Proxy())
    run = connector.read(sandbox.config(proxy=f"http://{proxy.address}"), catalog("project_keys"), env=no_proxy())
    assert run.code == 0 and run.records("project_keys") and proxy.heads


def test_a_proxy_by_configuration_goes_before_the_variables(connector, sandbox, serve):
    proxy, other = serve(Proxy()), serve(Proxy())
    run = connector.read(sandbox.config(proxy=proxy.address), catalog("project_keys"),
                         env=no_proxy(http_proxy=f"http://{other.address}", no_proxy="*"))
    assert run.code == 0 and proxy.heads and other.heads == []


def test_a_proxy_gets_its_user_name_and_password_and_nobody_else(connector, serve, authority):
    proxy = serve(Proxy())
    server = serve(sentry_with("/events/", lambda target: page_of(1), tls=authority.context()))
    config = server.config(proxy=f"http://us%40er:pa55%2Fword@{proxy.address}", ca_certificates=str(authority.file))
    run = connector.read(config, catalog("events"), env=no_proxy())
    assert run.code == 0 and run.ids("events") == ["e1"]
    login = b"Proxy-Authorization: Basic " + base64.b64encode(b"us@er:pa55/word")
    assert proxy.heads and all(login in head for head in proxy.heads)
    assert server.heads and all(b"Proxy-Authorization" not in head for head in server.heads)


def test_a_proxy_that_is_none_is_told_without_its_password(connector, sandbox):
    for changes, env in (({"proxy": "gopher://user:pa55word@proxy"}, no_proxy()),
                         ({}, no_proxy(http_proxy="gopher://user:pa55word@proxy"))):
        run = connector.check(sandbox.config(**changes), env=env)
        status = run.connection_status()
        assert run.code == 0 and status["status"] == "FAILED" and "not the address of a proxy" in status["message"]
        assert "gopher://****@proxy" in status["message"] and "pa55word" not in run.stdout.decode() + run.stderr


@pytest.mark.parametrize("where", ["refused", "unknown", "407"])
def test_the_password_of_a_proxy_that_does_not_work_is_not_shown(connector, serve, authority, where):
    run = check_through_a_dead_proxy(connector, serve, authority, where)
    assert run.connection_status()["status"] == "FAILED"
    assert "pa55word" not in run.stdout.decode() + run.stderr


@pytest.mark.parametrize("where", ["refused", "unknown", "407", "403", "503", "closed", "no TLS"])
def test_a_proxy_that_does_not_work_is_named(connector, serve, authority, where):
    run = check_through_a_dead_proxy(connector, serve, authority, where)
    says = {"refused": "does not work (127.0.0.1:1: ", "unknown": "no-such-proxy.invalid:3128", "407": "password",
            "403": "does not let us through", "no TLS": "No secure connection to the proxy"}
    message = run.connection_status()["message"]
    assert "proxy" in message and says.get(where, "does not work") in message, message
    assert [error["failure_type"] for error in run.errors()] == (
        [] if where in ("407", "403", "no TLS") else ["transient_error"])


def test_what_goes_wrong_behind_a_proxy_is_the_servers(connector, serve, authority, tmp_path):
    """Its TLS, its silence, its refusals."""
    proxy = serve(Proxy())
    config = {"proxy": f"http://{proxy.address}", "ca_certificates": str(authority.file)}
    strange = serve(HostileServer(lambda target: {"body": PROJECT}, tls=Authority(tmp_path).context()))
    closing = serve(HostileServer(lambda target: None, tls=authority.context()))
    for server, says in ((strange, "No secure connection to https://127.0.0.1"), (closing, "The connection to https")):
        message = connector.check(server.config(**config), env=no_proxy()).connection_status()["message"]
        assert says in message and "proxy" not in message, message


def test_a_proxy_may_speak_tls_itself(connector, serve, authority, tmp_path):
    server = serve(sentry_with("/events/", lambda target: page_of(1), tls=authority.context()))
    certificates = {"ca_certificates": str(authority.file)}
    proxy = serve(Proxy(tls=authority.context()))
    run = connector.read(server.config(proxy=f"https://{proxy.address}", **certificates), catalog("events"))
    assert run.code == 0 and run.ids("events") == ["e1"] and proxy.heads
    seen = len(server.heads)
    for one, says in ((serve(refusing("407", tls=authority.context())), "does not accept us (HTTP 407)"),
                      (serve(Proxy(tls=Authority(tmp_path).context())), "No secure connection to the proxy")):
        status = connector.check(server.config(proxy=f"https://{one.address}", **certificates)).connection_status()
        assert status["status"] == "FAILED" and says in status["message"], status
    assert len(server.heads) == seen


def test_407_of_a_proxy_for_http_is_the_proxys(connector, sandbox, serve):
    status = connector.check(sandbox.config(proxy=serve(refusing("407")).address), env=no_proxy()).connection_status()
    assert status["status"] == "FAILED" and "user name and password into proxy" in status["message"]


def refusing(how, tls=None):
    """A proxy that answers with a status, or with nothing at all."""
    status = f"HTTP/1.1 {how} Whatever\r\nContent-Length: 0\r\n\r\n".encode()
    return Proxy(refuse=status if how.isdigit() else b"\r\n\r\n", tls=tls)


def check_through_a_dead_proxy(connector, serve, authority, where):
    addresses = {"refused": "127.0.0.1:1", "unknown": "no-such-proxy.invalid:3128"}
    address = addresses.get(where) or serve(refusing(where)).address
    server = serve(HostileServer(lambda target: {"body": PROJECT}, tls=authority.context()))
    scheme = "https" if where == "no TLS" else "http"
    variables = no_proxy(https_proxy=f"{scheme}://user:pa55word@{address}")
    run = connector.check(server.config(), env={**with_ca(authority), **variables})
    assert server.heads == []
    return run
