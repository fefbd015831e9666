"""What people see: words on stderr, and the protocol as ever where a platform calls."""

import json
import os
import re
import shlex
import shutil
import subprocess
import time

import pytest
from support.connector import EXECUTABLE, STREAMS, catalog
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


@pytest.fixture
def slow_read(connector, start_sandbox):
    """The arguments of a read into files that takes some seconds."""
    sandbox = start_sandbox("--projects", 3, "--events", 1500, "--event-size", "small", "--latency", 120)
    return [*connector.arguments("read", sandbox.config(project=None), catalog("events", "projects")),
            "--output", str(connector.folder / "out")]


LIVE = re.compile(r"^events +(\[[#-]+\] +)?\d+% +[\d,]+ records +[\d,]+/s")


def frames(text):
    """What the terminal showed between two erasures of the lines that change."""
    return [frame.replace("\r\n", "\n") for frame in re.split(r"\r\x1b\[\d+A\x1b\[J", text)]


@pytest.mark.parametrize("columns", [80, 200])
def test_progress_fits_the_terminal_and_leaves_the_summary_alone(slow_read, columns):
    terminal = Terminal(columns)
    assert terminal.run(*slow_read, stdout=subprocess.DEVNULL) == 0
    shown = frames(terminal.text.decode())
    lines = [line for frame in shown[:-1] for line in frame.splitlines()]
    assert lines and max(map(len, lines)) < columns
    assert any(LIVE.match(line) for line in lines), lines
    assert any("streams done" in line for line in lines)
    summary = shown[-1].splitlines()
    assert [line.split()[0] for line in summary] == ["events", "projects", "Read"]
    assert all(line.endswith("complete") for line in summary[:2]) and "1,503 records" in summary[2]
    terminal.close()


def test_a_terminal_that_changes_its_width_shows_whole_lines(slow_read):
    terminal = Terminal(200)
    terminal.start(*slow_read, stdout=subprocess.DEVNULL)
    while not any(LIVE.match(frame) for frame in frames(terminal.text.decode())):
        assert terminal.process.poll() is None
        terminal.take(1)
    terminal.resize(60)
    before = len(terminal.text)
    assert terminal.wait() == 0
    after = frames(terminal.text[before:].decode())[2:-1]
    assert after and all(len(line) < 60 for frame in after for line in frame.splitlines()), after
    terminal.close()


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_a_real_terminal_ends_with_the_summary_alone(slow_read, tmp_path):
    """Resized on the way: what is left on the screen is what a person reads."""
    script = tmp_path / "read.sh"
    script.write_text(f"{shlex.join([EXECUTABLE, *slow_read])}; echo done > {tmp_path}/done; sleep 60\n")
    tmux = ["tmux", "-S", str(tmp_path / "tmux"), "-f", os.devnull]
    subprocess.run([*tmux, "new-session", "-d", "-x", "200", "-y", "20", f"sh {script}"], check=True)
    try:
        def screen():
            return subprocess.run([*tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True).stdout.strip()
        until = time.monotonic() + 60
        while not LIVE.match(screen()):
            assert time.monotonic() < until, screen()
            time.sleep(0.05)
        subprocess.run([*tmux, "resize-window", "-x", "70"], check=True)
        while not (tmp_path / "done").exists():
            assert time.monotonic() < until, screen()
            time.sleep(0.05)
        assert [line.split()[0] for line in screen().splitlines() if not line.startswith(" ")][:3] == [
            "events", "projects", "Read"], screen()
        assert "streams done" not in screen()
    finally:
        subprocess.run([*tmux, "kill-server"], check=True)


def test_a_log_gets_the_summary_alone_and_more_if_it_is_asked_for(connector, sandbox):
    """As a cron job's does."""
    arguments = connector.arguments("read", sandbox.config(), catalog("issues", "projects"))
    to_files = [*arguments, "--output", str(connector.folder / "out")]
    run = connector.run(*to_files)
    assert run.code == 0 and run.stdout == b"" and "\x1b" not in run.stderr
    assert [line.split()[0] for line in run.stderr.splitlines()] == ["issues", "projects", "Read"]
    run = connector.run(*arguments, "--progress", "json")
    last = json.loads(run.stderr.splitlines()[-1])
    assert last["done"] and [stream["status"] for stream in last["progress"]] == ["complete", "complete"]
    assert [stream["records"] for stream in last["progress"]] == [len(run.records(name)) for name in ("issues", "projects")]
    assert connector.run(*arguments, "--progress", "off").stderr == ""


def test_what_failed_is_told_and_summed_up(connector, sandbox):
    config = sandbox.config(auth_token="sandbox-scopes-org.read-project.read")
    run = connector.run(*connector.arguments("read", config, catalog("issues", "projects")),
                        "--output", str(connector.folder / "out"))
    lines = run.stderr.splitlines()
    assert run.code == 1 and run.stdout == b""
    assert lines[0].startswith("error: issues: ") and "event:read" in lines[0]
    assert lines[-3].startswith("issues ") and "incomplete: " in lines[-3] and lines[-2].endswith("complete")
    assert lines[-1].endswith("1 stream is not complete. Correct what the errors name; the same command resumes where this run "
                              "stopped.")
