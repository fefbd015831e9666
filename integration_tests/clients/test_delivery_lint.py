"""examples/port: what shows the delivery on a schedule is right by the linters of each platform."""

import fcntl
import re
import shutil
import subprocess

import pytest
from support.connector import EXECUTABLE
from support.environments import FOLDER, environment
from support.protocol import ROOT

EXAMPLE = ROOT / "examples" / "port"
GROOVY_LINT = "npm-groovy-lint@15.2.2"  # the last one for Node 20
FILES = ["cronjob.yaml", "github-actions.yml", "azure-pipelines.yml", "Jenkinsfile"]
needs_node = pytest.mark.skipif(not (shutil.which("npm") and shutil.which("java")),
                                reason="npm or java is missing: the Jenkinsfile is not linted")


def schema(name, *more):
    """What the linter says of a file. Its schemas come with it; the network is not asked."""
    return lambda file: ["check-jsonschema", "--builtin-schema", f"vendor.{name}", *more, file]


LINTERS = [
    ("cronjob.yaml", lambda file: ["kubernetes-validate", "--strict", file], "schedule:", "shedule:"),
    ("github-actions.yml", schema("github-workflows"), "runs-on:", "run-on:"),
    ("github-actions.yml", lambda file: ["actionlint", "-shellcheck=", "-pyflakes=", file], "secrets.", "secret."),
    # Its patterns are not all of the stricter kind.
    ("azure-pipelines.yml", schema("azure-pipelines", "--data-transform", "azure-pipelines", "--regex-variant",
                                   "nonunicode"), "- script:", "- skript:"),
]


def run(command):
    program, *rest = command
    return subprocess.run([environment("delivery") / program, *rest], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("name, command, right, wrong", LINTERS, ids=["kubernetes", "schema", "actionlint", "azure"])
def test_the_linter_agrees_and_would_refuse_a_mistake(tmp_path, name, command, right, wrong):
    file = tmp_path / name
    file.write_text((EXAMPLE / name).read_text())
    done = run(command(file))
    assert done.returncode == 0, done.stdout + done.stderr
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong, 1))
    done = run(command(file))
    assert done.returncode == 1 and "Traceback" not in done.stderr, done.stdout + done.stderr


@pytest.fixture(scope="module")
def groovy_lint():
    place = FOLDER / "groovy-lint"
    program = place / "node_modules" / ".bin" / "npm-groovy-lint"
    place.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / "groovy-lint.busy", "w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        if not (place / "made").exists():
            subprocess.run(["npm", "install", "--prefix", place, "--no-save", "--no-package-lock", "--no-audit",
                            "--no-fund", "--silent", GROOVY_LINT], check=True, timeout=900)
            (place / "made").touch()
    return program


@needs_node
def test_the_jenkinsfile_is_groovy(groovy_lint, tmp_path):
    def lint(text):
        (tmp_path / "Jenkinsfile").write_text(text)
        return subprocess.run([groovy_lint, "--noserver", "--failon", "warning", "Jenkinsfile"], cwd=tmp_path,
                              capture_output=True, text=True, timeout=300)

    text = (EXAMPLE / "Jenkinsfile").read_text()
    done = lint(text)
    assert done.returncode == 0, done.stdout + done.stderr
    assert lint(text.rstrip().removesuffix("}")).returncode == 1


@pytest.mark.parametrize("name", FILES)
def test_each_runs_the_read_and_then_the_delivery(name):
    words = re.sub(r"[\s\-]*\n[\s\-]*(?=\S)", lambda found: " --" if "- --" in found[0] else " ",
                   (EXAMPLE / name).read_text())
    text = re.sub(r"[\"',\[\]]", "", words)
    assert re.search(r"read --config config\.json --streams port_\* --output \S*sentry --full-refresh", text)
    assert re.search(r"deliver\.py \S*sentry --port-file port-app-config\.yml", text)
    assert text.rindex("--full-refresh") < text.rindex("deliver.py ")
    usage = subprocess.run([EXECUTABLE, "read", "--help"], capture_output=True, text=True).stdout
    for flag in ("--config", "--streams", "--output", "--full-refresh"):
        assert re.search(rf"{flag}\b", usage), flag


def test_what_the_cronjob_mounts_is_all_that_the_script_imports():
    named = set(re.findall(r"--from-file (\S+\.py)", (EXAMPLE / "cronjob.yaml").read_text()))
    assert named == {path.name for path in EXAMPLE.glob("*.py")}
