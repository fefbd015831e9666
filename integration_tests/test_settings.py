"""Settings without a configuration file: flags, the environment, the files of sentry-cli."""

import json
import os
import subprocess

import pytest
from support.connector import EXECUTABLE, Run, catalog

TOKEN = "sntryu_a-token-that-must-never-be-seen"


@pytest.fixture
def call(tmp_path):
    """Runs the executable in a folder with nothing of ours in its environment."""
    (tmp_path / "home").mkdir()
    (tmp_path / "work").mkdir()

    def run(*arguments, **variables):
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SENTRY_")}
        done = subprocess.run([EXECUTABLE, *arguments], capture_output=True, timeout=120, cwd=tmp_path / "work",
                              env={**environment, "HOME": str(tmp_path / "home"), **variables})
        return Run(done.returncode, b"" if arguments[0] == "config" else done.stdout, done.stderr), done.stdout.decode()
    return run


def variables(sandbox):
    config = sandbox.config()
    return {"SENTRY_AUTH_TOKEN": config["auth_token"], "SENTRY_ORG": config["organization"],
            "SENTRY_PROJECT": config["project"], "SENTRY_URL": config["hostname"]}


def test_a_read_from_the_environment_alone(call, sandbox):
    run, _ = call("read", "--streams", "project_keys", **variables(sandbox))
    assert run.code == 0 and run.records("project_keys") and run.stderr == ""
    assert "auth_token from SENTRY_AUTH_TOKEN" in "".join(run.logs("INFO"))
    assert variables(sandbox)["SENTRY_AUTH_TOKEN"] not in run.stdout.decode()
    check, _ = call("check", "--org", "no-such-one", **variables(sandbox))
    assert check.connection_status()["status"] == "FAILED"


def test_a_read_from_the_files_of_sentry_cli(call, sandbox, tmp_path):
    config = sandbox.config()
    (tmp_path / "home" / ".sentryclirc").write_text(
        f"[auth]\ntoken={config['auth_token']}\n[defaults]\nurl={config['hostname']}\norg=other\n")
    (tmp_path / ".sentryclirc").write_text(f"[defaults]\norg={config['organization']}\nproject={config['project']}\n")
    run, _ = call("read", "--streams", "project_keys")
    assert run.code == 0 and run.records("project_keys")


def test_airbytes_way_reads_neither_environment_nor_files(call, connector, sandbox, tmp_path):
    (tmp_path / "work" / ".sentryclirc").write_text("[defaults]\nproject=nonsense\nurl=https://evil.example\n")
    config = connector.file("c.json", {key: value for key, value in sandbox.config().items() if key != "project"})
    run, _ = call("read", "--config", config, "--catalog", connector.file("k.json", catalog("project_keys")),
                  SENTRY_PROJECT="nonsense", SENTRY_PROPERTIES="/nowhere")
    assert run.code == 0 and run.records("project_keys") and not run.logs("WARN")
    lacking = connector.file("lacking.json", {"organization": "o"})
    check, _ = call("check", "--config", lacking, SENTRY_AUTH_TOKEN=TOKEN)
    assert "'auth_token' is a required property" in check.connection_status()["message"]


def test_a_token_never_goes_to_an_address_that_came_with_a_folder(call, tmp_path):
    (tmp_path / "work" / ".sentryclirc").write_text("[defaults]\nurl=http://127.0.0.1:1\n")
    run, _ = call("read", "--org", "o", SENTRY_AUTH_TOKEN=TOKEN)
    assert run.code == 1 and not run.of("RECORD")
    assert f"{tmp_path}/work/.sentryclirc" in run.errors()[0]["message"] and "SENTRY_AUTH_TOKEN" in run.errors()[0]["message"]
    assert TOKEN not in run.stdout.decode() + run.stderr


def test_config_shows_each_value_with_its_source(call, connector, tmp_path):
    config = connector.file("c.json", {"organization": "acme", "proxy": "http://me:pa55word@proxy:1", "projcts": ["x"]})
    (tmp_path / "work" / ".sentryclirc").write_text("[defaults]\nproject=web\n")
    arguments = ("config", "--config", config, "--set", "num_workers=7")
    run, text = call(*arguments, SENTRY_AUTH_TOKEN=TOKEN)
    lines = {line.split()[0]: line.split()[1:] for line in text.splitlines()}
    assert run.code == 1 and "did you mean projects?" in run.stderr
    assert lines["auth_token"] == ["****", "variable", "SENTRY_AUTH_TOKEN"]
    assert lines["organization"] == ["acme", "config", config]
    assert lines["project"] == ["web", "file", f"{tmp_path}/work/.sentryclirc"]
    assert lines["num_workers"] == ["7", "flag", "--set", "num_workers"]
    assert lines["hostname"] == ["sentry.io", "default"]
    assert lines["proxy"][0] == "****" and "projcts" in lines
    _, printed = call(*arguments, "--json", SENTRY_AUTH_TOKEN=TOKEN)
    shown = json.loads(printed)
    assert shown["auth_token"] == {"value": "****", "from": "variable", "name": "SENTRY_AUTH_TOKEN"}
    assert {key: one["value"] for key, one in shown.items()} == {key: line[0] for key, line in lines.items()}
    assert TOKEN not in text + printed and "pa55word" not in text + printed
    assert call("config", "--org", "acme", SENTRY_AUTH_TOKEN=TOKEN)[0].code == 0
    broken, _ = call("config", "--since", "yesterday")
    assert broken.code == 1 and "start_date" in broken.stderr


@pytest.mark.parametrize("flag", [["--auth-token", TOKEN], [f"--token={TOKEN}"], ["--set", f"auth_token={TOKEN}"]])
def test_a_token_on_the_command_line_is_refused(call, flag):
    run, text = call("check", "--org", "o", *flag)
    assert run.code == 2 and TOKEN not in text + run.stderr
    assert "list of processes" in run.stderr and "SENTRY_AUTH_TOKEN" in run.stderr and "--config" in run.stderr


def test_nothing_to_work_with_is_wrong_usage(call):
    for command in ("check", "discover", "read"):
        run, text = call(command)
        assert run.code == 2 and text == "" and "--config" in run.stderr and "SENTRY_AUTH_TOKEN" in run.stderr
