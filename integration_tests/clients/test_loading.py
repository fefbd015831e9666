"""docs/loading.md: every command of the page is run as it stands, and what it loads is the sandbox's truth."""

import json

import pytest
from loaded import PAGE, World, as_text, by_key, csv_layouts, from_text, layouts, moment
from support.documents import block, shell
from support.environments import environment
from support.protocol import ROOT

PLAIN = "sentry/issues.jsonl"


def layouts_of(rows):
    return [pytest.param(flags, files, id=flags) for flags, files in rows]


LAYOUTS = layouts_of(layouts())


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = World(tmp_path_factory.mktemp("loading"))
    yield made
    made.sandbox.control("DELETE", "requests")  # too many to check each against the description
    made.sandbox.stop()


@pytest.fixture
def database(postgres, tmp_path):
    """The name of a new database, and what the page calls $DATABASE_URL."""
    name = tmp_path.name
    postgres.create(name)
    return name, f"postgresql://tester@127.0.0.1:{postgres.port}/{name}"


def run(place, commands, *, client="loading", **more):
    return shell(place, commands, programs=[environment(client)], **more)


def python(place, program, result):
    """The rows that a program of the page has in the end; `result` makes JSON of them."""
    (place / "load.py").write_text(f"{program}\nimport sys\nsys.stdout.write({result})\n")
    return json.loads(run(place, "python load.py"))


def in_csv(files):
    return files.replace(".jsonl", ".csv")


def duckdb_rows(place, table="issues", file="sentry.duckdb"):
    return json.loads(run(place, f"duckdb {file} -json -c 'FROM {table}'"))


@pytest.mark.parametrize("flags, files", LAYOUTS)
def test_duckdb(world, flags, files):
    place, commands = world.place(flags), block(PAGE, "duckdb sentry.duckdb", "read_json")
    for _ in range(2):
        run(place, commands.replace(PLAIN, files))
    assert by_key(duckdb_rows(place), "issues") == by_key(world.newest("issues"), "issues")


def test_the_newest_copies_that_the_connector_keeps(world):
    place, commands = world.place("no further flag"), block(PAGE, "duckdb sentry.duckdb", "read_json")
    run(place, commands.partition("QUALIFY")[0].replace(PLAIN, "sentry/issues.latest.jsonl") + ";\nSQL\n")
    assert by_key(duckdb_rows(place), "issues") == by_key(world.newest("issues"), "issues")


@pytest.mark.parametrize("flags, files", layouts_of(csv_layouts()))
def test_duckdb_with_csv(world, flags, files):
    place = world.place(flags, "csv")
    run(place, block(PAGE, "read_csv", "duckdb").replace(in_csv(PLAIN), in_csv(files)))
    assert by_key(duckdb_rows(place), "issues", from_text) == by_key(world.newest("issues"), "issues", as_text)


def test_an_empty_text_is_not_null(world):
    place, expected = world.place("no further flag", "csv"), by_key(world.newest("events"), "events", as_text)
    assert any(value == "" for row in expected.values() for value in row.values())
    run(place, block(PAGE, "read_csv", "duckdb").replace("issues", "events"))
    assert by_key(duckdb_rows(place, "events"), "events", from_text) == expected
    rows = python(place, block(PAGE, "pl.read_csv").replace("issues", "events"), "events.write_json()")
    assert by_key(rows, "events", from_text) == expected


def test_parquet(world):
    place = world.place("no further flag")
    run(place, block(PAGE, "events.parquet"))
    run(place, "duckdb copy.duckdb -c \"CREATE OR REPLACE TABLE events AS FROM 'events.parquet'\"")
    assert by_key(duckdb_rows(place, "events", "copy.duckdb"), "events") == by_key(
        world.newest("events"), "events")
    types = dict(line.split("|") for line in run(place, "duckdb copy.duckdb -noheader -list -c \"SELECT column_name, "
                 "column_type FROM (DESCRIBE events)\"").splitlines())
    assert types["id"] == types["projectID"] == "VARCHAR" and types["dateCreated"].startswith("TIMESTAMP")


