"""What is made of the command line itself: completions, by real shells, and the manual page."""

import os
import re
import shutil
import subprocess

import pytest
from support import shells
from support.connector import ALL, EXECUTABLE
from support.protocol import ROOT

# Of Airbyte's platform, and of any terminal; not for people to set.
UNTOLD = {"AIRBYTE_ENTRYPOINT", "DEPLOYMENT_MODE", "HOME", "TERM",
          "SENTRY_CLIENT_SECRET"}  # the listener's

# What CLI11 itself adds to the help.
CLI11S = {"usage", "excludes", "positionals", "required", "print", "this", "help", "message", "and", "exit", "-h"}


def printed(*arguments):
    return subprocess.run([EXECUTABLE, *arguments], check=True, capture_output=True, text=True).stdout


COMMANDS = re.findall(r"^  (\w+) ", re.search(r"^Commands:\n(.*?)\n\n", printed("--help"), re.M | re.S)[1], re.M)


def words_in(text):
    return {word.strip(".") for word in re.findall(r"[\w'*.-]+", text.lower())}


def flags_in(text):
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text))


@pytest.fixture(params=["bash", "zsh", "fish"])
def shell(request, tmp_path):
    (tmp_path / "config.json").touch()
    (tmp_path / "data").mkdir()
    shell = shells.start(request.param, tmp_path)
    yield shell
    shell.stop()


def test_shells_complete_what_the_command_line_takes(shell):
    for line, wanted in {
        "source-sentry comp": {"completion"},
        "source-sentry completion ": {"bash", "zsh", "fish"},
        "source-sentry read --form": {"--format"},
        "source-sentry read --format ": {"jsonl", "csv"},
        "source-sentry read --format=c": {"--format=csv"},
        "source-sentry --debug read --progress p": {"plain"},
        "source-sentry read --streams ": set(ALL),
        "source-sentry read --streams issues,project_": {f"issues,{name}" for name in ALL
                                                         if name.startswith("project_")},
        "source-sentry streams events project_k": {"project_keys"},
        "source-sentry preview rel": {name for name in ALL if name.startswith("rel")},
        "source-sentry preview -n 3 tea": {"teams", "team_members"},
        "source-sentry read --streams !ev": {f"!{name}" for name in ALL if name.startswith("ev")},
        "source-sentry check --config con": {"config.json"},
        "source-sentry read --output da": {"data"},
    }.items():
        assert {word.strip().rstrip("/") for word in shell.complete(line)} == wanted, line
    assert {"check", "read", "completion", "man"} < set(COMMANDS) <= shell.complete("source-sentry ")
    flags = {word for word in shell.complete("source-sentry read --") if word.startswith("--")}
    assert flags == flags_in(printed("read", "--help")) | {"--debug", "--version"}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The manual page as people read it."""
    if shutil.which("man") is None:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse("there is no man here: install the package man-db")
    path = tmp_path_factory.mktemp("man") / "source-sentry.1"
    path.write_text(printed("man"))
    done = subprocess.run(["man", "--warnings", "--local-file", path], capture_output=True, text=True,
                          env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_the_manual_page_says_what_the_help_says(page):
    helps = [printed("--help"), *[printed(command, "--help") for command in COMMANDS if command != "listen"]]  # it has a page of its own
    assert set().union(*map(flags_in, helps)) - {"--help"} <= flags_in(page)
    missing = set().union(*map(words_in, helps)) - words_in(page)
    assert missing <= CLI11S, missing


def test_every_variable_that_is_read_is_in_the_help():
    text = "".join(path.read_text() for path in (ROOT / "src").glob("**/*.cpp"))
    read = set(re.findall(r'(?:environment|variable)\("(\w+)"\)', text))
    read |= set(re.findall(r'"((?:SENTRY|SSL|REQUESTS|CURL)_[A-Z_]+)"', text)) - {"SENTRY_"}
    assert len(read) > 8 and read - UNTOLD <= set(re.findall(r"[A-Z_]{5,}", printed("--help")))


@pytest.mark.parametrize("arguments", [["man"], ["completion", "bash"]])
def test_a_full_disk_is_told(arguments):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([EXECUTABLE, *arguments], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1 and b"stdout cannot be written" in done.stderr
