"""Every way to install source-sentry ends with a program that works, by its name. `tools/prove install` tries the
packages on bare machines, too."""

import json
import os
import pathlib
import re
import signal
import subprocess

import pytest
from pyairbyte import PyAirbyte
from support.bare import bare
from support.connector import BUILD, STREAMS
from support.protocol import ROOT
from support.sandbox import true_ids

INSTALLED = {"bin/source-sentry", "share/doc/source-sentry/LICENSE", "share/man/man1/source-sentry.1",
             "share/bash-completion/completions/source-sentry", "share/zsh/site-functions/_source-sentry",
             "share/fish/vendor_completions.d/source-sentry.fish"}
LISTENER = {"bin/source-sentry-listen", "share/doc/source-sentry-listen/LICENSE",
            "share/man/man1/source-sentry-listen.1", "lib/systemd/system/source-sentry-listen.service"}
EXAMPLES = {f"share/doc/source-sentry-listen/examples/{path.name}" for path in (ROOT / "examples" / "listen").iterdir()
            if path.suffix != ".service"}
VERSION = re.search(r"project\(source-sentry VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
on_bare_machines = pytest.mark.skipif("BARE" not in os.environ, reason="tools/prove install sets up bare machines")


def run(*command, **more):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **more)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def packages(kind):
    lines = run(ROOT / "tools" / "package", kind, env={**os.environ, "BUILD_DIR": str(BUILD)}).splitlines()
    return [pathlib.Path(line) for line in lines]


@pytest.fixture(scope="module")
def debs():
    return packages("deb")


@pytest.fixture(scope="module")
def deb(debs):
    return debs[0]


@pytest.fixture(scope="module")
def listener_deb(debs):
    return debs[1]


@pytest.fixture(scope="module")
def wheel():
    [one] = packages("wheel")
    return one


@pytest.fixture(scope="module")
def environment(wheel, tmp_path_factory):
    """The `bin` folder of an environment that holds the wheel and nothing else."""
    folder = tmp_path_factory.mktemp("environment")
    run("/usr/bin/python3", "-m", "venv", folder)
    run(folder / "bin" / "pip", "install", "--no-index", wheel)
    return folder / "bin"


