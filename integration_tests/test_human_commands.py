"""The commands for people that Airbyte does not know: streams, preview and plan."""

import collections
import json
import os
import subprocess

import pytest
from support.connector import ALL, EXECUTABLE, STREAMS, TABLE, catalog
from support.hostile import link, sentry_with
from support.protocol import ROOT
from support.terminal import Terminal


@pytest.fixture
def say(connector, tmp_path):
    """Runs a command whose stdout is not the protocol's. Returns its exit code, stdout and stderr."""
    def run(*arguments, **variables):
        done = subprocess.run([EXECUTABLE, *arguments], capture_output=True, text=True, timeout=120, cwd=tmp_path,
                              env={**os.environ, "HOME": str(tmp_path), **variables})
        return done.returncode, done.stdout, done.stderr
    return run


def test_streams_lists_the_table_without_settings(say):
    code, text, said = say("streams")
    assert code == 0 and said == "" and "\x1b" not in text
    lines = text.splitlines()
    assert [line.split()[0] for line in lines[1:-1]] == list(ALL)
    events = next(line for line in lines if line.startswith("events"))
    for part in ("events *", "[projectID,] id", "dateCreated", "project:read", "10 to 100 of a project"):
        assert part in events
    assert say("streams", "project_k*", "project_d*")[1].count("\n") == 3


def test_streams_in_json_says_the_same_as_discover(say):
    code, text, said = say("streams", "--json")
    assert code == 0 and said == ""
    rows = {row["name"]: row for row in json.loads(text)["streams"]}
    assert list(rows) == list(ALL)
    for stream in TABLE:
        row = rows[stream["name"]]
        assert row["sync_modes"] == stream["supported_sync_modes"]
        assert row["cursor"] == (stream.get("default_cursor_field") or [None])[0]
        assert all(":" in scope for scope in row["scopes"]) and row["about"]
    assert {name for name, row in rows.items() if row["suggested"]} == {"events", "issues", "projects", "releases"}


@pytest.mark.parametrize("columns", [80, 200])
def test_streams_fits_the_terminal(columns):
    terminal = Terminal(columns=columns)
    assert terminal.run("streams", env={"NO_COLOR": None}) == 0
    assert "\x1b[1mstream" in terminal.text.decode()
    assert all(len(line.replace("\x1b[1m", "").replace("\x1b[0m", "")) <= columns for line in terminal.lines())
    terminal.close()
    plain = Terminal(columns=columns)
    assert plain.run("streams", env={"NO_COLOR": "1"}) == 0 and b"\x1b" not in plain.text
    plain.close()


def test_a_mistyped_stream_gets_a_near_match(say):
    code, text, said = say("streams", "isues")
    assert code == 2 and text == "" and 'There is no stream "isues". Did you mean "issues"?' in said


@pytest.mark.parametrize("stream", STREAMS)
def test_streams_has_the_columns_for_duckdb(say, stream):
    code, text, said = say("streams", stream, "--duckdb")
    assert code == 0 and said == "" and text.startswith("columns = {'") and text.endswith("}\n")
    columns = dict(part.split("': '") for part in text[len("columns = {'"):-len("'}\n")].split("', '"))
    schema = json.loads((ROOT / "schemas" / f"{stream}.json").read_text())
    assert list(columns) == list(schema["properties"])
    kinds = {"string": {"VARCHAR", "TIMESTAMPTZ"}, "integer": {"BIGINT"}, "number": {"DOUBLE"},
             "boolean": {"BOOLEAN"}, "array": {"JSON"}, "object": {"JSON"}}
    for key, kind in columns.items():
        assert kind in kinds[schema["properties"][key]["type"][1]], key
    cursor = next(one for one in TABLE if one["name"] == stream).get("default_cursor_field")
    assert cursor is None or columns[cursor[0]] == "TIMESTAMPTZ"


def test_the_columns_for_duckdb_are_those_of_one_stream(say):
    code, text, said = say("streams", "--duckdb")
    assert code == 2 and text == "" and "one stream" in said


def documents(text):
    """The JSON documents that stand one after another at the beginning of a text, and what follows them."""
    found, decoder = [], json.JSONDecoder()
    while text.lstrip().startswith("{"):
        text = text.lstrip()
        one, end = decoder.raw_decode(text)
        found.append(one)
        text = text[end:]
    return found, text.strip()


