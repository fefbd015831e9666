"""What a destination makes of a connection's runs: a table for each stream, a row for each primary key."""

import json

from .all_streams import key_of
from .connector import ALL
from .crashes import is_under_way


class Tables:
    """Takes in the lines of one run after the other. Raises AssertionError for a STATE that miscounts its records."""

    def __init__(self, streams):
        self.rows = {stream: {} for stream in streams}  # the tables: key: record
        self.states = {}   # stream: the last STATE seen
        self.written, self.deleted = {}, {}  # of this run: stream: number of records, and keys it said are gone
        self.unsaved = {stream: set() for stream in streams}  # keys that came behind the last STATE of a killed run
        self.begin()

    def begin(self):
        """A run starts, from what `saved` gives. A full refresh that goes on with none begins with an empty table."""
        self.behind = {stream: [] for stream in self.rows}  # records that no STATE covers yet
        self.written = {stream: 0 for stream in self.rows}
        self.deleted = {stream: set() for stream in self.rows}
        self.errors, self.finished = [], set()
        for stream, rows in self.rows.items():
            goes_on = stream in self.states and is_under_way(self.states[stream])
            if "incremental" not in ALL[stream]["sync_modes"] and not goes_on:
                rows.clear()

    def saved(self):
        return list(self.states.values()) or None

    def line(self, line):
        message = json.loads(line)
        if message["type"] == "RECORD":
            stream, row = message["record"]["stream"], message["record"]["data"]
            self.behind[stream].append(row)
            self.written[stream] += 1
            if row.get("_deleted"):
                self.deleted[stream].add(key_of(stream, row))
        elif message["type"] == "STATE":
            stream = message["state"]["stream"]["stream_descriptor"]["name"]
            count = message["state"]["sourceStats"]["recordCount"]
            assert count == len(self.behind[stream]), f"a STATE of {stream} miscounts its records"
            self.unsaved[stream] -= self.load(stream)
            self.states[stream] = message["state"]
        elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
            self.errors.append(message["trace"]["error"])
        elif message["type"] == "TRACE" and message["trace"]["stream_status"]["status"] == "COMPLETE":
            self.finished.add(message["trace"]["stream_status"]["stream_descriptor"]["name"])

    def load(self, stream):
        """Puts the records into the table. Their keys."""
        keys = {key_of(stream, row) for row in self.behind[stream]}
        for row in self.behind[stream]:
            if row.get("_deleted"):
                self.rows[stream].pop(key_of(stream, row), None)
            else:
                self.rows[stream][key_of(stream, row)] = row
        self.behind[stream] = []
        return keys

    def killed(self, keep):
        """The run was killed. `keep`: whether the destination keeps what no STATE covers; both are allowed."""
        for stream in self.rows if keep else ():
            self.unsaved[stream] |= self.load(stream)

    def ended(self):
        """The run came to its end by itself."""
        assert not self.errors and self.finished == set(self.rows), (self.errors, set(self.rows) - self.finished)
        left = [stream for stream, rows in self.behind.items() if rows]
        assert not left, f"records of {left} that no STATE covers"
