"""examples/report: one HTML file about a folder, which needs nothing beside it and can be read everywhere."""

import html.parser
import json
import re
import subprocess

import pytest
from support import browser
from support.connector import EXECUTABLE, Connector
from support.environments import environment
from support.protocol import ROOT
from support.sandbox import Sandbox, true_ids

REPORT = ROOT / "examples" / "report" / "report.py"
WORLD = ("--projects", 9, "--events", 1500, "--event-size", "small", "--issues", 120, "--releases", 60)
SCRIPT = "<script>alert(1)</script>"
LONG = "Unbreakable" * 40
# What Sentry's users may write: markup, a text that turns what is around it, and one that breaks nowhere.
HOSTILE = {"issues": [{"title": f"{SCRIPT}<img src=x onerror=alert(2)>", "count": "12345678", "culprit": "&"},
                      {"title": f"\u202e{LONG}", "count": "1234567", "shortId": LONG, "level": "\"'<b>"}],
           "releases": [{"version": f"</title><b onclick='x'>{LONG}", "shortVersion": f"</svg><i onload=y>{LONG}"}] * 3}
needs_browser = pytest.mark.skipif(browser.BROWSER is None,
                                   reason="Chromium is missing: tools/install-packages clients installs it")


class Reader(html.parser.HTMLParser):
    """The elements, attributes and texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.texts = set(), [], []
        self.feed(page)

    def handle_starttag(self, name, attributes):
        self.tags.add(name)
        self.attributes += attributes

    def handle_data(self, text):
        self.texts.append(text)

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def read(folder, config, *flags):
    done = subprocess.run([EXECUTABLE, "read", "--config", config, "--output", folder, *flags], stderr=subprocess.PIPE)
    assert done.returncode in (0, 1), done.stderr
    return done.returncode


def report(folder, page):
    subprocess.run([environment("loading") / "python", REPORT, folder, "-o", page], check=True)
    return Reader(page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder of two runs, the second of which may not read a project's events; its truth, and its report."""
    folder = tmp_path_factory.mktemp("report")
    sandbox = Sandbox(folder, *WORLD)
    config = Connector(folder).file("config.json", sandbox.config(project=None))
    assert read(folder / "sentry", config) == 0
    sandbox.change(add_events={"project": "web", "count": 50, "new_issue": True})
    sandbox.advance(60)
    sandbox.faults({"path": "/api/0/projects/acme/api/events/", "times": -1, "status": 403, "body": '{"detail":"no"}'})
    assert read(folder / "sentry", config) == 1
    truth = sandbox.control("GET", "truth?organization=acme")
    sandbox.stop()
    spoil(folder / "sentry")
    return {"page": folder / "report.html", "reader": report(folder / "sentry", folder / "report.html"), "truth": truth}


def spoil(folder):
    """Puts hostile values into the first records of the folder."""
    manifest = json.loads((folder / "manifest.json").read_text())
    for stream, changes in HOSTILE.items():
        path, [file] = folder / f"{stream}.jsonl", manifest["streams"][stream]["files"]
        records = [json.loads(line) for line in path.read_text().splitlines()]
        for record, change in zip(records, changes):
            record.update(change)
        path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
        file["bytes"] = path.stat().st_size
        path.write_text(path.read_text() + '{"torn')  # as a run leaves it that was killed
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_it_tells_what_the_folder_holds(made):
    text, truth = made["reader"].text, made["truth"]
    for stream in ("events", "releases", "projects"):
        assert f"{stream} {len(true_ids(truth, stream)):,} " in text, stream
    assert "1 stream not complete" in text
    assert 'may not read the events of the project "api"' in text, "what is missing is named"
    top = text.partition("Top issues")[2].partition("Releases")[0]
    assert top.index("12,345,678 events") < top.index("1,234,567 events")
    runs = text.partition("Last runs")[2]
    assert runs.index("incomplete") < runs.index(" complete")


def test_it_needs_nothing_beside_it_and_believes_nothing(made):
    reader = made["reader"]
    assert not reader.tags & {"script", "img", "link", "iframe", "object", "embed", "a", "image", "use", "base", "form"}
    names = {name for name, _ in reader.attributes}
    assert not names & {"src", "href", "xlink:href", "srcset", "action", "data"}
    assert not [name for name in names if name.startswith("on")]
    page = made["page"].read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import", page)
    for text in (SCRIPT, "<img src=x onerror=alert(2)>", "</svg><i onload=y>"):
        assert text in reader.text, "as text it is there"
    assert LONG in page and "\u202e" not in page


@needs_browser
@pytest.mark.parametrize("width", [320, 390, 768, 800, 1280])
def test_nothing_overlaps_or_is_cut_off(made, tmp_path, width):
    seen = browser.measure(made["page"], width, tmp_path)
    assert seen["width"] == width and seen["wanted"] <= width
    assert seen["overlaps"] == seen["outside"] == seen["cut"] == [] and seen["labels"] > 10


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_it_follows_the_readers_choice_of_light_and_dark(made, tmp_path, width, scheme):
    browser.screenshot(made["page"], width, 900, scheme, tmp_path / "page.png")
    brightness = sum(browser.first_pixel(tmp_path / "page.png")) / 3
    assert brightness > 200 if scheme == "light" else brightness < 60


def test_an_empty_folder_and_missing_streams_are_told_in_a_sentence(tmp_path):
    (tmp_path / "sentry").mkdir()
    refused = subprocess.run([environment("loading") / "python", REPORT, tmp_path / "sentry"], capture_output=True)
    assert refused.returncode == 1 and refused.stderr.count(b"\n") == 1 and b"no manifest.json" in refused.stderr
    manifest = {"version": 1, "made_by": "source-sentry 0.1.0", "of": {"host": "sentry.io", "organization": "acme"},
                "written": {"format": "jsonl", "compression": "none", "partition_by": "nothing"},
                "streams": {}, "runs": []}
    (tmp_path / "sentry" / "manifest.json").write_text(json.dumps(manifest))
    text = report(tmp_path / "sentry", tmp_path / "empty.html").text
    for sentence in ("no events in this folder", "no issues in this folder", "no releases in this folder",
                     "No stream has been read", "There has been no run"):
        assert sentence in text, sentence


@pytest.mark.parametrize("flags", [["--format", "csv", "--compress", "zstd"],
                                   ["--partition-by", "day", "--compress", "gzip"]], ids=" ".join)
def test_it_reads_folders_of_every_form(sandbox, connector, tmp_path, flags):
    config = connector.file("config.json", sandbox.config(project=None))
    for name, more in (("plain", []), ("other", flags)):
        assert read(tmp_path / name, config, *more) == 0
    plain, other = (report(tmp_path / name, tmp_path / f"{name}.html").text.partition("Completeness")[0]
                    for name in ("plain", "other"))
    assert plain.partition("Events per day")[2] == other.partition("Events per day")[2] != ""
