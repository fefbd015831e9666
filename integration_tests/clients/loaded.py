"""Folders as `read --output` leaves them, written in every way, and records in the form in which they are compared."""

import datetime
import json
import math
import re
import subprocess

from support.connector import EXECUTABLE, Connector
from support.folder import Folder
from support.protocol import ROOT
from support.sandbox import Sandbox, true_ids

PAGE = "docs/loading.md"
WORLD = ("--projects", 3, "--events", 150, "--issues", 30)
# PostgreSQL's text cannot hold it, and CSV readers stumble over it.
NUL = {"path": "/issues/", "times": -1, "replace": ["permission denied", "permission \\u0000\\u0000denied"]}
SHARDS = 2


def layouts():
    """The rows of the page's table: the flags, and the pattern of the files."""
    rows = re.findall(r"^\| (.*?) \| `(sentry/\S+)` \|$", (ROOT / PAGE).read_text(), re.MULTILINE)
    assert len(rows) == 6, rows
    return [(flags.strip("`"), files) for flags, files in rows]


def csv_layouts():
    """Enough of them for CSV, whose names and frames are the same."""
    return layouts()[:1] + layouts()[2:5:2]


class World:
    """A sandbox, and a folder for each layout that holds what two reads found, the second after a change."""

    def __init__(self, folder):
        self.folder, self.sandbox = folder, Sandbox(folder, *WORLD)
        self.sandbox.faults(NUL)
        self.connector = Connector(folder)
        for read in range(2):
            if read == 1:
                self.change()
            for form, ways in (("jsonl", layouts()), ("csv", csv_layouts())):
                for flags, _ in ways:
                    self.read(self.place(flags, form), flags, form)
        self.connector.file("config.json", self.sandbox.config(project=None))

    def change(self):
        """Makes issues come a second time, the next day."""
        self.sandbox.advance(86400)
        for issue in self.sandbox.truth(project="web")["issues"][:8]:
            self.sandbox.change(add_events={"project": "web", "count": 2, "issue": issue["id"]})
        self.sandbox.advance(2)

    def place(self, flags, form="jsonl"):
        """Where the commands of the page are run for a layout."""
        return self.folder / f"{form} {flags}".replace(" ", "-")

    def read(self, place, flags, form):
        place.mkdir(exist_ok=True)
        shards = [{"shard": {"index": index, "count": SHARDS}} for index in range(SHARDS)] if flags == "shard" else [{}]
        options = flags.replace("256MB", "20kB").split() if flags.startswith("--") else []
        for shard in shards:
            config = self.connector.file("settings.json", self.sandbox.config(project=None, **shard))
            streams = "issues" if options or shard else "issues,events"
            subprocess.run([EXECUTABLE, "read", "--config", config, "--output", "sentry", "--streams", streams,
                            "--format", form, "--dedupe", *options], check=True, cwd=place, stderr=subprocess.DEVNULL)

    def newest(self, stream):
        """The newest copy of each true record."""
        lines = Folder(self.place("no further flag") / "sentry").records(stream)
        newest = list({key(record): record for record in lines}.values())
        ids = true_ids(self.sandbox.control("GET", "truth?organization=acme"), stream)
        # Events that have become too old for the server stay in the folder.
        assert set(ids) <= {record["id"] for record in newest} and len(newest) - len(ids) in range(6), stream
        assert len(lines) > len(newest) or stream == "events", "nothing came twice"
        return newest


def properties(stream):
    return json.loads((ROOT / "schemas" / f"{stream}.json").read_text())["properties"]


def key(record):
    """What tells records apart. An event may be in two projects under one id."""
    return record.get("projectID"), record["id"]


def by_key(rows, stream, plain=lambda value: value):
    """Rows by key, each with all fields of the schema in one form: times as times, nothing where nothing is; `plain` is
    applied to the other values."""
    taken = {}
    for row in rows:
        record = {name: moment(row.get(name)) or plain(row.get(name)) for name in properties(stream)}
        assert isinstance(row["id"], str) and key(row) not in taken, row["id"]
        taken[key(row)] = {name: value for name, value in record.items() if not is_missing(value)}
    return taken


def moment(value):
    """A time in UTC, whoever wrote it; None of what is not a time."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", value):
        return None
    read = datetime.datetime.fromisoformat(value)
    return read if read.tzinfo else read.replace(tzinfo=datetime.timezone.utc)


def is_missing(value):
    return value is None or (isinstance(value, float) and math.isnan(value))


def as_text(value):
    """A value as CSV has it; nested ones are compared as what they say."""
    if isinstance(value, bool):
        return json.dumps(value)
    return value if value is None or isinstance(value, str | dict | list) else str(value)


def from_text(value):
    """The same of a cell of CSV."""
    return json.loads(value) if isinstance(value, str) and value[:1] in ("[", "{") else value
