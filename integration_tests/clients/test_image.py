"""The image, built for real and run as Airbyte's platform runs it."""

import json
import os
import signal
import subprocess
import time

import pytest
import yaml
from support import protocol
from support.connector import INCREMENTAL, STREAMS, Run, catalog
from support.image import image, image_config, unpacked
from support.pod import Pod, first_process
from support.sandbox import true_ids

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"


@pytest.fixture(scope="session")
def tag():
    return image()


@pytest.fixture(scope="session")
def config(tag):
    return image_config(tag)


@pytest.fixture(scope="session")
def root(tag):
    with unpacked(tag) as folder:
        yield folder


@pytest.fixture
def pod(root, config, tmp_path):
    files = tmp_path / "config"
    files.mkdir()
    return Pod(root, config, files)


def give(pod, **files):
    """Writes files that the pod sees at /config."""
    for name, content in files.items():
        (pod.files / f"{name}.json").write_text(json.dumps(content))


def test_the_image_is_small(root):
    done = subprocess.run(["du", "-sb", root], capture_output=True, text=True, check=True)
    assert int(done.stdout.split()[0]) < 110_000_000


def test_the_image_says_what_it_is(config):
    data = yaml.safe_load((protocol.ROOT / "metadata.yaml").read_text())["data"]
    assert config["Labels"]["io.airbyte.name"] == data["dockerRepository"]
    assert config["Labels"]["io.airbyte.version"] == data["dockerImageTag"]
    variables = dict(entry.split("=", 1) for entry in config["Env"])
    assert variables["AIRBYTE_ENTRYPOINT"] == " ".join(config["Entrypoint"])
    assert config["Labels"]["org.opencontainers.image.version"] == data["dockerImageTag"]
    assert config["Entrypoint"][0].startswith("/") and "Cmd" not in config
    assert config["User"] == "airbyte"


def test_the_image_holds_no_listener(root):
    found = subprocess.run(["find", root / "airbyte", root / "usr", "-name", "source-sentry-listen*", "-o", "-name",
                            "libhiredis*"], capture_output=True, text=True, check=True)
    assert found.stdout == ""


def test_the_image_holds_what_the_platforms_script_needs(pod, root):
    tools = "sh sleep kill mv touch echo cat mkdir wait"
    code, stdout, _ = pod.run("sh", "-c", f"for tool in {tools}; do command -v $tool; done; cat {CERTIFICATES}")
    assert code == 0 and len(stdout.split(b"-----BEGIN")[0].split()) == len(tools.split())
    assert stdout.count(b"-----BEGIN CERTIFICATE-----") > 100
    for folder in ("airbyte", "config", "source", "secrets"):
        found = (root / folder).stat()
        assert (found.st_uid, found.st_gid) == (1000, 1000), folder


def test_the_pod_is_as_bare_as_the_platforms(pod):
    """Else the tests below would prove nothing."""
    code, stdout, _ = pod.run("sh", "-c", "id; grep -E 'Cap(Prm|Eff|Bnd)|NoNewPrivs' /proc/self/status; "
                              "find / -path /proc -prune -o ! -type l ! -type c -writable -print 2>/dev/null || true")
    assert code == 0
    assert stdout.decode().split("\n") == [
        "uid=1000(airbyte) gid=1000(airbyte) groups=1000(airbyte)",
        *[f"{name}:\t{0:016x}" for name in ("CapPrm", "CapEff", "CapBnd")], "NoNewPrivs:\t1", "/tmp", ""]


def test_spec_check_and_discover(pod, sandbox):
    give(pod, config=sandbox.config())
    for arguments, kind in (("spec", "SPEC"), ("check --config /config/config.json", "CONNECTION_STATUS"),
                            ("discover --config /config/config.json", "CATALOG")):
        run = Run(*pod.platform(arguments))
        assert (run.code, run.stderr) == (0, "") and len(run.of(kind)) == 1, arguments
        if kind == "CONNECTION_STATUS":
            assert run.connection_status() == {"status": "SUCCEEDED"}


