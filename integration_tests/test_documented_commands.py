"""The shell commands that the documentation gives people do what it says of them."""

import json
import os
import re
import subprocess

import pytest
from support.connector import BUILD, catalog
from support.protocol import ROOT
from support.sandbox import true_ids


@pytest.fixture
def world(start_sandbox):
    return start_sandbox("--projects", 5, "--events", 400, "--event-size", "small", "--issues", 80)


def block(document, *words):
    """The fenced block of a document that holds these words."""
    fenced = re.findall(r"^```\w*\n(.*?)^```$", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)
    [found] = [text for text in fenced if all(word in text for word in words)]
    return found


def shell(folder, commands, *arguments):
    done = subprocess.run(["bash", "-c", commands, "bash", *map(str, arguments)], cwd=folder, capture_output=True,
                          env={**os.environ, "PATH": f"{BUILD.absolute()}:{os.environ['PATH']}"}, timeout=120)
    assert done.returncode == 0, done.stderr.decode()


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
    shell(folder, block("README.md", "issues.jsonl"))
    issues = [json.loads(line) for line in (folder / "issues.jsonl").read_text().splitlines()]
    assert {("issues", row["id"]) for row in issues} == truth(world, "issues")
    first = rows(folder / "output.jsonl")
    assert truth(world, "events") <= set(first)
    world.advance(3600)
    world.change(add_events={"project": "web", "count": 3})
    world.advance(5)
    shell(folder, block("README.md", "output-2.jsonl"))
    later = {number: [row for row in rows(folder / f"output-{number}.jsonl") if row[0] == "events"]
             for number in (2, 3)}
    assert truth(world, "events") <= {*first, *later[2]}
    assert 3 <= len(later[2]) < len([row for row in first if row[0] == "events"]) / 2 and not later[3]


def test_a_state_of_which_a_killed_run_came_to_a_part_is_kept(connector, world):
    folder = connector.folder
    connector.file("config.json", world.config(project=None))
    shell(folder, block("README.md", "issues.jsonl"))
    begin, commands = block("README.md", "output-2.jsonl").splitlines()
    shell(folder, begin)
    # That one was killed once it had written its first stream's first state, and a part of a line.
    lines = (folder / "output-2.jsonl").read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if '"STATE"' in line)
    (folder / "output-2.jsonl").write_text("\n".join(lines[:first + 1]) + '\n{"type":"STA')
    shell(folder, commands)
    assert not [row for row in rows(folder / "output-3.jsonl") if row[0] == "events"], "all were written before"


def test_shards_as_mapped_tasks(connector, world):
    folder = connector.folder
    connector.file("config.json", world.config(project=None))
    connector.file("catalog.json", catalog("events", "issues", "releases"))
    task = block("docs/organization.md", "# read-shard")
    for _ in range(2):
        for index in (0, 1):
            shell(folder, task, index, 2)
    outputs = {index: sorted((folder / f"shard-{index}").glob("output-*.jsonl")) for index in (0, 1)}
    assert [len(files) for files in outputs.values()] == [2, 2]
    first = [set(rows(files[0])) for files in outputs.values()]
    assert not first[0] & first[1]
    assert {row for row in first[0] | first[1] if row[0] == "events"} == truth(world, "events")
    for index, files in outputs.items():
        assert len(rows(files[1])) < len(rows(files[0])) / 4, "the second one goes on from the first one's state"
        assert (folder / f"shard-{index}" / "config.json").stat().st_mode & 0o77 == 0
