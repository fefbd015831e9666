"""mapped_streams: records selected, expanded and mapped by expressions. What they say of themselves, what comes out,
what is counted, and that they are resumed and listed like the stream that they are made of."""

import collections
import json

import pytest
from support.crashes import read_until_killed
from support.mapped import config, entry, lines, of_issues, read, wanted
from support.sandbox import Sandbox

OPEN = {"name": "open_issues", "from": "issues", "select": '.status == "unresolved"',
        "map": {"id": ".id", "lastSeen": ".lastSeen", "who": ".assignedTo.email", "day": ".firstSeen[0:10]",
                "about": {"words": '.title | split(" ")', "as": "1"}}}
TAGS = {"name": "tags_of_events", "from": "events", "items": ".tags", "item_name": "tag",
        "map": {"event": ".eventID", "key": ".tag.key", "value": ".tag.value"}, "primary_key": ["event", "key"]}
PYTHON = {"name": "python_events", "from": "events", "select": '.platform == "python"'}
SLIM = {"name": "slim_events", "from": "events", "fields": ["id", "context", "nope", "user.id"]}

SMALL = ("--events", 120, "--issues", 60, "--releases", 30)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """It stays as it is; its log of requests and its faults are forgotten by each test that looks at them."""
    sandbox = Sandbox(tmp_path_factory.mktemp("mapped"), *SMALL)
    yield sandbox
    sandbox.stop()


SIX = ["boolean", "number", "string", "array", "object"]


def test_discover_says_their_keys_cursors_modes_and_types(connector, world):
    run = connector.discover(config(world, OPEN, TAGS, SLIM, of_issues(map=".tags[]"), {"name": "x", "from": "teams"}))
    found = entry(run, "open_issues")
    types = {name: about["type"] for name, about in found["json_schema"]["properties"].items()}
    assert types == {"id": "string", "lastSeen": ["null", "string"], "who": ["null", *SIX],
                     "day": found["json_schema"]["properties"]["day"]["type"], "about": ["null", "object"]}
    assert found["json_schema"]["properties"]["about"]["properties"]["as"]["type"] == ["null", "number"]
    assert found["source_defined_primary_key"] == [["id"]] and found["default_cursor_field"] == ["lastSeen"]
    assert found["supported_sync_modes"] == ["full_refresh", "incremental"] and found["source_defined_cursor"]
    tags = entry(run, "tags_of_events")
    assert tags["source_defined_primary_key"] == [["event"], ["key"]] and "default_cursor_field" not in tags
    assert tags["json_schema"]["properties"]["event"]["type"] == "string"
    slim = entry(run, "slim_events")
    assert set(slim["json_schema"]["properties"]) == {"id", "context", "nope", "user"}
    assert entry(run, "mine")["json_schema"]["properties"] == {}
    assert "source_defined_primary_key" not in entry(run, "mine") and entry(run, "x") and entry(run, "issues")


def test_another_name_hides_the_stream_that_has_it(connector, world):
    mine = {"name": "logs", "from": "logs", "select": '.severity != "info"'}
    found = connector.discover(config(world, mine))
    assert found.code == 0 and len([text for text in found.logs("INFO") if "logs" in text and "hides" in text]) == 1
    run = read(connector, world, mine)
    assert run.code == 0 and run.records()
    assert (sorted(row["sentry.item_id"] for row in run.records())
            == sorted(row["sentry.item_id"] for row in world.rows("logs") if row["severity"] != "info"))


def test_records_are_the_sources_selected_and_mapped(connector, world):
    run = read(connector, world, OPEN, of_issues("ids", fields=["id", "project.slug", "nope", "nope.inner"]),
               of_issues("texts", map="id: .id\nbig: 9007199254740993\ntext: '\"x\"'"), also=["issues"])
    assert run.code == 0 and not run.errors() and not run.logs("WARN")
    raw = run.records("issues")
    expected = {row["id"]: {"id": row["id"], "lastSeen": row["lastSeen"], "who": (row["assignedTo"] or {}).get("email"),
                            "day": row["firstSeen"][:10], "about": {"words": row["title"].split(" "), "as": 1}}
                for row in raw if row["status"] == "unresolved"}
    assert {row["id"]: row for row in run.records("open_issues")} == expected and 0 < len(expected) < len(raw)
    assert len(run.records("open_issues")) == len(expected)
    assert lines(run, "ids") == sorted(b'{"id":"%s","project":{"slug":"%s"}}' % (
        row["id"].encode(), row["project"]["slug"].encode()) for row in raw)
    assert lines(run, "texts") == sorted(b'{"id":"%s","big":9007199254740993,"text":"x"}' % row["id"].encode()
                                         for row in raw)