def test_a_read_is_complete_and_its_state_goes_on(pod, sandbox):
    give(pod, config=sandbox.config(), catalog=catalog())
    arguments = "read --config /config/config.json --catalog /config/catalog.json"
    first = Run(*pod.platform(arguments))
    assert (first.code, first.stderr) == (0, "") and not first.errors()
    truth = sandbox.truth()
    for stream in STREAMS:
        assert sorted(map(str, first.ids(stream))) == true_ids(truth, stream), stream
    give(pod, state=first.state_file())
    second = Run(*pod.platform(f"{arguments} --state /config/state.json"))
    assert second.code == 0
    for stream in INCREMENTAL:
        assert len(second.ids(stream)) < len(first.ids(stream)), stream


def test_it_is_a_plain_command_of_whoever_calls_it(pod, config, sandbox, tmp_path):
    """`docker run --user "$(id -u)" -v "$PWD:/data"`, with a configuration that only its owner can read."""
    data, owner = tmp_path / "data", 4242
    data.mkdir()
    (data / "config.json").write_text(json.dumps(sandbox.config()))
    (data / "config.json").chmod(0o600)
    for path in (data / "config.json", data):
        os.chown(path, owner, owner)
    arguments = ("read", "--config", "/data/config.json", "--output", "/data/sentry", "--streams", "events,issues")
    code, stdout, stderr = pod.run(*config["Entrypoint"], *arguments, data=data, user=owner)
    assert (code, stdout) == (0, b""), stderr
    truth = sandbox.truth()
    for stream in ("events", "issues"):
        file = data / "sentry" / f"{stream}.jsonl"
        assert file.stat().st_uid == owner
        assert sorted(str(json.loads(line)["id"]) for line in file.read_text().splitlines()) == true_ids(truth, stream)
    code, stdout, stderr = pod.run(*config["Entrypoint"], *arguments, data=data)
    assert code == 1 and b"config.json" in stderr, "the image's own user may not read it"


def test_a_server_is_trusted_by_the_images_certificates(pod, start_sandbox, tmp_path):
    key, certificate, bundle = tmp_path / "key.pem", tmp_path / "cert.pem", tmp_path / "bundle.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate,
                    "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    bundle.write_bytes((pod.root / CERTIFICATES[1:]).read_bytes() + certificate.read_bytes())
    bundle.chmod(0o644)
    sandbox = start_sandbox("--tls-cert", certificate, "--tls-key", key)
    give(pod, config=sandbox.config())
    check = (*pod.environment["AIRBYTE_ENTRYPOINT"].split(), "check", "--config", "/config/config.json")
    refused = Run(*pod.run(*check)).connection_status()
    assert refused["status"] == "FAILED" and "No secure connection" in refused["message"]
    assert Run(*pod.run(*check, binds={CERTIFICATES: bundle})).connection_status() == {"status": "SUCCEEDED"}


def test_a_signal_ends_the_containers_first_process_with_whole_lines(pod, start_sandbox):
    """Process 1 is not killed by a signal's default action: it has to end by itself."""
    sandbox = start_sandbox("--events", 3000, "--event-size", "small", "--projects", 1, "--latency", 20)
    give(pod, config=sandbox.config(), catalog=catalog("events", "issues"))
    process = pod.start(*pod.environment["AIRBYTE_ENTRYPOINT"].split(), "read", "--config", "/config/config.json",
                        "--catalog", "/config/catalog.json")
    stdout = b""
    while b'{"type":"RECORD"' not in stdout:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        stdout += line
    asked = time.monotonic()
    os.kill(first_process(process), signal.SIGTERM)
    messages = protocol.parse(stdout + process.stdout.read())
    assert process.wait(timeout=20) == 128 + signal.SIGTERM and process.stderr.read() == b""
    assert time.monotonic() - asked < 9
    statuses = [message["trace"]["stream_status"] for message in messages if message["type"] == "TRACE"]
    events = [status["status"] for status in statuses if status["stream_descriptor"]["name"] == "events"]
    assert events[-1] == "INCOMPLETE"
