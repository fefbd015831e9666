"""The examples of docs/mapping.md: each configuration, record and result there is what `preview` makes of it."""

import json
import pathlib
import re
import subprocess

import pytest
from support.connector import EXECUTABLE

PAGE = pathlib.Path(__file__).parent.parent / "docs" / "mapping.md"
BLOCK = re.compile(r"^```json (config|record|gives)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples():
    """Configuration, record and results, as they stand on the page."""
    blocks = BLOCK.findall(PAGE.read_text())
    found = [blocks[at:at + 3] for at in range(0, len(blocks), 3)]
    assert all([kind for kind, _ in example] == ["config", "record", "gives"] for example in found)
    return [tuple(text for _, text in example) for example in found]


def stream_of(config):
    """The name of the stream that a configuration makes."""
    return "port_issue" if "port_app_config" in config else config["mapped_streams"][0]["name"]


def test_the_page_has_examples():
    assert len(examples()) >= 4


@pytest.mark.parametrize("number", range(len(examples())))
def test_an_example_gives_what_the_page_says(tmp_path, number):
    config, record, gives = examples()[number]
    place = tmp_path / "config.json"
    place.write_text(config)
    run = subprocess.run([EXECUTABLE, "preview", stream_of(json.loads(config)), "--config", place, "--record", "-",
                          "--json"], input=record, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["records"] == [json.loads(line) for line in gives.splitlines()]
