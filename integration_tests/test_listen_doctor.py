"""The doctor asks Sentry whether its webhooks come."""

import json
import os
import subprocess

import pytest
from support.listener import LISTEN
from support.tokens import TOKEN


@pytest.fixture
def doctor(connector):
    def ask(sandbox, *options):
        done = subprocess.run([LISTEN, "doctor", "--config", connector.file("config.json", sandbox.config(auth_token=TOKEN)),
                               *options], capture_output=True, timeout=120, env={**os.environ, "HOME": str(connector.folder)})
        assert TOKEN.encode() not in done.stdout + done.stderr
        return done.returncode, done.stdout.decode(), done.stderr.decode()
    return ask


def app_with_webhooks(sandbox):
    return next(row for row in sandbox.rows("sentry_apps") if row["webhookUrl"])


def test_it_finds_the_integration_by_its_url(doctor, start_sandbox):
    sandbox = start_sandbox("--events", 100)
    app = app_with_webhooks(sandbox)
    code, said, _ = doctor(sandbox, "--public-url", app["webhookUrl"].replace("https://apps", "HTTPS://Apps") + "/")
    assert f"{app['name']} ({app['slug']}) sends its webhooks to {app['webhookUrl']}." in said
    assert code in (0, 1) and ("wrong:" in said) == (code == 1)
    assert len(said.splitlines()) > 2
    for event in app["events"]:
        assert event in said


def test_it_says_what_to_do_where_there_is_none(doctor, start_sandbox):
    sandbox = start_sandbox("--events", 100)
    code, said, _ = doctor(sandbox, "--public-url", "https://nobody.example.com/")
    assert code == 1 and "No integration sends its webhooks to https://nobody.example.com/." in said
    assert app_with_webhooks(sandbox)["webhookUrl"] in said and "Create New Integration" in said


def test_a_wrong_token_is_told(doctor, start_sandbox, connector):
    sandbox = start_sandbox("--events", 100)
    done = subprocess.run([LISTEN, "doctor", "--config",
                           connector.file("wrong.json", sandbox.config(auth_token="sntryu_wrong-token-of-nobody"))],
                          capture_output=True, timeout=120, env={**os.environ, "HOME": str(connector.folder)})
    assert done.returncode == 1 and done.stdout == b""
    assert "token" in json.loads(done.stderr.decode().splitlines()[-1])["message"]
