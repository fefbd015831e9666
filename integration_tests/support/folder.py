"""What a folder of `read --output` holds."""

import csv
import gzip
import io
import json
import subprocess

from .connector import INCREMENTAL


def unpacked(name, content):
    if name.endswith(".gz"):
        return gzip.decompress(content)
    if name.endswith(".zst"):
        return subprocess.run(["zstd", "-dc"], input=content, capture_output=True, check=True).stdout
    return content


def value(text):
    """What a cell of CSV was."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


class Folder:
    def __init__(self, path):
        self.path = path

    def manifest(self):
        return json.loads((self.path / "manifest.json").read_text())

    def lines(self, stream):
        """The lines of its files that the manifest covers, in their order."""
        lines = []
        for file in self.manifest()["streams"][stream]["files"]:
            safe = unpacked(file["name"], (self.path / file["name"]).read_bytes()[:file["bytes"]])
            assert safe == b"" or safe.endswith(b"\n"), f"{file['name']} is torn"
            if ".csv" in file["name"]:
                columns, *rows = csv.reader(io.StringIO(safe.decode(), newline=""))
                of_file = [json.dumps(dict(zip(columns, row, strict=True))) for row in rows]
            else:
                of_file = safe.splitlines()
            assert len(of_file) == file["records"], file
            if "day" in file:
                key = INCREMENTAL[stream]
                assert all(json.loads(line)[key].startswith(file["day"]) for line in of_file), file["name"]
            lines += of_file
        return lines

    def records(self, stream):
        return [json.loads(line) for line in self.lines(stream)]

    def ids(self, stream):
        return [str(record["id"]) for record in self.records(stream)]

    def check(self, truth, streams):
        """That it holds every record of the truth, no line twice, and nothing behind what the manifest covers."""
        for stream in streams:
            lines = self.lines(stream)
            assert len(set(lines)) == len(lines), f"{stream} holds a line twice"
            assert sorted(set(self.ids(stream))) == truth[stream], f"{stream} is not complete"
            about = self.manifest()["streams"][stream]
            assert about["status"] == "complete" and "errors" not in about, about
            for file in about["files"]:
                assert (self.path / file["name"]).stat().st_size == file["bytes"]