def test_what_is_not_mapped_comes_byte_for_byte(connector, world):
    run = read(connector, world, PYTHON, SLIM, also=["events"])
    raw = lines(run, "events")
    assert lines(run, "python_events") == [line for line in raw if json.loads(line)["platform"] == "python"]
    assert 0 < len(run.records("python_events")) < len(raw)
    by_id = {json.loads(line)["id"]: line for line in raw}
    slim = lines(run, "slim_events")
    assert len(slim) == len(raw) and any(b'"ratio":0.1000,"limit":1e5' in line for line in slim)
    for line in slim:
        record = json.loads(line)
        assert set(record) <= {"id", "context", "user"}
        context = line[line.index(b'"context":'):].rsplit(b',"user":{"id":', 1)[0].rstrip(b"}")
        assert context in by_id[record["id"]]


def test_a_record_for_each_item_and_each_output(connector, world):
    program = {"name": "outputs", "from": "events", "map": '.eventID as $e | (.tags[] | {event: $e, key, value}), '
               '(.id | select(startswith("a")))'}
    kept = {**TAGS, "name": "kept", "keep_items": True,
            "map": {"event": ".eventID", "key": ".tag.key", "of": ".tags | length"}}
    cut = {**kept, "name": "cut", "keep_items": False}
    run = read(connector, world, TAGS, program, kept, cut, also=["events"])
    expected = sorted((row["eventID"], tag["key"], tag["value"]) for row in run.records("events")
                      for tag in row["tags"])
    for stream in ("tags_of_events", "outputs"):
        assert sorted((row["event"], row["key"], row["value"]) for row in run.records(stream)) == expected
    assert sum(row["of"] for row in run.records("kept")) > len(expected)
    assert len(run.records("cut")) == len(expected) and not any(row["of"] for row in run.records("cut"))
    odd = sum(row["id"].startswith("a") for row in run.records("events"))
    [warning] = run.logs("WARN")
    assert run.code == 0 and f"outputs, map: {odd} of 120 records" in warning and "string, not an object" in warning


def test_what_fails_is_null_or_left_out_and_told_once(connector, world):
    odd = 'if .level == "warning" then error("odd") else %s end'
    run = read(connector, world, of_issues("leaf", map={"id": ".id", "title": odd % ".title"}),
               of_issues("choice", select=odd % "true"),
               of_issues("list", items=odd % ".annotations", map={"id": ".id"}),
               of_issues("key", map={"id": ".id", "who": ".assignedTo.name"}, primary_key=["who"]), also=["issues"])
    rows = run.records("issues")
    warning = {row["id"] for row in rows if row["level"] == "warning"}
    assert 0 < len(warning) < len(rows)
    assert {row["id"] for row in run.records("leaf") if row["title"] is None} == warning
    assert {row["id"] for row in run.records("choice")} == {row["id"] for row in rows} - warning
    assert len(run.records("list")) == sum(len(row["annotations"]) for row in rows if row["id"] not in warning)
    without = [row for row in rows if not row["assignedTo"]]
    assert len(run.records("key")) == len(rows) - len(without) and all(row["who"] for row in run.records("key"))
    of = f"of {len(rows)} records"
    for begin, says in {"leaf, map.title": f"null for {len(warning)} {of}", "key, key": f"{len(without)} {of} left out",
                        "choice, select": f"{len(warning)} {of} left out",
                        "list, items": f"{len(warning)} {of} left out"}.items():
        [told] = [text for text in run.logs("WARN") if text.startswith(begin)]
        assert says in told and "First: record " in told, told
    for stream in ("choice", "list", "key", "issues"):
        assert run.statuses(stream)[-1]["status"] == "COMPLETE"


NEVER = {"select": of_issues(select=".status"), "items": of_issues(items=".status"), "map": of_issues(map=".title"),
         "map.x": of_issues(map={"id": ".id", "x": ".title.foo"})}


@pytest.mark.parametrize("part", NEVER)
def test_what_never_works_fails_its_stream_alone(connector, world, part):
    run = read(connector, world, NEVER[part], OPEN, also=["projects"])
    assert run.code == 1 and f"mine, {part} failed for every record" in run.errors("mine")[0]["message"]
    assert {error["failure_type"] for error in run.errors("mine")} == {"config_error"}
    assert run.statuses("mine")[-1]["status"] == "INCOMPLETE"
    for stream in ("open_issues", "projects"):
        assert run.records(stream) and run.statuses(stream)[-1]["status"] == "COMPLETE"


