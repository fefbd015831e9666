"""Expressions of mapped_streams that are wrong, run for ever, or look where they should not; and `preview`, which tries
them on records."""

import json
import os
import subprocess

import pytest
from support.connector import EXECUTABLE, Run
from support.mapped import config, of_issues, read, wanted

OPEN = of_issues("open_issues", select='.status == "unresolved"', map={"id": ".id", "title": ".title"})
MISTAKES = {
    "a core name": ({**OPEN, "name": "issues"}, ["mapped_streams[0]", "\"issues\"", "Choose another"]),
    "an unknown source": ({**OPEN, "from": "isues"}, ["mapped_streams[0].from", 'did you mean "issues"?']),
    "an unknown key": ({**OPEN, "form": "x"}, ["mapped_streams[0]", '"form"']),
    "no such member": ({**OPEN, "primary_key": ["nope"]}, ['"open_issues".primary_key', '"nope"']),
    "a marker of everything": (of_issues(select_marker=True), ['"mine".select_marker needs a select']),
    "a marker without a key": ({**OPEN, "map": {"x": ".id"}, "select_marker": True}, ["select_marker", "needs a primary_key"]),
    "a marker of a program": ({**OPEN, "map": ".", "select_marker": True, "primary_key": ["id"]},
                              ["select_marker cannot be used with one expression"]),
    "YAML": ({**OPEN, "map": "id: .id\n  b: .c"}, ['"open_issues".map, line 2, column 3', "deeper"]),
    "YAML in a value": ({**OPEN, "map": "id: .id\nb: .c: d"}, ['"open_issues".map, line 2, column 4']),
    "a function": ({**OPEN, "map": {"id": ".id", "days": ".id + (.b | tostrng)"}},
                   ['mapped_streams[0] "open_issues", leaf "map.days"', "tostrng/0", "line 1, column 13"]),
    "a second line": (of_issues(map=".title\n| nope"), ['"mine", map:', "nope/0", "line 2, column 3"]),
    "single quotes": ({**OPEN, "select": ".status == 'unresolved'"},
                      ['"open_issues", select', "double quotes", "column 12"]),
    "an empty one": ({**OPEN, "select": "# only"}, ['"open_issues", select', "empty"]),
    "a module": (of_issues(map={"a": 'import "a" as a; .'}), ['leaf "map.a"', "modules are not available"]),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_named_with_their_place(connector, sandbox, mistake):
    stream, says = MISTAKES[mistake]
    sandbox.reset()
    status = connector.check(config(sandbox, stream)).connection_status()
    assert status["status"] == "FAILED" and all(words in status["message"] for words in says), status
    run = read(connector, sandbox, stream)
    assert run.code == 1 and all(words in run.errors()[0]["message"] for words in says)
    assert not run.records()


def test_an_expression_that_brings_jq_down_is_told_and_ends_the_run(connector, sandbox):
    """CVE-2024-23337: libjq 1.6 counts past what it can hold. Nothing can catch that; the process says it and ends."""
    crashing = config(sandbox, of_issues("m", map={"x": "[] | .[2147483647] = 1 | length"}))
    done = subprocess.run([EXECUTABLE, *connector.arguments("read", crashing, wanted("m"))], capture_output=True, timeout=60)
    error = json.loads(done.stdout.splitlines()[-1])["trace"]["error"]
    assert done.returncode == 1 and error["failure_type"] == "config_error"
    assert "brought jq down" in error["message"] and "[] | .[2147483647] = 1" in error["message"]


def test_all_mistakes_are_told_at_once(connector, sandbox):
    wrong = config(sandbox, {**OPEN, "from": "isues", "selct": "1"}, of_issues(fields=["..", "a"]),
                   {**OPEN, "from": "mine2", "select": 5},
                   custom_streams=[{"name": "mine2", "path": "x/", "next": 5}, {"name": "z", "path": "{{ q }}/"}],
                   port_app_config="resources: [{kind: nope}, {kind: issue, port: {entity: {mappings: {icon: 5}}}}]")
    told = ['mapped_streams[0]: there is no key "selct"', "mapped_streams[1].fields", "mapped_streams[2].select",
            "custom_streams[0].next", "custom_streams[1].path", 'did you mean "issues"', "port_app_config.resources[0].kind",
            "resources[1].port.entity.mappings.identifier", "resources[1].port.entity.mappings.blueprint"]
    message = connector.check(wrong).connection_status()["message"]
    for run in (connector.discover(wrong), connector.read(wrong, wanted("mine"))):
        assert run.code == 1 and [error["message"] for error in run.errors()] == [message] and not run.records()
    # What may be right, were the others right, is not told.
    assert all(words in message for words in told) and 'stream "mine2"' not in message, message


def test_all_expressions_are_compiled_at_once(connector, sandbox):
    bad = [{**OPEN, "select": "no1", "map": {"id": ".id", "a": ".x | no2"}}, of_issues(map={"a": "no3"})]
    wrong = config(sandbox, *bad, custom_streams=[{"name": "z", "path": "projects/", "iterator": "no4"}])
    message = connector.check(wrong).connection_status()["message"]
    [error] = connector.discover(wrong).errors()
    assert error["message"] == message and [message.count(f"no{number}/0") for number in range(1, 5)] == [1] * 4
    assert 'mapped_streams[0] "open_issues", leaf "map.a"' in message and "line 1, column 6" in message
    run = read(connector, sandbox, *bad, also=["projects"])
    assert run.records("projects") and "no3/0" in run.errors("mine")[0]["message"]
    assert all(name in run.errors("open_issues")[0]["message"] for name in ("no1/0", "no2/0"))


def test_an_expression_without_an_end_ends_the_run(connector, sandbox):
    """Nothing waits for the worker that is stuck, and the protocol is kept: Run checks the order of the messages."""
    endless = of_issues("endless", map={"id": ".id", "x": "def f: f; if .id | tonumber % 7 == 3 then f else 1 end"})
    teams = {"name": "stuck_too", "path": "organizations/{{ organization }}/teams/", "iterator": "def g: g; g"}
    for stream, leaf, settings in (("endless", "map.x", {}), ("stuck_too", "iterator", {"custom_streams": [teams]})):
        streams = [endless] if stream == "endless" else []
        arguments = connector.arguments("read", config(sandbox, *streams, **settings), wanted("projects", stream))
        done = subprocess.run([EXECUTABLE, *arguments], capture_output=True, timeout=20)
        run = Run(done.returncode, done.stdout, done.stderr)
        [error] = run.errors()
        assert run.code == 1 and error["failure_type"] == "config_error"
        assert error["message"].startswith(f"{stream}, {leaf}: jq has worked on record ") and "def " in error["message"]
        assert [error] == run.errors(stream) and run.statuses(stream)[-1]["status"] == "INCOMPLETE"
        assert run.statuses("projects")[-1]["status"] == "COMPLETE"


def test_an_expression_without_an_end_fails_a_check(connector, sandbox):
    teams = {"name": "stuck_too", "path": "organizations/{{ organization }}/teams/", "iterator": "def g: g; g"}
    check = connector.check(config(sandbox, custom_streams=[teams]))
    status = check.of("CONNECTION_STATUS")[0]["connectionStatus"]
    assert check.code == 0 and status["status"] == "FAILED"
    assert status["message"].startswith("stuck_too, iterator: jq has worked on record of the first page for ")


@pytest.mark.parametrize("stream", ["stuck_too", "of_stuck"])
def test_an_expression_without_an_end_ends_a_preview(preview, sandbox, stream):
    """One of a custom stream, while its records are fetched, whoever needs them."""
    teams = {"name": "stuck_too", "path": "organizations/{{ organization }}/teams/", "iterator": "def g: g; g"}
    settings = config(sandbox, {"name": "of_stuck", "from": "stuck_too"}, custom_streams=[teams])
    assert "stuck_too, iterator: jq has worked on record " in preview(stream, config=settings, code=1)


REACHES = {"try env.HOME catch .": "env is not available here", "$ENV.HOME": None, "$ENV | tostring": "{}",
           "try input catch .": "input is not available here", "env | tostring": None, '$ENV["SECRET_OF_TEST"]': None}


@pytest.mark.parametrize("expression", REACHES)
def test_no_expression_reads_the_environment(connector, sandbox, expression):
    mine = of_issues(map={"id": ".id", "x": expression})
    run = connector.read(config(sandbox, mine), wanted("mine"), env={"SECRET_OF_TEST": "hidden-word"})
    assert run.records() and {row["x"] for row in run.records()} == {REACHES[expression]}
    printed = run.stdout.decode() + run.stderr
    assert "hidden-word" not in printed and os.environ["HOME"] not in printed


# preview, with no network and no token.
TRIED = {"organization": "acme", "hostname": "http://127.0.0.1:1", "mapped_streams": [
    of_issues(select='.level == "error"', map={"id": ".id", "day": ".firstSeen[0:10]", "bad": ".title.x", "n": ".n"}),
    {"name": "items", "from": "events", "items": ".entries", "item_name": "entry",
     "select": '.entry.type == "exception"', "map": {"id": '.id + "-" + .entry.type', "left": ".entries"}}]}
ISSUES = b"""{"id":"1","level":"error","title":"T","firstSeen":"2026-01-02T00:00:00Z","n":9007199254740993}
{"id":"2","level":"info","title":"U"}
"""


@pytest.fixture
def preview(connector):
    def run(*arguments, config=None, record=None, code=0):
        """What preview prints of `record`, or of what it fetches."""
        flags = ["--record", "-"] if record is not None else []
        done = subprocess.run([EXECUTABLE, "preview", *arguments, *flags, "--config", connector.file(
            "preview.json", config or TRIED)], input=record, capture_output=True, timeout=60)
        assert done.returncode == code, done.stderr
        return (done.stderr if code and not done.stdout else done.stdout).decode()
    return run


def test_preview_shows_each_step_of_given_records(preview):
    text = preview("mine", record=ISSUES, code=1)  # `bad` fails for every record
    for part in ('select: true   (.level == "error")', 'map.day: "2026-01-02" (string, jq)',
                 'map.id: "1" (string, bytes)', 'failed: Cannot index string with string "x"',
                 '"n": 9007199254740993', "no record: not selected",
                 "mine: 2 records read, 1 selected, 1 written."):
        assert part in text, text


def test_preview_prints_an_object_a_line(preview):
    first, second = [json.loads(line) for line in preview("mine", "--json", record=ISSUES, code=1).splitlines()]
    assert first["records"] == [{"id": "1", "day": "2026-01-02", "bad": None, "n": 9007199254740993}]
    assert first["rows"][0]["selected"] is True and first["why_none"] is None
    leaves = {leaf["name"]: leaf for leaf in first["rows"][0]["leaves"]}
    assert leaves["map.day"]["by"] == "jq" and leaves["map.n"] == {
        "name": "map.n", "expression": ".n", "by": "bytes", "value": 9007199254740993}
    assert "Cannot index" in leaves["map.bad"]["error"] and "value" not in leaves["map.bad"]
    assert second["records"] == [] and second["why_none"] == "not selected" and second["raw"]["id"] == "2"


EXACT = b'{"id":"1","n":1.10,"big":1e400,"half":"\\ud800","long":12345678901234567890123,"a":{"e":"\\u00e9"}}'
FORMS = {"an object": b"%s", "pretty": b"\xef\xbb\xbf%s\n", "a list": b"[%s\n, 5]", "lines": b'{"id":"0"}\r\n%s\r\n',
         "messages": b'{"type":"STATE","state":{}}\n{"type":"RECORD","record":{"stream":"x", "data": %s}}'}


@pytest.mark.parametrize("form", FORMS)
def test_preview_reads_the_bytes_of_a_record(preview, form):
    """As a read does: no number and no text is printed again."""
    tried = {**TRIED, "mapped_streams": [of_issues(), of_issues("parts", map={
        "n": ".n", "big": ".big", "half": ".half", "long": ".long", "a": ".a"})]}
    given = EXACT.replace(b",", b",\n ") if form == "pretty" else EXACT
    line = preview("mine", "--json", record=FORMS[form] % given, config=tried).splitlines()[-1]
    assert f'"raw":{EXACT.decode()},' in line and f'"records":[{EXACT.decode()}]' in line
    line = preview("parts", "--json", record=FORMS[form] % given, config=tried).splitlines()[-1]
    assert line.count('1.10') == 3 and line.count("1e400") == 3 and line.count('"\\ud800"') == 3, line
    assert '"n": 1.10' in preview("parts", record=FORMS[form] % given, config=tried)
    schema = json.loads(preview("mine", "--infer-schema", record=FORMS[form] % given, config=tried))
    assert schema["properties"]["big"]["type"] == ["null", "number"]
    assert schema["properties"]["long"]["type"] == ["null", "integer"]


def test_preview_shows_items(preview):
    event = b'{"id":"7","entries":[{"type":"exception"},{"type":"breadcrumbs"}]}'
    [shown] = [json.loads(line) for line in preview("items", "--json", record=event).splitlines()]
    assert shown["records"] == [{"id": "7-exception", "left": None}]
    assert [row["selected"] for row in shown["rows"]] == [True, False]
    [none] = [json.loads(line) for line in preview("items", "--json", record=b'{"id":"7","entries":[]}').splitlines()]
    assert none["why_none"] == "no item"


def test_preview_infers_a_schema_to_paste(preview, connector, sandbox):
    schema = json.loads(preview("mine", "--infer-schema", record=ISSUES, code=1))
    assert schema["type"] == "object" and schema["additionalProperties"] is True
    types = {name: about["type"] for name, about in schema["properties"].items()}
    assert types == {"id": ["null", "string"], "day": ["null", "string"], "bad": ["null"], "n": ["null", types["n"][1]]}
    mine = {**TRIED["mapped_streams"][0], "schema": json.dumps(schema)}
    [message] = connector.discover(config(sandbox, mine)).of("CATALOG")
    assert schema in [stream["json_schema"] for stream in message["catalog"]["streams"] if stream["name"] == "mine"]


def test_preview_fetches_the_first_records_itself(preview, sandbox):
    shown = [json.loads(line) for line in
             preview("open_issues", "--json", "-n", "3", config=config(sandbox, OPEN)).splitlines()]
    truth = {row["id"] for row in sandbox.rows("issues")}
    assert len(shown) == 3 and {one["raw"]["id"] for one in shown} <= truth
    assert all(bool(one["records"]) == (one["raw"]["status"] == "unresolved") for one in shown)


@pytest.mark.parametrize("arguments, record, says", [
    (["items"], b"nope", "stdin, line 1, column 1: this is not JSON"),
    (["items"], b'{"a":1}\n\n{"a":01}', "stdin, line 3, column 6: this is not JSON"),
    (["items"], b'{"a":1,\n"b":tru}', "stdin, line 2, column 5: this is not JSON"), (["issues"], b"{}", "issues is not a mapped stream"),
    (["mine"], b"", "holds no record"), (["minee"], b"{}", 'mean "mine"')])
def test_preview_says_what_it_cannot_try(preview, arguments, record, says):
    code = 2 if arguments == ["minee"] else 1
    assert says in preview(*arguments, record=record, code=code)
