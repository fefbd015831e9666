"""Proves that a whole organization is read completely: in full, and then incrementally, killed again and again, while
the organization goes on. Used by test_organization_proof.py and, in full size, by benchmarks/organization_proof.py."""

import json
import random
import subprocess
import time

from .connector import EXECUTABLE, INCREMENTAL, catalog
from .ledger import Ledger, instant
from .moving_world import MovingWorld

WORKERS = 8
# Read anew in every run, so that the last one shows each project under its present slug.
WITH_SLUGS = ["project_detail", "all_projects_detail"]
# Short of the 90 days that Sentry counts an issue's events in: its count says all of them.
HISTORY = ["--days", 60]


class Proof:
    """`report` is called with a line of text for each thing that was done."""

    def __init__(self, connector, sandbox, seed, report=lambda text: None):
        self.connector, self.sandbox, self.report = connector, sandbox, report
        self.dice = random.Random(seed)
        self.world = MovingWorld(sandbox, random.Random(f"world {seed}"))
        self.config = sandbox.config(project=None, num_workers=WORKERS)
        self.size = 0  # bytes of the latest run that was let live
        self.slugs = {}  # stream: id: slug, as the latest run wrote them

    def run(self, ledger, wanted, kill_at=None):
        """One run, from the ledger's states; killed after so many bytes. Gives whether it came to its end."""
        ledger.begin()
        self.slugs = {stream: {} for stream in WITH_SLUGS}
        arguments = self.connector.arguments("read", self.config, wanted, ledger.saved())
        begin, size, last = time.monotonic(), 0, b""
        process = subprocess.Popen([EXECUTABLE, *arguments], stdout=subprocess.PIPE)
        drain = self.dice.random() < 0.5  # whether anybody sees what a killed run left in the pipe
        killed = left = False
        for line in process.stdout:
            size, last = size + len(line), line
            if line.endswith(b"\n"):
                ledger.line(line)
                self.note_slug(line)
            if not killed and kill_at is not None and size >= kill_at:
                process.kill()
                killed = True
                left = not drain
                if left:
                    break
        process.stdout.close()
        code = process.wait()
        assert code in (0, -9), f"exit code {code}: {ledger.errors}"
        finished = code == 0 and not left  # it may have been done just before the kill
        if finished:
            assert last.endswith(b"\n")
            ledger.ended(entry["stream"]["name"] for entry in wanted["streams"])
            self.size = size
        else:
            ledger.killed()
        self.report(f"{'read' if finished else 'killed'}: {size / 1e6:.2f} MB, {time.monotonic() - begin:.1f} s")
        return finished

    def note_slug(self, line):
        for stream, slugs in self.slugs.items():
            if line.startswith(b'{"type":"RECORD","record":{"stream":"%s"' % stream.encode()):
                record = json.loads(line)["record"]["data"]
                slugs[record["id"]] = record["slug"]

    def until_finished(self, ledger, kills, choices):
        """Runs that are killed, each followed by another from the last STATE seen, and at the end one that lives."""
        size = self.size
        for _ in range(kills):
            with self.world.going_on(choices):
                if self.run(ledger, catalog(), kill_at=self.dice.randrange(1, max(2, size // max(1, kills)))):
                    return
            self.sandbox.advance(self.dice.random() * 5)
        with self.world.going_on(choices):
            assert self.run(ledger, catalog())

    def prove(self, kills):
        """The whole of it; half of the kills fall into the first incremental read, which is the long one."""
        full = Ledger(WORKERS)
        assert self.run(full, catalog(sync_mode="full_refresh"))
        self.compare(full)

        ledger = Ledger(WORKERS)
        new = [change for change in MovingWorld.ANY_TIME if change is not MovingWorld.late_events]
        self.until_finished(ledger, kills // 2, new)
        rounds = 0
        while ledger.kills < kills or rounds < len(MovingWorld.BETWEEN_RUNS):
            self.sandbox.advance(self.dice.randrange(60, 7200))
            for change in MovingWorld.ANY_TIME * 3 + [MovingWorld.BETWEEN_RUNS[rounds % len(MovingWorld.BETWEEN_RUNS)]]:
                self.world.change([change])
            self.until_finished(ledger, min(self.dice.randint(1, 4), kills - ledger.kills), MovingWorld.ANY_TIME)
            rounds += 1
            self.sandbox.control("DELETE", "requests")
        self.sandbox.advance(30)
        marks = {stream: ledger.marks_of(stream) for stream in INCREMENTAL}
        assert self.run(ledger, catalog())
        self.compare(ledger, marks)
        return ledger

    def compare(self, ledger, marks=None):
        """All that is there was written, in its newest form, and nothing that never was."""
        there = self.world.ids()
        for stream, ids in there.items():
            written = set(ledger.written[stream])
            assert not ids - written, f"{len(ids - written)} {stream} are missing, {sorted(ids - written)[:5]}"
            assert not written - self.world.ever[stream], f"{stream} that never were"
        projects = self.world.rows("projects")
        self.compare_issues(ledger, there["issues"], marks)
        for stream in "project_detail", "all_projects_detail":
            assert {record_id for record_id, _ in ledger.in_run[stream]} == set(projects), stream
        for stream, slugs in self.slugs.items():
            assert slugs == {project: row["slug"] for project, row in projects.items()}, f"{stream}: not today's slugs"

    def compare_issues(self, ledger, ids, marks):
        """The newest version of each. A change that moves no lastSeen comes within the lookback window only."""
        rows = self.world.rows("issues")
        numbers = {row["slug"]: project for project, row in self.world.rows("projects").items()}
        wrong = []
        for issue in ids:
            row, (seen, *version) = rows[issue], ledger.written["issues"][issue]
            newest = row["lastSeen"][:19] + "Z"  # lists show whole seconds
            since = marks["issues"][numbers[row["project"]]] - ledger.lookback if marks else None
            must_be_equal = since is not None and instant(newest) >= since
            if seen != newest or (must_be_equal and version != [row["status"], row["count"]]):
                wrong.append((row, seen, version))
        assert not wrong, f"{len(wrong)} issues are not in their newest version, {wrong[:3]}"
