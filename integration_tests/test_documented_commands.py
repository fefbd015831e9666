"""The shell commands that the documentation gives people do what it says of them."""

import json

import pytest
from support.documents import block, shell
from support.folder import Folder
from support.protocol import ROOT
from support.sandbox import true_ids


@pytest.fixture
def world(start_sandbox):
    return start_sandbox("--projects", 5, "--events", 400, "--event-size", "small", "--issues", 80)


def rows(*files):
    """Stream and id of each record."""
    messages = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [(message["record"]["stream"], message["record"]["data"]["id"]) for message in messages
            if message["type"] == "RECORD"]


def truth(world, stream):
    return {(stream, key) for key in true_ids(world.control("GET", "truth?organization=acme"), stream)}


def test_a_read_piped_to_files_and_the_next_ones(connector, world):
    folder = connector.folder
    connector.file("config.json", world.config(project=None))
    shell(folder, block("docs/commands.md", "issues.jsonl"))
    issues = [json.loads(line) for line in (folder / "issues.jsonl").read_text().splitlines()]
    assert {("issues", row["id"]) for row in issues} == truth(world, "issues")
    first = rows(folder / "output.jsonl")
    assert truth(world, "events") <= set(first)
    world.advance(3600)
    world.change(add_events={"project": "web", "count": 3})
    world.advance(5)
    shell(folder, block("docs/commands.md", "output-2.jsonl"))
    later = {number: [row for row in rows(folder / f"output-{number}.jsonl") if row[0] == "events"]
             for number in (2, 3)}
    assert truth(world, "events") <= {*first, *later[2]}
    assert 3 <= len(later[2]) < len([row for row in first if row[0] == "events"]) / 2 and not later[3]


def test_a_state_of_which_a_killed_run_came_to_a_part_is_kept(connector, world):
    folder = connector.folder
    connector.file("config.json", world.config(project=None))
    shell(folder, block("docs/commands.md", "issues.jsonl"))
    begin, commands = block("docs/commands.md", "output-2.jsonl").splitlines()
    shell(folder, begin)
    # That one was killed once it had written its first stream's first state, and a part of a line.
    lines = (folder / "output-2.jsonl").read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if '"STATE"' in line)
    (folder / "output-2.jsonl").write_text("\n".join(lines[:first + 1]) + '\n{"type":"STA')
    shell(folder, commands)
    assert not [row for row in rows(folder / "output-3.jsonl") if row[0] == "events"], "all were written before"


def test_shards_into_one_folder(connector, world):
    connector.file("config.json", world.config(project=None))
    command = block("docs/organization.md", '"index": 2', "--set")
    for _ in range(2):
        for index in range(8):
            shell(connector.folder, command.replace('"index": 2', f'"index": {index}'))
    shards = [Folder(connector.folder / "sentry" / f"shard-{index}-of-8") for index in range(8)]
    for stream in ("events", "issues"):
        ids = [(stream, one) for shard in shards for one in shard.ids(stream)]
        assert len(ids) == len(truth(world, stream)) and set(ids) == truth(world, stream)


def test_the_examples_core_is_the_documents():
    example = (ROOT / "examples" / "airflow" / "sentry_shards.py").read_text()
    for line in block("docs/organization.md", "@task").splitlines():
        assert line.strip() in example