@pytest.mark.parametrize("stream", STREAMS)
def test_preview_shows_real_records(say, connector, sandbox, stream):
    """Those that a read gives; and our schemas fit them."""
    config = connector.file("config.json", sandbox.config())
    known = {json.dumps(record, sort_keys=True)
             for record in connector.read(sandbox.config(), catalog(stream)).records(stream)}
    code, text, said = say("preview", stream, "-n", "2", "--config", config)
    records, view = documents(text)
    assert code == 0 and said == "" and len(records) == min(2, len(known))
    assert {json.dumps(record, sort_keys=True) for record in records} <= known
    assert "Every value is of the type" in view
    code, text, _ = say("preview", stream, "-n", "2", "--json", "--config", config)
    document = json.loads(text)
    assert code == 0 and document["stream"] == stream and document["records"] == records
    assert all("." in key for key in document["unknown_keys"]), "objects inside records are open"
    assert document["type_differences"] == []


def test_preview_takes_no_more_pages_than_it_needs_and_writes_nothing(say, connector, sandbox, tmp_path):
    config = connector.file("config.json", sandbox.config())
    before = set(tmp_path.iterdir())
    sandbox.control("DELETE", "requests")
    code, text, _ = say("preview", "events", "-n", "3", "--config", config)
    lists = [request for request in sandbox.requests() if "/events/" in request["path"]]
    assert code == 0 and len(documents(text)[0]) == 3 and len(lists) == 1
    assert set(tmp_path.iterdir()) == before


def test_preview_says_what_the_schema_does_not_know(say, connector, serve):
    server = serve(sentry_with("/events/", lambda _: {
        "body": '[{"id":12345678901234567890123,"dateCreated":"2026-01-10T00:00:00Z","brandNew":1.10,"message":"\u009b31m"}]',
        "headers": link()}))
    config = connector.file("config.json", server.config())
    code, text, _ = say("preview", "events", "--config", config)
    assert code == 0 and "12345678901234567890123" in text and "1.10" in text and "\u009b" not in text
    for part in ("Unknown to the schema of events: brandNew.", "id is of type ", "and not string"):
        assert part in text
    document = json.loads(say("preview", "events", "--json", "--config", config)[1])
    assert document["unknown_keys"] == ["brandNew"] and document["type_differences"][0]["key"] == "id"


def test_preview_takes_settings_like_read(say, sandbox):
    config = sandbox.config()
    given = {"SENTRY_AUTH_TOKEN": config["auth_token"], "SENTRY_ORG": config["organization"],
             "SENTRY_URL": config["hostname"]}
    code, text, _ = say("preview", "issues", "-n", "1", "--project", config["project"], **given)
    assert code == 0 and documents(text)[0][0]["project"]["slug"] == config["project"]


def test_preview_fails_in_words(say, connector, sandbox):
    config = connector.file("config.json", sandbox.config(auth_token="nonsense"))
    code, text, said = say("preview", "issues", "--config", config)
    assert code == 1 and text == "" and said.startswith("error: Sentry does not know the token")
    code, text, said = say("preview", "isues", "--config", config)
    assert code == 2 and text == "" and 'Did you mean "issues"?' in said
    code, text, said = say("preview", "iss*", "--config", config)
    assert code == 1 and text == "" and "not the name of one stream" in said
    assert say("preview", "issues")[0] == 2 and say("preview")[0] == 2


def plan_of(say, *arguments, **variables):
    code, text, said = say("plan", "--json", *arguments, **variables)
    assert code == 0, said
    document = json.loads(text)
    return {stream["name"]: stream for stream in document["streams"]}, document["together"]


@pytest.mark.parametrize("project", ["web", None])
def test_plan_counts_what_a_read_then_brings(say, connector, sandbox, project):
    config = connector.file("config.json", sandbox.config(project=project))
    sandbox.control("DELETE", "requests")
    plan, together = plan_of(say, "--config", config, "--streams", "*")
    asked = len(sandbox.requests())
    assert list(plan) == STREAMS
    sandbox.control("DELETE", "requests")
    run = connector.run("read", "--config", config, "--streams", "*")
    made = collections.Counter(request["path"].split("?")[0] for request in sandbox.requests())
    for stream, planned in plan.items():
        count = len(run.records(stream))
        if planned["records"]["is"] == "at least":  # Sentry counts no releases
            assert stream == "releases" and planned["records"]["number"] == 100 < count
            continue
        assert planned["records"] == {"number": count, "is": "about" if stream == "issues" else "exact"}, stream
        size = sum(len(json.dumps(record, separators=(",", ":"), ensure_ascii=False).encode())
                   for record in run.records(stream))
        assert size / 3 <= planned["bytes"] <= size * 3, stream
        assert planned["seconds"] >= 0 and planned["resumes"] is False
    # A plan is cheap, and does not forget what costs most.
    assert asked < sum(made.values())
    assert 0.5 <= together["requests"]["number"] / sum(made.values()) <= 2
    assert plan["events"]["from"].startswith("2025-10-17")


