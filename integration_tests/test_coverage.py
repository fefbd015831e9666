"""docs/compatibility.md says of every table of other connectors which stream holds the same; its streams exist."""

import json
import re
import subprocess
from collections import Counter

import pytest
from support.connector import EXECUTABLE
from support.protocol import ROOT

# How many tables each has. Whoever changes a number has read the connector's list of tables anew.
TABLES = {"Airbyte, official": 7, "Port": 6, "Fivetran": 18, "PostHog": 15, "Steampipe": 9, "Estuary": 6,
          "Singer taps": 5, "Cartography": 6, "Grafana": 5, "SeaTunnel": 1, "OpsLevel": 1}


@pytest.fixture(scope="module")
def streams():
    """The names of all streams, whatever their group."""
    printed = subprocess.run([EXECUTABLE, "streams", "--json"], stdout=subprocess.PIPE, check=True).stdout
    return {stream["name"] for stream in json.loads(printed)["streams"]}


def rows(head):
    """The cells of the table with that head, in the section about other connectors."""
    text = (ROOT / "docs" / "compatibility.md").read_text()
    section = text.partition("\n## Every table of other connectors\n")[2].partition("\n## ")[0]
    table = section.partition(f"| {head} |\n")[2].partition("\n\n")[0]
    found = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]
    assert found, head
    return found[1:]  # after the line of dashes


def tables():
    return rows("connector | its table | our stream")


def named(cell):
    """The streams that a cell names; what else stands in code there is a key of the configuration."""
    return set(re.findall(r"`(\w+)`", cell)) - {"tag_keys"}


def only_here():
    return [name for _, cell in rows("about | only here") for name in named(cell)]


def test_every_connector_is_there_with_all_its_tables():
    assert Counter(connector for connector, _, _ in tables()) == TABLES
    assert len({(connector, table) for connector, table, _ in tables()}) == sum(TABLES.values())


def test_every_table_has_a_stream_or_a_reason(streams):
    for connector, table, ours in tables():
        if ours.startswith("-"):
            assert re.match(r"-, \w+", ours), f"{connector} {table}: a table that is not here needs a reason"
            assert not named(ours), f"{connector} {table}"
        else:
            assert named(ours), f"{connector} {table}"
            assert named(ours) <= streams, f"{connector} {table}"


def test_every_other_stream_is_marked_as_ours_alone(streams):
    of_others = set().union(*(named(ours) for _, _, ours in tables()))
    alone = only_here()
    assert len(alone) == len(set(alone)), "a stream stands twice"
    assert set(alone) == streams - of_others
