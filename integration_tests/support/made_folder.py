"""Folders in the form that `read --output` gives them, made by hand."""

import gzip
import json

WHEN = "2026-01-16T12:31:00.000000Z"


class MadeFolder:
    def __init__(self, path):
        self.path, self.streams, self.runs = path, {}, []
        (path / ".source-sentry").mkdir(parents=True)
        (path / ".source-sentry" / "lock").touch()

    def run(self, *, mode="full_refresh", status="complete", compress=False, files=1, torn=b"", left_out=0,
            **streams):
        """Writes a run's records of each stream in place of what was there."""
        number = len(self.runs) + 1
        for name, records in streams.items():
            lines = [record if isinstance(record, bytes) else json.dumps(record).encode() for record in records]
            about = {"status": status, "mode": mode, "files": [], "state": {}}
            share = -(-len(lines) // files) if lines else 0
            for index in range(files):
                some = lines[index * share:(index + 1) * share]
                ending = "jsonl.gz" if compress else "jsonl"
                file = f"{name}.{ending}" if files == 1 else f"{name}.{index + 1:04}.{ending}"
                content = b"".join(line + b"\n" for line in some)
                content = gzip.compress(content) if compress else content
                (self.path / file).write_bytes(content + torn)
                about["files"].append({"name": file, "bytes": len(content), "records": len(some), "run": number,
                                       "begun": WHEN})
            if left_out:
                about["left_out"] = left_out
            if status == "incomplete":
                about["errors"] = ["Something could not be read."]
            if status == "due":  # whole, but killed before its files took the place of the old ones
                about.update(status="complete", successor={"files": [], "state": {}, "is_due": True})
            self.streams[name] = about
        self.runs.append({"run": number, "began": WHEN, "ended": WHEN, "complete": status == "complete",
                          "records": {name: len(records) for name, records in streams.items()}})
        manifest = {"version": 1, "made_by": "source-sentry 0.1.0", "of": {"host": "sentry.io", "organization": "acme"},
                    "written": {"compression": "gzip" if compress else "none", "format": "jsonl",
                                "partition_by": "nothing"}, "streams": self.streams, "runs": self.runs}
        (self.path / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