def test_plan_with_a_state_plans_the_next_read(say, connector, sandbox):
    config = connector.file("config.json", sandbox.config())
    folder = str(connector.folder / "sentry")
    assert say("read", "--config", config, "--output", folder)[0] == 0
    before = sorted((path.name, path.stat().st_mtime_ns) for path in (connector.folder / "sentry").rglob("*"))
    plan, _ = plan_of(say, "--config", config, "--output", folder)
    whole, _ = plan_of(say, "--config", config, "--output", folder, "--full-refresh")
    assert sorted((path.name, path.stat().st_mtime_ns)
                  for path in (connector.folder / "sentry").rglob("*")) == before, "it touches nothing"
    assert plan["events"]["resumes"] and not whole["events"]["resumes"]
    assert plan["events"]["records"]["number"] < whole["events"]["records"]["number"]
    assert "next read" in say("plan", "--config", config, "--output", folder)[1]
    assert "first read" in say("plan", "--config", config, "--output", folder + "2")[1]
    run = connector.run("read", "--config", config)
    saved = connector.file("state.jsonl", run.stdout)
    assert plan_of(say, "--config", config, "--state", saved)[0]["events"]["resumes"]
    code, _, said = say("plan", "--config", config, "--output", folder, "--org", "globex", "--project", "ship")
    assert code == 1 and "holds the records of the organization" in said


def test_plan_knows_how_long_the_limits_make_it_take(say, connector, start_sandbox):
    world = start_sandbox("--limits", "sentry.io", "--events", 2000)
    config = connector.file("config.json", world.config(project=None))
    plan, together = plan_of(say, "--config", config, "--streams", "events")
    pages = plan["events"]["requests"]["number"]
    assert plan["events"]["records"] == {"number": 2000, "is": "exact"} and 200 <= pages <= 203
    # Sixty a minute, of which the first sixty go at once.
    assert plan["events"]["seconds"] == together["seconds"] == (pages - 1) // 60 * 60


def test_plan_names_the_scope_that_a_stream_lacks(say, connector, sandbox):
    config = connector.file("config.json", sandbox.config(auth_token="sandbox-scopes-event.read-org.read"))
    plan, _ = plan_of(say, "--config", config, "--streams", "issues,project_keys,teams")
    assert plan["project_keys"]["missing_scope"] == "project:read" and plan["project_keys"]["error"]
    assert plan["issues"]["records"]["number"] > 0 and "error" not in plan["issues"]
    code, text, _ = say("plan", "--config", config, "--streams", "issues,project_keys,teams")
    assert code == 0 and "needs project:read" in text


@pytest.mark.parametrize("columns", [80, 200])
def test_plan_fits_the_terminal(connector, sandbox, columns):
    terminal = Terminal(columns=columns)
    config = connector.file("config.json", sandbox.config(auth_token="sandbox-scopes-event.read-org.read"))
    assert terminal.run("plan", "--config", config, "--streams", "*", env={"NO_COLOR": "1"}) == 0
    shown = [line for line in terminal.lines() if not line.startswith("warning: ")]
    assert len(shown) > len(STREAMS) and all(len(line) <= columns for line in shown), shown
    terminal.close()


def test_plan_fails_in_words(say, connector, sandbox):
    config = connector.file("config.json", sandbox.config(auth_token="nonsense"))
    code, text, said = say("plan", "--config", config)
    assert code == 1 and text == "" and said.startswith("error: Sentry does not know the token")


def test_check_in_json_is_one_document(say, connector, sandbox):
    config = connector.file("config.json", sandbox.config(project=None, projects=["web", "api"]))
    code, text, said = say("check", "--json", "--config", config)
    assert code == 0 and said == ""
    assert json.loads(text) == {"succeeded": True, "message": "", "readable_streams": len(STREAMS),
                                "streams": len(STREAMS), "projects": ["api", "web"]}
    config = connector.file("config.json", sandbox.config(auth_token="nonsense"))
    code, text, _ = say("check", "--json", "--exit-code", "--config", config)
    assert code == 1 and json.loads(text)["succeeded"] is False and "token" in json.loads(text)["message"]
