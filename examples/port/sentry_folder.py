"""What `source-sentry read --output FOLDER` has written, by its manifest (docs/files.md)."""

import fnmatch
import gzip
import itertools
import json
import sys

from port_api import Failure


class Stream:
    """A stream of the folder. Of each entity only the newest record counts, which is the last one."""

    def __init__(self, folder, name, about):
        self.folder, self.name, self.about, self.problems, last, gone = folder, name, about, [], {}, set()
        for number, line in enumerate(self.lines()):
            try:
                record = json.loads(line)
                key = record["blueprint"], record["identifier"]
                if not (isinstance(key[0], str) and key[0] and isinstance(key[1], (str, dict)) and key[1]):
                    raise ValueError
                if isinstance(key[1], dict):
                    key = key[0], None, number  # a search: it names no entity
            except (ValueError, KeyError, TypeError, RecursionError):
                self.problems.append(f"{name}, record {number + 1}: it has no blueprint and identifier")
                continue
            last[key] = number
            (gone.add if record.get("_deleted") or record.get("_deselected") else gone.discard)(key)
        self.keys, self.gone = {number: key for key, number in last.items() if key not in gone}, gone
        self.current = set(self.keys.values())
        self.complete = about["status"] == "complete" and not about.get("errors") and "successor" not in about
        self.left_out = about.get("left_out", 0)
        # Which entities it would have been is not known of a record that is none, or that an expression failed for.
        self.whole = (self.complete and about["mode"] == "full_refresh" and not self.problems and not self.left_out)

    def lines(self):
        for file in sorted(self.about["files"], key=lambda file: file.get("day", "")):
            path, count = self.folder / file["name"], 0
            if not path.name.endswith((".jsonl", ".jsonl.gz")):
                raise Failure(f"{path}: only JSON lines can be delivered, plain or with gzip.")
            with (gzip.open if path.suffix == ".gz" else open)(path, "rb") as lines:
                for count, line in enumerate(itertools.islice(lines, file["records"]), 1):
                    yield line.rstrip(b"\n")
            if count < file["records"]:
                raise Failure(f"{path} is shorter than the manifest says. Read the stream again.")

    def entities(self):
        return ((self.name, self.keys[number], line) for number, line in enumerate(self.lines()) if number in self.keys)


def streams_of(folder, patterns):
    """Those that the last run has read. What it has not was delivered before, or is no longer in the Port file."""
    manifest = json.loads((folder / "manifest.json").read_text())
    last = manifest["runs"][-1]["records"] if manifest["runs"] else manifest["streams"]
    names = [name for name in manifest["streams"] if any(fnmatch.fnmatchcase(name, one) for one in patterns)]
    for name in set(names) - set(last):
        print(f"{name}: left out, since the last run has not read it", file=sys.stderr)
    return [Stream(folder, name, manifest["streams"][name]) for name in names if name in last]
