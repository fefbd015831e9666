"""Proves that the streams beside events, issues and releases are complete: a table made of their records, upserted by
primary key, is in the end what the organization holds, though the runs are killed again and again while it goes on.
Used by test_lists_proof.py and, in full size, by benchmarks/lists_proof.py."""

import contextlib
import random
import socket
import subprocess
import time

from .all_streams import BY_CONTENTS, config_of, true_keys
from .connector import ALL, EXECUTABLE, catalog
from .moving_lists import KEPT, STREAMS, MovingLists
from .tables import Tables

WORKERS = 8
LINES_BETWEEN_CHANGES = 60
# Whose rows do not tell all: what was edited, or added in another's place, is found by a slower look (docs/streams.md).
SLOWER = ["issue_comments", "issue_activity", "issue_open_periods", "release_files"]
UNTIL_SLOWER = 8 * 24 * 3600
# Written only if something changed that tells of it. (The others look back, or are read whole by each run.)
BY_SIGNALS = ["issue_comments", "issue_activity", "issue_external_links", "release_deploys", "release_commits",
              "release_files", "monitor_checkins"]
# Members that move by themselves, and so are of any age in a record.
RESTLESS = {"lastActive", "lastLogin", "lastCheckIn", "nextCheckIn", "nextCheckInLatest", "lastChecked", "has_viewed", "access",
            "download_count"}


class ListsProof:
    """`report` is called with a line of text for each thing that was done."""

    def __init__(self, connector, sandbox, seed, report=lambda text: None):
        self.connector, self.sandbox, self.report = connector, sandbox, report
        self.dice = random.Random(seed)
        self.world = MovingLists(sandbox, random.Random(f"world {seed}"))
        self.config = config_of(sandbox, num_workers=WORKERS)
        self.tables = Tables(STREAMS)
        self.kills = 0
        self.size = sum(map(len, self.world.there_was.values()))  # lines of the latest run that was let live

    def prove(self, rounds, kills):
        """A third of the kills fall into the first read, which is the long one."""
        new = [change for change in MovingLists.ANY_TIME if change is not MovingLists.late_events]
        self.until_finished(kills // 3, new)
        for number in range(rounds):
            self.sandbox.advance(self.dice.randrange(60, 7200))
            self.world.every_list_changed()
            for change in [*MovingLists.ANY_TIME, MovingLists.BETWEEN_RUNS[number % len(MovingLists.BETWEEN_RUNS)]]:
                self.world.change([change])
            self.until_finished((kills - self.kills) // (rounds - number), MovingLists.ANY_TIME)
            self.sandbox.control("DELETE", "requests")
        self.sandbox.advance(30)
        self.read()
        self.compare([stream for stream in STREAMS if stream not in SLOWER])
        self.sandbox.advance(UNTIL_SLOWER)
        self.read()
        self.compare(STREAMS)
        self.read()
        again = {stream: self.tables.written[stream] for stream in [*BY_CONTENTS, *BY_SIGNALS]
                 if self.tables.written.get(stream)}
        assert not again, f"records of an organization in which nothing happened: {again}"

    def until_finished(self, kills, choices):
        """Runs that are killed, each followed by another from the last STATE seen, and at the end one that lives."""
        for _ in range(kills):
            self.read(choices, kill_at=self.dice.randrange(1, max(2, self.size // 2)))
            self.sandbox.advance(self.dice.random() * 5)
        self.read(choices)

    def read(self, choices=(), kill_at=None):
        """One run, from the last states; killed after so many lines. One of `choices` happens every so many lines: its
        stdout is a socket with hardly any buffer, so that it is never far ahead of us."""
        self.tables.begin()
        begin, lines, killed = time.monotonic(), 0, False
        ours, its = socket.socketpair()
        its.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        command = self.connector.arguments("read", self.config, catalog(*STREAMS), self.tables.saved())
        process = subprocess.Popen([EXECUTABLE, *command], stdout=its, stderr=subprocess.DEVNULL)
        its.close()
        with ours, ours.makefile("rb") as output, contextlib.suppress(ConnectionResetError):
            for line in output:
                if line.endswith(b"\n"):
                    self.tables.line(line)
                lines += 1
                if choices and lines % LINES_BETWEEN_CHANGES == 0:
                    self.world.change(choices)
                if lines == kill_at:
                    process.kill()
                    killed = True
        code = process.wait()
        assert code == (-9 if killed else 0) or (killed and code == 0), f"exit code {code}: {self.tables.errors}"
        self.report(f"{'killed' if killed else 'read'}: {lines} lines, {time.monotonic() - begin:.1f} s")
        if killed:
            self.kills += 1
            self.tables.killed(keep=self.dice.random() < 0.5)
        else:
            self.size = lines
            self.tables.ended()
        self.check_deleted()

    def check_deleted(self):
        """What a run says is gone is gone: nothing in this world comes back."""
        for stream, gone in self.tables.deleted.items():
            alive = gone & set(true_keys(self.sandbox, stream)) if gone else ()
            assert not alive, f"{stream}: said to be gone, and there: {sorted(alive)[:5]}"

    def compare(self, streams):
        """The tables hold what there is, in its newest form, and nothing that never was. Which records there are the
        sandbox says; what they hold says a read of the same moment that begins with nothing."""
        fresh = Tables(STREAMS)
        wanted = catalog(*STREAMS, sync_mode="full_refresh")
        for line in self.connector.read(self.config, wanted).stdout.splitlines(keepends=True):
            fresh.line(line)
        fresh.ended()
        faults = []
        for stream in streams:
            there, table = fresh.rows[stream], self.tables.rows[stream]
            if stream in KEPT:
                assert sorted(there) == true_keys(self.sandbox, stream), f"{stream} is not complete in full refresh"
            missing = sorted(there.keys() - table.keys())
            too_many = sorted(key for key in table.keys() - there.keys() if not self.may_stay(stream, table[key], key))
            old = sorted(key for key in there.keys() & table.keys() if plain(table[key]) != plain(there[key]))
            for name, keys in (("missing", missing), ("there, and should not be", too_many), ("not the newest", old)):
                if keys:
                    rows = [(key, table.get(key), there.get(key)) for key in keys[:2]]
                    faults.append(f"{stream}: {len(keys)} of {len(there)} {name}: {rows}")
        assert not faults, "\n".join(faults)

    def may_stay(self, stream, row, key):
        """Whether the table may hold what is gone: deletions are told by lists that are known by their contents, and
        not of a project that is no longer read."""
        if stream in BY_CONTENTS:
            if key in self.tables.unsaved[stream]:  # no state knew of it when it went
                return True
            return "projectId" in ALL[stream]["primary_key"] and row["projectId"] in self.world.deleted_projects
        if stream not in KEPT:  # parts of events
            return row["eventID"] in self.world.ever["events"]
        return "incremental" in ALL[stream]["sync_modes"] and key in self.world.there_was[stream]


def plain(value):
    """Without what moves by itself, and with sets of texts in one order."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if name not in RESTLESS}
    if isinstance(value, list) and value and all(isinstance(one, str) for one in value):
        return sorted(value)
    return [plain(inner) for inner in value] if isinstance(value, list) else value