@pytest.mark.parametrize("select", ["false", False, '.status == "never seen"'])
def test_none_selected_is_no_error(connector, world, select):
    run = read(connector, world, of_issues(select=select))
    assert run.code == 0 and not run.records() and run.statuses("mine")[-1]["status"] == "COMPLETE"
    assert "0 of 60 records are selected by mine." in run.logs("INFO") and not run.logs("WARN")


def test_none_selected_is_told_where_some_selectors_fail(connector, world):
    run = read(connector, world, of_issues(select='if .level == "error" then .title else false end'))
    assert run.code == 0 and "0 of 60 records are selected by mine." in run.logs("INFO")
    assert [text for text in run.logs("WARN") if text.startswith("mine, select: ")]


def test_a_folder_says_how_many_records_an_expression_failed_for(connector, world, tmp_path):
    """Who deletes what is no longer there must not take these for gone."""
    some = of_issues(select='if .level == "error" then .title else true end', map={"id": ".id"})
    settings = config(world, some, of_issues("all", map={"id": ".id"}))
    arguments = connector.arguments("read", settings, wanted("mine", "all", sync_mode="full_refresh"))
    for _ in range(2):
        run = connector.run(*arguments, "--output", str(tmp_path / "out"))
        streams = json.loads((tmp_path / "out" / "manifest.json").read_text())["streams"]
        assert run.code == 0 and f"mine, select: {streams['mine']['left_out']} of 60 records left out" in run.stderr
        assert "left_out" not in streams["all"] and streams["mine"]["status"] == "complete"


def test_what_is_no_longer_selected_is_told_by_a_marker(connector, world):
    marked = [{**OPEN, "select_marker": True}, {**TAGS, "select": '.tag.key != "environment"', "select_marker": True},
              {**SLIM, "name": "slim", "fields": ["id", "title"], "select": '.platform == "python"', "select_marker": True,
               "primary_key": ["id"]}]
    names = [one["name"] for one in marked]
    run = connector.read(config(world, *marked), wanted(*names))
    assert run.code == 0 and not run.logs("WARN")
    closed = [row["id"] for row in world.rows("issues") if row["status"] != "unresolved"]
    markers = {name: [row for row in run.records(name) if "_deselected" in row] for name in names}
    assert sorted(row["id"] for row in markers["open_issues"]) == sorted(closed) and closed
    assert all(row == {"id": row["id"], "_deselected": True} for row in markers["open_issues"] + markers["slim"])
    assert markers["tags_of_events"] and {row["key"] for row in markers["tags_of_events"]} == {"environment"}
    assert {tuple(row) for row in markers["tags_of_events"]} == {("event", "key", "_deselected")}
    found = entry(connector.discover(config(world, *marked)), "open_issues")
    assert found["json_schema"]["properties"]["_deselected"]["type"] == ["null", "boolean"]
    whole = connector.read(config(world, *marked), wanted(*names, sync_mode="full_refresh"))
    assert whole.records("open_issues") and not [row for row in whole.records() if "_deselected" in row]


def test_members_come_in_the_order_of_the_configuration(connector, world):
    run = read(connector, world, of_issues(map={"z": ".id", "a": {"y": ".level", "b": "1"}, "k": ".id"}))
    assert run.records() and {tuple(row) for row in run.records()} == {("z", "a", "k")}
    assert {tuple(row["a"]) for row in run.records()} == {("y", "b")}


CHECKED = {
    "no primary key: they do not hold id of issues": of_issues(map={"ID": ".id", "lastSeen": ".lastSeen"}),
    "do not hold lastSeen, the cursor of issues": of_issues(map={"id": ".id"}),
    "do not hold id and lastSeen of issues as it comes, without which": of_issues(map={"x": ".id"}, primary_key=["x"]),
    "all have the same primary key (event and x)": {**TAGS, "name": "mine", "primary_key": ["event", "x"], "map": {
        "event": ".eventID", "x": "1", "key": ".tag.key", "dateCreated": ".dateCreated"}}}


@pytest.mark.parametrize("says", CHECKED)
def test_check_says_what_a_destination_may_do_wrong(connector, world, says):
    run = connector.check(config(world, CHECKED[says], {**SLIM, "fields": ["id", "projectID", "dateCreated"]}, {
        **TAGS, "map": {**TAGS["map"], "dateCreated": ".dateCreated"}}, issues_refresh="P1D"))
    assert run.connection_status()["status"] == "SUCCEEDED"
    warned = [text for text in run.logs("WARN") if "The records of" in text]
    assert [text for text in warned if says in text] and all("of mine " in text for text in warned), warned


