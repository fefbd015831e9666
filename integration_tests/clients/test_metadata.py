"""What Airbyte shows of the connector before it runs: metadata.yaml by Airbyte's own models, the icon, the page of
documentation."""

import json
import re
import subprocess
import xml.etree.ElementTree as xml

import pytest
import yaml
from support.connector import STREAMS
from support.environments import environment
from support.protocol import ROOT

DRIVER = ROOT / "integration_tests" / "clients" / "metadata_driver.py"
METADATA = ROOT / "metadata.yaml"
PAGE = (ROOT / "docs" / "airbyte.md").read_text()
SVG = "{http://www.w3.org/2000/svg}"


def read_with_models(path):
    return subprocess.run([environment("cdk") / "python", DRIVER, path], capture_output=True, text=True)


def test_airbytes_models_hold_the_metadata_whole():
    done = read_with_models(METADATA)
    assert done.returncode == 0, done.stderr
    held = json.loads(done.stdout)
    document = yaml.safe_load(METADATA.read_text())
    assert held["registry"] == document and held["cdk"] == document


@pytest.mark.parametrize("good, bad, names", [
    ("data:", "data:\n  nonsense: 1", "data.nonsense"),
    ("connectorSubtype: api", "connectorSubtype: apy", "data.connectorSubtype"),
    ("  license: MIT\n", "", "data.license"),
])
def test_the_models_would_refuse_a_mistake(tmp_path, good, bad, names):
    """Else their consent would mean nothing."""
    text = METADATA.read_text()
    assert text.count(good) == 1
    path = tmp_path / "metadata.yaml"
    path.write_text(text.replace(good, bad))
    done = read_with_models(path)
    assert done.returncode != 0 and names in done.stderr


def test_rules_that_the_models_leave_out():
    data = yaml.safe_load(METADATA.read_text())["data"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", data["dockerImageTag"])
    assert data["definitionId"] != "cdaf146a-9b75-49fd-9dd2-9d64a0bb4781", "that is Airbyte's own connector"
    assert [tag for tag in data["tags"] if tag.startswith("language:")] and all(":" in tag for tag in data["tags"])
    assert data["license"] in ("MIT", "ELv2")
    assert (ROOT / data["icon"]).exists()


def test_the_icon_is_a_square_picture():
    icon = xml.parse(ROOT / "icon.svg").getroot()
    assert icon.tag == f"{SVG}svg" and icon.get("width") == icon.get("height")
    left, top, width, height = map(float, icon.get("viewBox").split())
    assert (left, top) == (0, 0) and width == height
    assert len(icon.findall(f"{SVG}path") + icon.findall(f"{SVG}rect")) >= 3


def section(title):
    """The text below a heading, up to the next one of its rank."""
    rank = title.split(" ")[0]
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^{rank} |\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def test_the_page_has_airbytes_headings_in_their_order():
    wanted = ["# Sentry", "## Prerequisites", "## Setup guide", "## Set up Sentry",
              "## Set up the Sentry connector in Airbyte", "### For Airbyte Cloud:", "### For Airbyte Open Source:",
              "## Supported sync modes", "## Supported Streams", "### Performance considerations", "## Data type map",
              "## Limitations & Troubleshooting", "## Changelog"]
    assert re.findall(r"^#+ .*", PAGE, re.MULTILINE) == wanted


def test_the_page_names_every_stream_config_key_and_this_version(connector):
    config = {"auth_token": "t", "organization": "o"}
    alone, several = (connector.discover({**config, **more}).of("CATALOG")[0]["catalog"]["streams"]
                      for more in ({"project": "p"}, {}))
    assert {stream["name"] for stream in alone} == set(STREAMS)
    for stream, of_several in zip(alone, several):
        cursor = "".join(f"`{field}` " for field in stream.get("default_cursor_field", []))
        key, other = (", ".join(f"`{part}`" for part, in one["source_defined_primary_key"])
                      for one in (stream, of_several))
        if key != other:
            key += f"; unless **Project** alone is filled in: {other}"
        assert f"| `{stream['name']}` | {key} | {cursor}|" in section("## Supported Streams"), stream["name"]
    spec = connector.run("spec").of("SPEC")[0]["spec"]["connectionSpecification"]
    for key, described in spec["properties"].items():
        assert f"| {described['title']} | `{key}` |" in section("## Set up the Sentry connector in Airbyte"), key
    for key in spec["required"]:
        assert f"**{spec['properties'][key]['title']}**" in section("## Prerequisites"), key
    version = yaml.safe_load(METADATA.read_text())["data"]["dockerImageTag"]
    assert f"`{version}`" in section("## Set up the Sentry connector in Airbyte")
    assert f"| {version} |" in section("## Changelog")


def test_the_messages_that_the_page_explains_are_the_connectors_own():
    """Each piece of a message between its gaps stands in the sources."""
    sources = "".join(path.read_text() for path in sorted((ROOT / "src").rglob("*.cpp")))
    spoken = re.sub(r'"\s*\n?\s*"', "", sources).replace('\\"', '"')  # a text that goes over several lines
    messages = re.findall(r"^\| (`.*?) \|", section("## Limitations & Troubleshooting"), re.MULTILINE)
    pieces = [piece.strip() for message in messages for text in re.findall(r"`(.+?)`", message)
              for piece in re.split(r'"?\.\.\."?', text)]
    pieces = [piece for piece in pieces if len(piece) > 3]
    assert len(messages) > 15 and len(pieces) > 20
    for piece in pieces:
        assert piece in spoken, piece
