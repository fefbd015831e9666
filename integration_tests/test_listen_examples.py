"""examples/listen: the unit, the manifest and the compose file are right, and shut the listener in as docs/security.md
says. test_listen_fronts.py tries the proxies, clients/test_listen_lint.py asks the linters of each platform."""

import pathlib
import re
import shutil
import subprocess

import pytest
import yaml
from support.listener import LISTEN
from support.protocol import ROOT

EXAMPLES = ROOT / "examples" / "listen"
UNIT = EXAMPLES / "source-sentry-listen.service"
DOCKERFILE = (ROOT / "Dockerfile").read_text()
needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is missing")


def analyze(tmp_path, text, *arguments):
    """What systemd says of the unit; its program is there, whether or not it is installed on this machine."""
    unit = tmp_path / UNIT.name
    unit.write_text(text.replace("ExecStart=source-sentry-listen ", "ExecStart=/bin/true "))
    return subprocess.run(["systemd-analyze", *arguments, unit], capture_output=True, text=True, timeout=60)


@needs_systemd
def test_systemd_takes_the_unit_and_would_refuse_a_mistake(tmp_path):
    text = UNIT.read_text()
    done = analyze(tmp_path, text, "verify", "--man=no")
    assert (done.returncode, done.stderr) == (0, "")
    for right, wrong in (("MemoryMax=512M", "MemoryMax=lots"), ("[Install]", "[Instal]"),
                         ("ProtectSystem=strict", "ProtectSystems=strict")):
        assert right in text
        assert analyze(tmp_path, text.replace(right, wrong), "verify", "--man=no").stderr, wrong


@needs_systemd
def test_the_unit_leaves_hardly_anything_open(tmp_path):
    """By systemd's own measure: from 0 for a service that may do nothing to 100 for one that may do everything."""
    least = ("security", "--offline=true", "--threshold=15")
    done = analyze(tmp_path, UNIT.read_text(), *least)
    assert done.returncode == 0, done.stdout
    assert analyze(tmp_path, re.sub(r"^SystemCallFilter=.*$", "", UNIT.read_text(), flags=re.MULTILINE),
                   *least).returncode == 1


def settings():
    """Of the unit's service: each key's values."""
    found = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", UNIT.read_text(), re.MULTILINE):
        found.setdefault(key, []).append(value)
    return found


def test_the_unit_has_a_user_of_its_own_and_one_folder():
    service = settings()
    for key, value in {"DynamicUser": "yes", "ProtectSystem": "strict", "StateDirectory": "source-sentry",
                       "NoNewPrivileges": "yes", "CapabilityBoundingSet": "", "MemoryMax": "512M", "UMask": "0077",
                       "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "Restart": "always"}.items():
        assert service[key] == [value], key
    assert "ReadWritePaths" not in service
    assert service["LoadCredential"] == ["client-secret:/etc/source-sentry/client-secret"]
    assert "%d/client-secret" in service["ExecStart"][0]


def manifest():
    documents = list(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text()))
    assert len(documents) == 3
    return {one["kind"]: one for one in documents}


def test_the_manifest_has_one_process_at_a_time():
    spec = manifest()["Deployment"]["spec"]
    assert spec["replicas"] == 1 and spec["strategy"] == {"type": "Recreate"}
    assert manifest()["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOnce"]


def test_the_manifests_pod_is_shut_in():
    pod = manifest()["Deployment"]["spec"]["template"]["spec"]
    [container] = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] == 1000
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert container["securityContext"] == {"readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False,
                                            "capabilities": {"drop": ["ALL"]}}
    written = [mount["mountPath"] for mount in container["volumeMounts"] if not mount.get("readOnly")]
    assert written == ["/var/lib/source-sentry"]
    assert "memory" in container["resources"]["limits"]
    assert not any("SECRET" in one["name"] for one in container["env"]), "the secret is a file"


