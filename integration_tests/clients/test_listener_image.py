"""The listener's image, built for real and run as examples/listen runs it: as nobody in particular, on files that are
read-only but for its folder."""

import http.client
import json
import os
import re
import signal

import pytest
from support.image import image, image_config, unpacked
from support.listener import SECRET, headers_of, issue_body
from support.pod import Pod, first_process

pytestmark = pytest.mark.skipif("BARE" not in os.environ, reason="tools/prove install builds the listener's image")


@pytest.fixture(scope="module")
def config():
    return image_config(image("listener"))


@pytest.fixture(scope="module")
def root():
    with unpacked(image("listener")) as folder:
        (folder / "config").mkdir()  # which a pod wants
        yield folder


@pytest.fixture
def pod(root, config, tmp_path):
    files = tmp_path / "config"
    files.mkdir()
    return Pod(root, config, files)


def test_the_image_says_how_it_is_run(config):
    assert config["User"] == "1000:1000", "a number, so that Kubernetes can tell that it is not root"
    assert config["Entrypoint"] == ["/usr/bin/source-sentry-listen"]
    assert config["Cmd"] == ["--listen", "0.0.0.0:8080", "--health", "0.0.0.0:8081"]
    assert list(config["ExposedPorts"]) == ["8080/tcp"] and list(config["Volumes"]) == ["/var/lib/source-sentry"]
    assert config["Labels"]["org.opencontainers.image.title"] == "source-sentry-listen"
    assert not any(name.startswith("io.airbyte") for name in config["Labels"])


def test_its_folder_belongs_to_it_and_nothing_else_does(root):
    own = [path for path in root.rglob("*") if not path.is_symlink() and path.stat().st_uid == 1000]
    assert own == [root / "var/lib/source-sentry"]
    assert (root / "var/lib/source-sentry").stat().st_mode & 0o777 == 0o700


def test_it_does_not_start_without_a_secret(pod, config, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 1000, 1000)
    code, _, stderr = pod.run(*config["Entrypoint"], *config["Cmd"], data=data, STATE_DIRECTORY="/data")
    assert code == 1 and b"no client secret" in stderr


def test_a_webhook_becomes_a_record_and_a_signal_ends_it(pod, config, tmp_path):
    data = tmp_path / "data"
    data.mkdir()
    os.chown(data, 1000, 1000)
    process = pod.start(*config["Entrypoint"], "--listen", "127.0.0.1:0", "--health", "off", data=data,
                        STATE_DIRECTORY="/data", SENTRY_CLIENT_SECRET=SECRET)
    said = b""
    while not (found := re.search(rb"Listening on 127\.0\.0\.1:(\d+)", said)):
        line = process.stderr.readline()
        assert line, said
        said += line
    body = issue_body(42)
    connection = http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=60)
    connection.request("POST", "/", body, headers_of(body))
    assert connection.getresponse().status == 200
    while True:
        message = json.loads(process.stdout.readline())
        if message["type"] == "RECORD":
            break
    assert message["record"]["data"]["issueId"] == "42"
    spool = data / "spool"
    assert spool.stat().st_mode & 0o777 == 0o700
    assert {(path.stat().st_uid, path.stat().st_mode & 0o777) for path in spool.iterdir()} == {(1000, 0o600)}
    os.kill(first_process(process), signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0