def files_in(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_cmake_installs_what_there_is_and_nothing_else(tmp_path):
    run("cmake", "--install", BUILD, "--prefix", tmp_path / "opt")
    assert files_in(tmp_path / "opt") == INSTALLED
    assert run(tmp_path / "opt" / "bin" / "source-sentry", "--version") == f"source-sentry {VERSION}\n"


def test_cmake_installs_the_listener_when_it_is_asked_for(tmp_path):
    run("cmake", "--install", BUILD, "--prefix", tmp_path / "opt", "--component", "listen")
    assert files_in(tmp_path / "opt") == LISTENER | EXAMPLES
    program = tmp_path / "opt" / "bin" / "source-sentry-listen"
    assert run(program, "--version") == f"source-sentry-listen {VERSION}\n"
    page = run("man", "--warnings", "-l", tmp_path / "opt/share/man/man1/source-sentry-listen.1",
               env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C.UTF-8"})
    for line in run(program, "--help").splitlines():
        assert line.strip() in page


def field(package, name):
    return run("dpkg-deb", "--field", package, name).strip()


def needed_by(package):
    return {entry.split()[0] for entry in field(package, "Depends").split(",")}


def paths_in(package):
    """What the package holds; all of it belongs to root."""
    listed = run("dpkg-deb", "--contents", package)
    assert not re.search(r"^\S+ (?!root/root)", listed, re.MULTILINE)
    return {line.split()[-1] for line in listed.splitlines() if not line.endswith("/")}


def as_debian_has_them(paths, name):
    """Where the installed files are in the package of that name."""
    share = {path.replace("site-functions", "vendor-completions") for path in paths if "LICENSE" not in path}
    share = {path + ".gz" if "man1" in path else path for path in share}
    doc = {f"share/doc/{name}/{file}" for file in (
        "copyright", "copyright.nlohmann-json3-dev", "copyright.libcli11-dev", "copyright.libxxhash-dev",
        "changelog.gz", "changelog.Debian.gz")}
    return {f"./{path}" if path.startswith("lib/") else f"./usr/{path}" for path in share | doc}


def test_the_deb_says_what_it_is_and_depends_on_debians_libraries(deb):
    assert (field(deb, "Package"), field(deb, "Version")) == ("source-sentry", f"{VERSION}-1")
    assert field(deb, "Suggests") == "source-sentry-listen"
    assert needed_by(deb) >= {"ca-certificates", "libc6", "libcurl4", "libdeflate0", "libsimdjson14", "libstdc++6",
                              "libzstd1"}
    assert not needed_by(deb) & {"libhiredis0.14", "libssl3"}, "it holds no listener"
    assert paths_in(deb) == as_debian_has_them(INSTALLED, "source-sentry")


def test_so_does_the_listeners(listener_deb, tmp_path):
    assert (field(listener_deb, "Package"), field(listener_deb, "Version")) == ("source-sentry-listen", f"{VERSION}-1")
    assert needed_by(listener_deb) >= {"ca-certificates", "libc6", "libcurl4", "libhiredis0.14", "libssl3"}
    assert paths_in(listener_deb) == as_debian_has_them(LISTENER | EXAMPLES, "source-sentry-listen")
    run("dpkg-deb", "--control", listener_deb, tmp_path)
    scripts = {path.name for path in tmp_path.iterdir()} - {"control", "md5sums"}
    assert scripts == {"postinst", "prerm", "postrm"}
    for script in scripts:
        run("sh", "-n", tmp_path / script)
        text = (tmp_path / script).read_text().replace("try-restart", "")
        assert "start source" not in text, "it needs a secret first"


def test_the_wheel_brings_its_libraries_and_their_licences(wheel, environment):
    assert wheel.name == f"source_sentry-{VERSION}-py3-none-manylinux_2_36_{os.uname().machine}.whl"
    [package] = environment.parent.glob("lib/python3*/site-packages/source_sentry")
    taken = dict(re.findall(r"(lib\w+)[^ ]* => (\S+)", run("ldd", package / "source-sentry")))
    assert all("source_sentry.libs" in taken[name] for name in ("libcurl", "libdeflate", "libsimdjson", "libspdlog"))
    names = {path.name for path in package.parent.glob("source_sentry-*.dist-info/**/licenses/*")}
    assert names >= {"source-sentry", "libcurl4", "libssl3", "libsimdjson14", "libcli11-dev"}
    assert (environment.parent / "share/man/man1/source-sentry.1").exists()


def test_the_wheel_starts_the_program_itself(environment, sandbox, tmp_path):
    program = environment / "source-sentry"
    (tmp_path / "config.json").write_text(json.dumps(sandbox.config()))
    run(program, "read", "--config", tmp_path / "config.json", "--output", tmp_path / "out", "--streams", "events")
    rows = (tmp_path / "out" / "events.jsonl").read_text().splitlines()
    assert sorted(json.loads(row)["id"] for row in rows) == true_ids(sandbox.truth(), "events")
    assert run(environment / "python", "-m", "source_sentry", "--version") == f"source-sentry {VERSION}\n"
    refused = subprocess.run([program, "nonsense"], capture_output=True, text=True)
    assert refused.returncode == 2 and "Did you mean" not in refused.stderr and "no command" in refused.stderr
    # A signal that Python ignores, and would hand on so, ends it as any other program.
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run([program, "man"], stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (-signal.SIGPIPE, b"")


def test_pyairbyte_finds_the_wheels_program_by_its_name(environment, sandbox, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{environment}:{os.environ['PATH']}")
    client = PyAirbyte(tmp_path)
    try:
        found = client.expect("describe", sandbox.config(), executable="source-sentry")
        assert found["streams"] == STREAMS
    finally:
        client.stop()


def read_there(machine, sandbox, *command):
    """That the machine's program reads everything."""
    config = machine.root / "root" / "config.json"
    config.write_text(json.dumps(sandbox.config()))
    config.chmod(0o600)
    assert machine.run(*command, "--version").stdout == f"source-sentry {VERSION}\n"
    machine.run(*command, "read", "--config", "/root/config.json", "--output", "/root/out")
    truth = sandbox.truth()
    for stream in ("events", "issues", "projects", "releases"):
        rows = (machine.root / "root" / "out" / f"{stream}.jsonl").read_text().splitlines()
        assert sorted(str(json.loads(row)["id"]) for row in rows) == true_ids(truth, stream)


@on_bare_machines
def test_the_debs_on_a_bare_debian_12(deb, listener_deb, sandbox, tmp_path):
    with bare("bookworm", tmp_path) as machine:
        machine.install(machine.give(deb), machine.give(listener_deb), "man-db", "lintian")
        read_there(machine, sandbox, "source-sentry")
        assert "Gets data out of Sentry" in machine.run("man", "source-sentry").stdout
        # Debian's own packages alone close a bug of Debian's.
        for one in (deb, listener_deb):
            found = machine.run("lintian", "--fail-on", "error,warning", "--suppress-tags",
                                "initial-upload-closes-no-bugs", machine.give(one), check=False)
            assert found.returncode == 0, found.stdout
        # The command of the one runs the other.
        assert machine.run("source-sentry", "listen", "--version").stdout == f"source-sentry-listen {VERSION}\n"
        refused = machine.run("source-sentry-listen", check=False)
        assert refused.returncode == 1 and "no client secret" in refused.stderr
        machine.run("apt-get", "purge", "-y", "source-sentry", "source-sentry-listen")
        assert machine.run("sh", "-c", "command -v source-sentry", check=False).returncode != 0


@on_bare_machines
@pytest.mark.parametrize("codename", ["bookworm", "trixie"])
def test_the_wheel_on_a_bare_debian(wheel, sandbox, tmp_path, codename):
    with bare(codename, tmp_path) as machine:
        machine.install("python3-venv", "ca-certificates")
        machine.run("python3", "-m", "venv", "/opt/venv")
        machine.run("/opt/venv/bin/pip", "install", "--no-index", machine.give(wheel))
        read_there(machine, sandbox, "/opt/venv/bin/source-sentry")
        machine.run("/opt/venv/bin/pip", "uninstall", "-y", "source-sentry")
        assert not list((machine.root / "opt/venv").rglob("*source*sentry*"))