def test_the_manifests_names_and_ports_agree():
    kinds = manifest()
    template = kinds["Deployment"]["spec"]["template"]
    [container] = template["spec"]["containers"]
    ports = {one["name"]: one["containerPort"] for one in container["ports"]}
    for name, flag in (("webhooks", "--listen"), ("health", "--health")):
        assert container["args"][container["args"].index(flag) + 1] == f"0.0.0.0:{ports[name]}"
    for probe in ("livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"] == {"path": "/healthz", "port": "health"}
    labels = template["metadata"]["labels"]
    assert kinds["Service"]["spec"]["selector"] == labels == kinds["Deployment"]["spec"]["selector"]["matchLabels"]
    assert [one["targetPort"] for one in kinds["Service"]["spec"]["ports"]] == ["webhooks"], "health is not served"
    volumes = {one["name"]: one for one in template["spec"]["volumes"]}
    assert volumes.keys() == {one["name"] for one in container["volumeMounts"]}
    claim = kinds["PersistentVolumeClaim"]["metadata"]["name"]
    assert volumes["webhooks"]["persistentVolumeClaim"]["claimName"] == claim
    assert template["metadata"]["annotations"]["prometheus.io/port"] == str(ports["health"])


def test_the_compose_file_shuts_the_listener_in_behind_caddy():
    services = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]
    listener = services["listener"]
    assert listener["network_mode"] == "service:caddy" and "ports" not in listener
    assert services["caddy"]["ports"] == ["80:80", "443:443"]
    assert listener["read_only"] and listener["cap_drop"] == ["ALL"]
    assert listener["security_opt"] == ["no-new-privileges:true"] and "mem_limit" in listener
    assert listener["volumes"] == ["webhooks:/var/lib/source-sentry"]
    assert not any("SECRET" in name for name in listener["environment"]), "the secret is a file"


def test_the_image_is_the_one_that_the_examples_take():
    stage = DOCKERFILE.partition("AS listener\n")[2].partition("\nFROM ")[0]
    assert "\nUSER 1000:1000\n" in stage and "\nEXPOSE 8080\n" in stage
    assert '\nENTRYPOINT ["/usr/bin/source-sentry-listen"]\n' in stage
    assert "STATE_DIRECTORY=/var/lib/source-sentry" in stage and "\nVOLUME /var/lib/source-sentry\n" in stage
    title = re.search(r"image\.title=(\S+)", stage)[1]
    version = re.search(r"image\.version=(\S+)", stage)[1]
    for name in ("compose.yaml", "kubernetes.yaml"):
        assert f"image: source-sentry/{title}:{version}\n" in (EXAMPLES / name).read_text(), name


def test_the_connectors_image_holds_no_listener():
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "listen" not in last and "io.airbyte.name" in last, "the last stage is the one that is built by default"
    first = DOCKERFILE.partition("\nFROM build AS build-listener")[0]
    assert "-DBUILD_LISTENER=OFF" in first and "COPY live" not in first


def test_no_example_has_a_secret_in_its_command():
    """Everybody on the machine may see those of processes."""
    unit = settings()["ExecStart"][0]
    [container] = manifest()["Deployment"]["spec"]["template"]["spec"]["containers"]
    compose = yaml.safe_load((EXAMPLES / "compose.yaml").read_text())["services"]["listener"]["command"]
    for words in (unit.split(), container["args"], compose):
        assert words[words.index("--secret-file") + 1].endswith("/client-secret")
        assert not [word for word in words if re.search("token|secret", word) and word != "--secret-file"
                    and not word.endswith("/client-secret")]


@pytest.mark.skipif(not pathlib.Path(LISTEN).exists(), reason="source-sentry-listen is not built")
def test_a_secret_as_an_option_is_refused():
    for arguments in (["--set", "auth_token=abc"], ["--auth-token", "abc"], ["--token=abc"]):
        done = subprocess.run([LISTEN, *arguments], capture_output=True, text=True)
        assert done.returncode == 2 and "abc" not in done.stdout + done.stderr, arguments


@pytest.mark.skipif(not pathlib.Path(LISTEN).exists(), reason="source-sentry-listen is not built")
def test_the_options_that_the_examples_take_exist():
    usage = subprocess.run([LISTEN, "--help"], capture_output=True, text=True, check=True).stdout
    for path in EXAMPLES.iterdir():
        commands = re.sub(r"docker compose .*|kubectl .*|--from-\S+|systemctl .*", "", path.read_text())
        for flag in set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", commands)):
            assert re.search(rf"{flag}\b", usage), f"{path.name}: {flag}"
