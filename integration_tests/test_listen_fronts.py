"""The proxies of examples/listen hand webhooks on as they came: not a byte of what is signed changes."""

import pathlib

import pytest
from support import fronts
from support.fronts import Caddy, Nginx, StubListener, post
from support.listener import LISTEN, headers_of, issue_body

MIB = 1 << 20


@pytest.fixture
def started():
    """Whatever is to be stopped at the end, the latest first."""
    running = []
    yield running
    for one in reversed(running):
        one.stop()


@pytest.fixture(params=[Nginx, Caddy])
def front(request, tmp_path, started):
    """Starts the proxy in front of a port."""
    def start(upstream):
        started.append(request.param(tmp_path, upstream))
        return started[-1]

    return start


@pytest.mark.parametrize("kind", [Nginx, Caddy])
def test_its_configuration_is_right(kind, tmp_path):
    code, said = kind.check(tmp_path)
    assert code == 0, said
    assert "[warn]" not in said and "not formatted" not in said


def test_mistakes_would_be_found(tmp_path, monkeypatch):
    """Else the test above would prove nothing."""
    for kind, name, right, wrong in ((Nginx, "nginx.conf", "proxy_pass ", "proxy_past "),
                                     (Caddy, "Caddyfile", "reverse_proxy ", "reverse_prosy ")):
        text = (fronts.EXAMPLES / name).read_text()
        assert right in text
        (tmp_path / "wrong").mkdir(exist_ok=True)
        (tmp_path / "wrong" / name).write_text(text.replace(right, wrong))
        with monkeypatch.context() as patch:
            patch.setattr(fronts, "EXAMPLES", tmp_path / "wrong")
            code, said = kind.check(tmp_path)
        assert code != 0 and wrong.strip() in said


def test_a_webhook_arrives_as_it_was_sent(front, started):
    stub = StubListener()
    started.append(stub)
    proxy = front(stub.port)
    bodies = [issue_body(1), issue_body(2) + b"\n", b'{"x":"\xff\x00"}', b"{\r\n}", b"", b"x" * (9 * MIB)]
    for body in bodies:
        sent = headers_of(body)
        assert post(proxy.port, body, headers=sent) == 200, proxy.said()
        _, headers, arrived = stub.requests[-1]
        assert arrived == body
        for name, value in sent.items():
            assert headers.get_all(name) == [value], name
    assert len(stub.requests) == len(bodies), "each once"


def test_so_do_its_path_and_a_body_in_chunks(front, started):
    stub = StubListener()
    started.append(stub)
    proxy = front(stub.port)
    for path in ("/hook/x", "//a/%2e%2E/b", "/?uri=%2Foptions&q=%20"):
        assert post(proxy.port, issue_body(1), path) == 200
        assert stub.requests[-1][0] == path
    assert post(proxy.port, issue_body(1), chunked=True) == 200
    assert stub.requests[-1][2] == issue_body(1)


def test_what_a_client_says_of_its_address_is_not_believed(front, started):
    stub = StubListener()
    started.append(stub)
    proxy = front(stub.port)
    forged = {**headers_of(issue_body(1)), "X-Forwarded-For": "192.0.2.7"}
    assert post(proxy.port, issue_body(1), headers=forged) == 200
    assert stub.requests[-1][1].get_all("X-Forwarded-For") == ["127.0.0.1"]


def test_what_is_too_large_does_not_arrive(front, started):
    stub = StubListener()
    started.append(stub)
    proxy = front(stub.port)
    body = b"x" * (10 * MIB + 1)
    try:
        assert post(proxy.port, body) >= 400
    except (BrokenPipeError, ConnectionResetError):
        pass  # it has not waited for the end
    assert not [one for one in stub.requests if one[2] == body]


@pytest.mark.skipif(not pathlib.Path(LISTEN).exists(), reason="source-sentry-listen is not built")
def test_the_listener_takes_it_and_makes_a_record_of_it(front, start_listener):
    listener = start_listener("--health", "off")
    proxy = front(listener.ports["listen"])
    body = issue_body(42, title="caf\u00e9 \U0001f440")
    assert post(proxy.port, body, headers=headers_of(body, secret="another")) == 401
    assert post(proxy.port, body) == 200
    assert listener.end() == 0, listener.log()
    [record] = listener.records("issue_webhooks")
    assert (record["issueId"], record["title"], record["verified"]) == ("42", "caf\u00e9 \U0001f440", True)