def test_the_first_error_ends_a_stream_if_it_shall(connector, world):
    """What was written before stands, and the next run goes on from there."""
    events = world.truth()["events"]
    odd = sorted(events, key=lambda row: row["dateCreated"])[-45]["id"]
    mine = {"name": "mine", "from": "events", "map": {"id": f'if .id == "{odd}" then error("odd") else .id end'}}
    project = {**config(world, mine, OPEN, mapping_errors="fail"), "project": "web"}
    run = connector.read(project, wanted("mine", "open_issues"))
    [error] = run.errors("mine")
    assert run.code == 1 and f"mine, map.id: record {odd}: odd" in error["message"] and "fail" in error["message"]
    assert run.statuses("open_issues")[-1]["status"] == "COMPLETE" and len(run.ids("mine")) >= 40
    mended = {**project, "mapped_streams": [{**mine, "map": {"id": ".id"}}]}
    rest = connector.read(mended, wanted("mine"), run.state_file())
    assert rest.code == 0 and {*run.ids("mine"), *rest.ids("mine")} == {row["id"] for row in events}


def test_the_state_is_the_sources_whatever_is_selected(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    events = sorted(sandbox.rows("events"), key=lambda row: row["dateCreated"])
    newest = set({row["project"]: row["id"] for row in events}.values())
    mine = {"name": "mine", "from": "events", "select": f"[.id] - {json.dumps(sorted(newest))} != []"}
    first = read(connector, sandbox, mine, also=["events"], lookback_window="PT0S")
    assert first.states("mine")[-1] == first.states("events")[-1]
    assert set(first.ids("mine")) == set(first.ids("events")) - newest and newest
    sandbox.advance(60)
    added = set(sandbox.change(add_events={"project": "web", "count": 4})["add_events"]["events"])
    sandbox.advance(60)
    second = connector.read(config(sandbox, mine, lookback_window="PT0S"), wanted("mine", "events"), first.state_file())
    assert second.code == 0 and added <= set(second.ids("mine")) <= set(second.ids("events")) - newest
    assert len(second.ids("mine")) <= len(added) + 1, "the last second comes again, nothing else"


def test_streams_of_one_source_ask_for_each_page_once(connector, world):
    mapped = [PYTHON, SLIM, TAGS, OPEN, of_issues("ids", fields=["id"])]
    both = ["events", "issues"]
    counts = []
    for streams, more in (([], both), (mapped, both), (mapped, [])):
        world.reset()
        run = read(connector, world, *streams, also=more)
        assert run.code == 0
        counts.append(collections.Counter((one["path"], one["query"].split("&query")[0]) for one in world.requests()
                                          if one["path"].endswith(("/events/", "/issues/"))))
        assert {one["stream"]["stream_descriptor"]["name"] for one in run.state_file()} == {
            *more, *(one["name"] for one in streams)}
    assert sum(counts[0].values()) == sum(counts[1].values()) == sum(counts[2].values()) > 10


@pytest.mark.parametrize("stop", [12, 60, 100])
def test_a_killed_read_is_gone_on_with(connector, world, stop):
    mine = {**PYTHON, "name": "mine", "select": '.platform != "cocoa"', "map": {"id": ".id", "at": ".dateCreated"}}
    settings = config(world, mine, TAGS)
    seen = read_until_killed(connector, settings, wanted("mine"), lines=stop)
    rest = connector.read(settings, wanted("mine"), seen.last_states())  # ten pages may come again: all that there is
    truth = {row["id"] for row in connector.read(settings, wanted("events")).records() if row["platform"] != "cocoa"}
    assert rest.code == 0 and {*seen.ids("mine"), *rest.ids("mine")} == truth


def test_what_is_gone_is_told_with_its_key(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    name = {"from": "repositories", "map": {"id": ".id", "of": ".name"}}
    streams = [{"name": "mapped", **name}, {"name": "whole", "from": "repositories"},
               {"name": "fields", "from": "repositories", "fields": ["id", "url"]},
               {"name": "keyed", "from": "repositories", "map": {"key": ".id"}, "primary_key": ["key"]},
               {"name": "lost", "from": "repositories", "map": {"key": ".name"}, "primary_key": ["key"]}]
    first = read(connector, sandbox, *streams)
    gone = next(row["id"] for row in sandbox.rows("repositories") if row["status"] == "active")
    sandbox.change(remove_row={"shelf": "repositories", "id": gone})
    sandbox.advance(60)
    run = connector.read(config(sandbox, *streams), wanted(*(one["name"] for one in streams)), first.state_file())
    assert run.code == 0, run.errors()
    assert run.records("mapped") == [{"id": gone, "of": None, "_deleted": True}]
    assert run.records("whole") == run.records("fields") == [{"id": gone, "_deleted": True}]
    assert run.records("keyed") == [{"key": gone, "_deleted": True}] and not run.records("lost")