@pytest.mark.parametrize("flags, files", LAYOUTS)
def test_postgresql(world, postgres, database, flags, files):
    name, url = database
    program = {"gz": "zcat", "zst": "zstdcat"}.get(files.rpartition(".")[2], "cat")
    commands = block(PAGE, "psql", "issue_list").replace(f"cat {PLAIN}", f"{program} {files}")
    for _ in range(2):
        run(world.place(flags), commands, DATABASE_URL=url)
    records = json.loads(postgres.query(name, "SELECT json_agg(record) FROM issues"))
    newest = json.loads(json.dumps(world.newest("issues")).replace("\\u0000", "\\ufffd"))
    assert by_key(records, "issues") == by_key(newest, "issues")
    shown = postgres.query(name, "SELECT id || ' ' || project FROM issue_list ORDER BY last_seen, id").splitlines()
    assert shown == [f"{row['id']} {row['project']['slug']}"
                     for row in sorted(newest, key=lambda row: (row["lastSeen"], row["id"]))]


def test_postgresql_with_csv(world, postgres, database):
    name, url = database
    for _ in range(2):
        run(world.place("no further flag", "csv"), block(PAGE, "psql", "issue_rows"), DATABASE_URL=url)
    rows = json.loads(postgres.query(name, "SELECT json_agg(issue_rows) FROM issue_rows"))
    newest = json.loads(json.dumps(world.newest("issues")).replace("permission \\u0000\\u0000denied",
                                                                                  "permission denied"))
    without_nul = json.loads(json.dumps(rows).replace("permission \\\\u0000\\\\u0000denied", "permission denied"))
    assert by_key(without_nul, "issues", from_text) == by_key(newest, "issues", as_text)


@pytest.mark.parametrize("flags, files", LAYOUTS)
def test_pandas(world, flags, files):
    rows = python(world.place(flags), block(PAGE, "pd.DataFrame").replace(PLAIN, files),
                  "json.dumps(issues.to_dict('records'))")
    assert by_key(rows, "issues") == by_key(world.newest("issues"), "issues")


def test_pandas_with_csv(world):
    rows = python(world.place("no further flag", "csv"), block(PAGE, "pd.read_csv"),
                  "__import__('json').dumps(issues.to_dict('records'))")
    newest = [{name: value for name, value in row.items() if value != ""} for row in world.newest("issues")]
    assert by_key(rows, "issues", from_text) == by_key(newest, "issues", as_text)


def named(row):
    """What the page's example reads of a record with polars."""
    return {"id": row["id"], "title": row["title"], "lastSeen": row["lastSeen"], "userCount": row["userCount"],
            "project": {"id": row["project"]["id"], "slug": row["project"]["slug"]}}


@pytest.mark.parametrize("flags, files", LAYOUTS)
def test_polars(world, flags, files):
    rows = python(world.place(flags), block(PAGE, "pl.read_ndjson").replace(PLAIN, files), "issues.write_json()")
    assert by_key(rows, "issues") == by_key(map(named, world.newest("issues")), "issues")


def test_polars_with_csv(world):
    rows = python(world.place("no further flag", "csv"), block(PAGE, "pl.read_csv"), "issues.write_json()")
    assert by_key(rows, "issues", from_text) == by_key(world.newest("issues"), "issues", as_text)


def test_dlt(world, tmp_path):
    place = world.place("no further flag")
    (place / "load.py").write_text(block(PAGE, "import dlt"))
    for _ in range(2):
        run(place, "python load.py", DLT_DATA_DIR=str(tmp_path), RUNTIME__DLTHUB_TELEMETRY="false")
    rows = duckdb_rows(place, "sentry.issues", "dlt.duckdb")
    # dlt leaves the character out.
    assert {row["id"]: (row["title"], row["project"], moment(row["last_seen"])) for row in rows} == {
        row["id"]: (row["title"].replace("\0", ""), row["project"], moment(row["lastSeen"]))
        for row in world.newest("issues")}


def test_singer(world, postgres, database):
    name, _ = database
    place = world.place("no further flag")
    (place / "config.json").write_bytes((world.folder / "config.json").read_bytes())
    (place / "target.json").write_text(json.dumps({
        "host": "127.0.0.1", "port": postgres.port, "user": "tester", "password": "none", "database": name,
        "default_target_schema": "public"}))
    run(place, block(PAGE, "target-postgres --config"), client="singer")
    rows = json.loads(postgres.query(name, "SELECT json_agg(issues) FROM issues"))
    assert {row["id"]: (row["lastSeen"], row["project"]) for row in rows} == {
        row["id"]: (row["lastSeen"], row["project"]) for row in world.newest("issues")}


def test_no_command_of_the_page_is_left_out():
    page = (ROOT / PAGE).read_text()
    assert page.count("\n```") == 2 * 11, "a new block needs a test"
