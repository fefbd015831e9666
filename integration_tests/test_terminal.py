"""What people see: words on stderr, and the protocol as ever where a platform calls."""

import json
import subprocess

import pytest
from support.connector import STREAMS, catalog
from support.terminal import Terminal


@pytest.fixture
def terminal():
    terminal = Terminal()
    yield terminal
    terminal.close()


def test_a_platform_sees_nothing_on_stderr(connector, sandbox, terminal):
    """Its stdout is a pipe; its stderr may be inherited, as PyAirbyte's is."""
    arguments = connector.arguments("read", sandbox.config(), catalog("issues", "projects"))
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as pipe:
        assert terminal.run(*arguments, stdout=pipe.stdin) == 0
        lines = pipe.communicate()[0].splitlines()
    assert terminal.text == b"" and all(json.loads(line) for line in lines)
    refused = connector.arguments("read", sandbox.config(auth_token="nonsense"), catalog("issues"))
    assert terminal.run(*refused, stdout=subprocess.DEVNULL) == 1
    assert terminal.text == b""


def test_check_answers_in_one_sentence_on_a_terminal(connector, sandbox, terminal):
    assert terminal.run(*connector.arguments("check", sandbox.config(project=None, projects=["web", "api"]))) == 0
    assert f"Can read all {len(STREAMS)} streams of 2 projects: api, web." in terminal.lines()
    assert any('"CONNECTION_STATUS"' in line for line in terminal.lines()), "JSON on stdout stays"


@pytest.mark.parametrize("change, says", [({"auth_token": "nonsense"}, "error: Sentry does not know the token"),
                                          ({"project": "wbe"}, "error: There is no project \"wbe\""),
                                          ({"num_workers": 99}, "error: ")])
def test_a_check_that_fails_says_so_in_red_and_may_say_so_by_its_exit_code(connector, sandbox, change, says):
    arguments = connector.arguments("check", sandbox.config(**change))
    for flag, code in (([], 0), (["--exit-code"], 1)):
        for env, colour in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            terminal = Terminal(columns=200)
            assert terminal.run(*arguments, *flag, env={"NO_COLOR": None, **env}) == code
            text = terminal.text.decode()
            assert ("\x1b" in text) == colour, text
            assert says in text.replace("\x1b[1;31m", "").replace("\x1b[0m", ""), text
            terminal.close()
    assert connector.run(*connector.arguments("check", sandbox.config()), "--exit-code").code == 0


def test_errors_in_words_hold_no_secret(connector, sandbox):
    config = connector.file("config.json", {**sandbox.config(), "auth_token": "sntryu_a-secret", "hostname": "x y"})
    run = connector.run("read", "--config", config, "--catalog", connector.file("catalog.json", catalog("issues")),
                        "--output", str(connector.folder / "out"))
    assert run.code == 1 and run.stdout == b"" and run.stderr.startswith("error: ") and "sntryu_a-secret" not in run.stderr
