"""Reads local Sentrys that fail in every way they know, kills the reader at random, and goes on from the last state,
again and again. Everything is diced in rounds: a world, which of its projects are read, with which options, in how
many shards, and what happens between two runs. At the end of a round all that was written is compared with what is
true.

    python3 benchmarks/soak.py [--minutes N] [--memory MB] [--seed N] [--round N] [--faults TEXT]

Needs a release build, or another one in BUILD_DIR. Ends with a table, and with exit code 1 at the first record that is
lost or that comes twice in one run, the first state ahead of its records, the first silent failure, or when the memory
passes its ceiling; then it says what was done, and `--round` does that round again alone. Waits of the connector are a
hundred times as short as they would be. A round with few kills takes a second or two; what is under way when the
minutes are over is read to its end without faults."""

import argparse
import collections
import contextlib
import datetime
import math
import pathlib
import random
import select
import signal
import socket
import struct
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration_tests"))

from support.connector import INCREMENTAL, STREAMS, Connector, catalog  # noqa: E402
from support.crashes import is_under_way, read_until_killed  # noqa: E402
from support.fast_time import fast  # noqa: E402
from support.names import lost_names, named  # noqa: E402
from support.preload import preloaded  # noqa: E402
from support.sandbox import Sandbox  # noqa: E402

from soak_faults import (  # noqa: E402
    CLOCKS, EMPTY_SWEEP, FAULTS, FUTURE_EVENT, HEADERS, NAMES, SURVIVED, TOLD, day_before, fault)

SPEED = 100
WHOLE = 1 << 40  # bytes that no read comes to
DAY = 86_400
NOW = "2026-06-01T12:00:00Z"  # so that a seed gives the same world
WORLDS = {
    "long lists": ("--events", 2500, "--issues", 1300, "--releases", 1200, "--projects", 3),
    "some projects": ("--events", 1200, "--issues", 400, "--releases", 200, "--projects", 8),
    "two lists of projects": ("--events", 900, "--issues", 500, "--releases", 50, "--projects", 70),
    "projects whose names tie": ("--events", 900, "--issues", 500, "--releases", 50, "--projects", 70,
                                 "--quirk", "names-tie"),
}

# Whose rows are those of projects, or are asked for project by project.
OF_PROJECTS = ("project_detail", "all_projects_detail", "project_keys")
READ_ONCE_MORE = ("issues", "releases")


class Relay:
    """Passes connections on to the sandbox and resets some of them, which the sandbox cannot. It counts the bytes of
    answers; `places` are those after which the connection that they came on is reset."""

    def __init__(self, url):
        self.target = ("127.0.0.1", int(url.rpartition(":")[2]))
        self.places, self.passed, self.resets, self.lock = [], 0, 0, threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def begin(self, places):
        with self.lock:
            self.places, self.passed, self.resets = sorted(places), 0, 0

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.forward, args=(client,), daemon=True).start()

    def forward(self, client):
        with contextlib.suppress(OSError), client, socket.create_connection(self.target) as server:
            sinks = {client: server, server: client}
            while True:
                for source in select.select(list(sinks), [], [])[0]:
                    piece = source.recv(1 << 14)
                    if not piece:
                        return
                    if source is server and self.is_due(len(piece)):
                        client.sendall(piece[:len(piece) // 2])
                        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    sinks[source].sendall(piece)

    def is_due(self, size):
        with self.lock:
            self.passed += size
            due = bool(self.places) and self.passed >= self.places[0]
            if due:
                self.places.pop(0)
                self.resets += 1
            return due

    def stop(self):
        self.listener.close()


class Plan:
    """What is diced for a round."""

    def __init__(self, dice):
        self.world = dice.choice(sorted(WORLDS))
        self.selection = dice.choice(["one", "some", "all", "all"])
        self.shards = dice.choice([1, 1, 1, 2, 3]) if self.selection != "one" else 1
        self.mode = "full_refresh" if dice.random() < 0.15 else None
        self.options = {"lookback_window": dice.choice(["PT0S", "PT10M", "PT10M", "PT1H"])}
        for name, value in (("issues_refresh", "P1D"), ("releases_refresh", "P30D"), ("late_events_window", "P3D"),
                            ("event_bodies", "detail")):
            if dice.random() < 0.3:
                self.options[name] = value
        # Issues without an event in Sentry's 90 days are not swept.
        self.days = 60 if self.has("issues_refresh") else dice.choice([60, 90])
        self.ends = dice.randint(1, 3)  # so many runs of each shard end well before the comparison

    def has(self, name):
        return name in self.options and self.mode is None

    def refreshes(self):
        return any(map(self.has, ("issues_refresh", "releases_refresh", "late_events_window")))

    def names(self):
        """For the table."""
        return [f"world: {self.world}", f"projects: {self.selection}", f"shards: {self.shards}",
                f"sync mode: {self.mode or 'incremental'}",
                *(f"option: {name} {value}" for name, value in self.options.items())]


class Changes:
    """What happens in the world between two runs, and what there ever was in it."""

    def __init__(self, sandbox, plan):
        self.sandbox, self.plan, self.made, self.days = sandbox, plan, 0, 3
        self.changed_releases = set()
        self.now = None  # of the world, as it was remembered last
        self.known = collections.defaultdict(set, events={FUTURE_EVENT["id"]})
        self.slugs = sorted(row["slug"] for row in self.truth("projects")["projects"])
        if plan.selection == "one":
            self.chosen = ["web"]
        else:
            self.chosen = self.slugs if plan.selection == "all" else [slug for slug in self.slugs if slug[0] < "n"]
        self.remember()

    def truth(self, *only, **more):
        asked = "".join(f"&{key}={value}" for key, value in [("only", name) for name in only] + list(more.items()))
        return self.sandbox.control("GET", f"truth?organization=acme{asked}")

    def rows(self):
        """What a complete read has of each stream: id and what is known of it."""
        truth = self.truth(*(stream for stream in STREAMS if stream not in OF_PROJECTS))
        self.now = datetime.datetime.fromisoformat(truth["now"][:19]).replace(tzinfo=datetime.timezone.utc)
        chosen = set(self.slugs if self.plan.selection == "all" else self.chosen)
        projects = {row["id"]: row for row in truth["projects"]}
        ours = {key: row for key, row in projects.items() if row["slug"] in chosen}
        # User feedback is kept as issues by Sentry, but its lists leave it out.
        issues = [row for row in truth["issues"] if row["project"] in chosen and row["category"] != "feedback"]
        keys = [key for slug in chosen for key in self.truth("project_keys", project=slug)["project_keys"]]
        others = {stream: {str(row["id"]): row for row in truth[stream]}
                  for stream in STREAMS if stream not in OF_PROJECTS}
        return {**others, "events": {row["id"]: row for row in truth["events"] if row["project"] in chosen},
                "issues": {row["id"]: row for row in issues},
                "releases": {str(row["id"]): row for row in truth["releases"]},
                "projects": projects, "all_projects_detail": projects, "project_detail": ours,
                "project_keys": dict.fromkeys(keys)}

    def remember(self):
        """Some of it may be deleted or past its retention by the end."""
        rows = self.rows()
        for stream, ids in rows.items():
            self.known[stream].update(ids)
        return rows

    def config(self):
        if self.plan.selection == "one":
            return {"project": "web"}
        if self.plan.selection == "all":
            return {"project": None}
        return {"project": None, "projects": ["[a-m]*"]}

    def happen(self, dice):
        """Whether a day passes."""
        rows = self.remember()
        # A sweep is due once a day. Few days, so that nothing grows too old for the reads that find it.
        refreshes = self.plan.has("issues_refresh") and not self.plan.has("late_events_window")
        passes = refreshes and self.days > 0 and dice.random() < 0.3
        if passes:
            self.days -= 1
            self.sandbox.advance(DAY)
        self.sandbox.advance(dice.randrange(120))
        for _ in range(dice.choice([0, 0, 1, 2, 4])):
            dice.choice(self.possible())(dice, rows)
        self.sandbox.advance(2)
        self.remember()
        return passes

    def target(self, dice):
        """What a fault of a single thing is about."""
        rows = self.remember()
        return {"event": dice.choice(sorted(rows["events"])), "yesterday": day_before(self.now),
                "project": dice.choice(sorted(row["slug"] for row in rows["project_detail"].values()))}

    def possible(self):
        changes = [self.new_events, self.new_events, self.issue_seen_again, self.new_release, self.issue_deleted]
        if self.plan.options["lookback_window"] != "PT0S":
            changes.append(self.late_events)
        if self.plan.has("late_events_window"):
            changes.append(self.very_late_events)
        if self.plan.has("issues_refresh"):
            changes += [self.issue_changed, self.issue_changed, self.issue_merged]
        if self.plan.has("releases_refresh"):
            changes += [self.release_changed]
        if self.plan.selection == "all":
            changes += [self.project_added, self.project_renamed, self.project_deleted]
        return changes

    def name(self, kind):
        self.made += 1
        return f"{kind}-{self.made}"

    def new_events(self, dice, rows):
        self.sandbox.change(add_events={"project": dice.choice(self.slugs), "count": dice.choice([1, 5, 20, 150]),
                                        "new_issue": dice.random() < 0.5})

    def late_events(self, dice, rows):
        self.sandbox.change(add_events={"project": dice.choice(self.slugs), "count": dice.randint(1, 5),
                                        "new_issue": dice.random() < 0.5, "at": dice.randint(1, 480)})

    def very_late_events(self, dice, rows):
        self.sandbox.change(add_events={"project": dice.choice(self.slugs), "count": dice.randint(1, 5),
                                        "at": dice.randint(600, 2 * DAY)})

    def issue(self, dice, rows):
        """An issue that is still there."""
        there = {row["id"] for row in self.truth("issues")["issues"]}
        return dice.choice(sorted(there & set(rows["issues"])) or [None])

    def issue_seen_again(self, dice, rows):
        if issue := self.issue(dice, rows):
            self.sandbox.change(add_events={"issue": issue})

    def issue_deleted(self, dice, rows):
        if issue := self.issue(dice, rows):
            self.sandbox.change(delete_issue=issue)

    def issue_changed(self, dice, rows):
        if issue := self.issue(dice, rows):
            self.sandbox.change(**{dice.choice(["resolve_issue", "archive_issue"]): issue})

    def issue_merged(self, dice, rows):
        issue, into = self.issue(dice, rows), self.issue(dice, rows)
        if issue and issue != into and rows["issues"][issue]["project"] == rows["issues"][into]["project"]:
            self.sandbox.change(merge_issue={"issue": issue, "into": into})

    def new_release(self, dice, rows):
        self.sandbox.change(add_release={"project": dice.choice(self.slugs), "version": f"{self.name('release')}@1.0"})

    def release_changed(self, dice, rows):
        truth = self.truth("releases")
        since = datetime.datetime.fromisoformat(truth["now"][:19]) - datetime.timedelta(days=25)
        tail = [row for row in truth["releases"] if row["dateCreated"] > since.isoformat() and row["status"] == "open"]
        if tail:
            release = dice.choice(tail)
            self.sandbox.change(archive_release=release["version"])
            self.changed_releases.add(str(release["id"]))

    def project_added(self, dice, rows):
        slug = self.name("added")
        self.sandbox.change(add_project={"slug": slug})
        self.slugs.append(slug)
        self.sandbox.change(add_events={"project": slug, "count": 25, "new_issue": True})

    def project_renamed(self, dice, rows):
        at, new = dice.randrange(len(self.slugs)), self.name("renamed")
        self.sandbox.change(rename_project={"from": self.slugs[at], "to": new})
        self.slugs[at] = new

    def project_deleted(self, dice, rows):
        if len(self.slugs) > 3:
            self.sandbox.change(delete_project=self.slugs.pop(dice.randrange(len(self.slugs))))


class Shard:
    """One connection: its states, and what was written of it."""

    def __init__(self):
        self.states, self.ends, self.last = {}, 0, None
        self.written = {stream: {} for stream in STREAMS}  # id: the record as it came last
        self.present = {stream: set() for stream in STREAMS}  # ids since each stream was begun from its beginning
        self.covered = set()  # ids of issues that a STATE followed

    def begin(self, mode):
        """A run starts."""
        for stream in STREAMS:
            if stream not in INCREMENTAL or (mode == "full_refresh" and not self.is_under_way(stream)):
                self.present[stream] = set()

    def is_under_way(self, stream):
        return stream in self.states and is_under_way(self.states[stream])


class Round:
    """One world from its beginning to the comparison. Counts into `soak`."""

    def __init__(self, soak, number, folder):
        self.soak, self.number, self.trail = soak, number, []
        self.plan = Plan(self.dice("plan"))
        self.connector = Connector(folder)
        self.sandbox = Sandbox(folder, *WORLDS[self.plan.world], "--event-size", "small", "--days", self.plan.days,
                               "--now", NOW)
        self.relay = Relay(self.sandbox.url)
        self.changes = Changes(self.sandbox, self.plan)
        self.shards = [Shard() for _ in range(self.plan.shards)]
        # About what a whole read writes.
        rows = self.changes.rows()
        self.size = 1500 * len(rows["events"]) + 2500 * len(rows["issues"]) + 1000 * len(rows["releases"])

    def dice(self, what):
        """Of their own for each purpose, so that how long something takes changes nothing of the rest."""
        return random.Random(f"{self.soak.seed} {self.number} {what}")

    def run(self, end):
        for name in self.plan.names():
            self.soak.plans[name] += 1
        lives = 0
        while time.monotonic() < end and min(shard.ends for shard in self.shards) < self.plan.ends:
            lives += 1
            index = min(range(len(self.shards)), key=lambda one: (self.shards[one].ends, (one + lives) % 3))
            self.live(self.dice(f"life {lives}"), index)
        self.compare()

    def live(self, dice, index):
        """One run of one shard, well or badly treated."""
        self.sandbox.reset()
        sweeps = self.changes.happen(dice)
        kinds = dice.sample(self.soak.faults, min(dice.choice([0, 1, 2, 3, 4]), len(self.soak.faults)))
        wanted = EMPTY_SWEEP in self.soak.faults and EMPTY_SWEEP not in kinds
        if sweeps and wanted and dice.random() < 0.5:
            kinds.append(EMPTY_SWEEP)
        target = self.changes.target(dice)
        self.sandbox.faults(*[fault(dice, kind, target) for kind in kinds])
        lost = dice.choice([0] * 9 + [1, 2, 4])
        names = lost_names(dice.randrange(4), lost)
        # Once all was read, there is less to be read.
        most = self.size >> (5 if self.shards[index].ends else 0)
        size = dice.randrange(dice.choice([most, int(2 ** dice.uniform(8, math.log2(most)))]))
        if dice.random() < 0.35:
            size = WHOLE
        resets = [dice.randrange(self.size) for _ in range(dice.choice([0, 0, 0, 2, 5]))]
        workers, drain = dice.randint(1, 6), dice.random() < 0.5
        self.relay.begin(resets)
        self.trail.append(f"shard {index}, {workers} workers, faults {kinds}, resets {resets}, "
                          f"killed at {size if size < WHOLE else 'no'} byte, drained {drain}")
        url = self.relay.url if resets else self.sandbox.url
        begin = self.changes.now.timestamp() if CLOCKS & set(kinds) else None
        env = preloaded(fast(SPEED, begin), names)
        seen = self.read(index, workers, named(url) if lost else url, env, size=size, drain=drain)
        met = {kind: row["hits"] for kind, row in zip(kinds, self.sandbox.control("GET", "faults"))}
        met.update({"reset": self.relay.resets, NAMES: lost})
        self.soak.kinds.update(met)
        seen_whole = drain or size == WHOLE or seen.bytes < size
        if seen.code == -signal.SIGKILL or not seen_whole:
            self.count("killed")
        elif seen.code == 1:
            assert seen.errors, "a failure without an error"
            assert not is_survived(met), f"{seen.errors} for {met}"
            self.count("ended with errors")
        else:
            assert seen.code == 0 and not seen.errors, (seen.code, seen.errors)
            assert not is_told(met), f"nothing is said of {met}"
            self.count("ended well")
            self.shards[index].ends += 1

    def count(self, what):
        self.soak.count[what] += 1
        self.trail[-1] += f": {what}"

    def read(self, index, workers, url, env=None, **how):
        plan, shard, wanted = self.plan, self.shards[index], catalog(sync_mode=self.plan.mode)
        part = {"shard": {"index": index, "count": plan.shards}} if plan.shards > 1 else {}
        config = self.sandbox.config(num_workers=workers, **{**plan.options, **self.changes.config(), **part},
                                     hostname=url)
        shard.begin(plan.mode)
        seen = read_until_killed(self.connector, config, wanted, list(shard.states.values()),
                                 env=env or fast(SPEED), **how)
        for stream in STREAMS:
            ids = seen.ids(stream)
            # Each project's lists show the same event of the future.
            twice = [record_id for record_id, times in collections.Counter(ids).items()
                     if times > 1 and record_id != FUTURE_EVENT["id"]]
            if twice and is_read_once_more(seen, stream):
                twice = [record_id for record_id in twice if ids.count(record_id) > 2]
            assert not twice, f"{len(twice)} records of {stream} twice in one run, {twice[:5]}"
            shard.written[stream].update(seen.rows.get(stream, {}))
            shard.present[stream].update(ids)
        shard.covered.update(set(seen.ids("issues")) - set(seen.since_state.get("issues", [])))
        shard.states.update((stream, states[-1]) for stream, states in seen.states.items())
        shard.last = seen
        self.soak.saw(seen)
        return seen

    def compare(self):
        """Runs on a server that is well bring what has happened since, and then nothing is missing."""
        self.sandbox.reset()
        for days in (0, 1) if self.plan.refreshes() else (0,):
            self.sandbox.advance(days * DAY)
            for index in range(len(self.shards)):
                self.trail.append(f"shard {index}, without faults")
                seen = self.read(index, 4, self.sandbox.url, size=WHOLE)
                assert seen.code == 0 and not seen.errors, (seen.code, seen.errors)
        rows = self.changes.rows()
        for stream in STREAMS:
            self.compare_ids(stream, rows[stream])
        if self.plan.has("issues_refresh"):
            self.compare_issues(rows["issues"])
        if self.plan.has("releases_refresh"):
            self.compare_releases(rows["releases"])
        self.soak.count["compared"] += 1
        self.soak.count["distinct"] += sum(len(self.written(stream)) for stream in STREAMS)

    def written(self, stream):
        """What all shards wrote; the last record of each id."""
        return {key: row for shard in self.shards for key, row in shard.written[stream].items()}

    def compare_ids(self, stream, truth):
        written = self.written(stream)
        missing = set(truth).difference(*(shard.present[stream] for shard in self.shards))
        assert not missing, f"{len(missing)} records of {stream} are lost, {sorted(missing)[:5]}"
        unknown = set(written) - set(truth) - self.changes.known[stream]
        assert not unknown, f"{len(unknown)} records of {stream} are none, {sorted(unknown)[:5]}"
        ids = [key for shard in self.shards for key in shard.last.ids(stream)]
        both = [key for key, times in collections.Counter(ids).items() if times > 1]
        assert not both, f"{len(both)} records of {stream} in two shards, {both[:5]}"

    def compare_issues(self, truth):
        """Each as it is now, and a marker for each that is gone, unless no state knew of it."""
        written = self.written("issues")
        wrong = [(key, row["status"], written[key]["status"]) for key, row in truth.items()
                 if (row["status"], row["lastSeen"][:19]) != (written[key]["status"], written[key]["lastSeen"][:19])]
        assert not wrong, f"{len(wrong)} issues are not in their newest version, {wrong[:5]}"
        there = {row["project"] for row in truth.values()}
        gone = [key for key in set().union(*(shard.covered for shard in self.shards)) - set(truth)
                if written[key]["status"] != "deleted" and written[key]["project"]["slug"] in there]
        assert not gone, f"{len(gone)} deleted issues have no marker, {gone[:5]}"

    def compare_releases(self, truth):
        written = self.written("releases")
        wrong = [key for key in self.changes.changed_releases & set(truth)
                 if written[key]["status"] != truth[key]["status"]]
        assert not wrong, f"{len(wrong)} releases are not in their newest version, {wrong[:5]}"

    def stop(self):
        self.relay.stop()
        self.sandbox.stop()


def is_survived(met):
    """Whether a run that met nothing else has to end well."""
    kinds = {kind for kind, times in met.items() if times}
    return kinds <= SURVIVED and len(kinds - HEADERS) <= 1


def is_told(met):
    """Whether a run has to end with an error."""
    return any(met.get(kind, 0) >= times for kind, times in TOLD.items())


def is_read_once_more(seen, stream):
    """An older route, which is taken after three failures, shows fewer issues and releases. Where today's answers again
    by the end, it reads them anew."""
    text = f"The server answers for the {stream} of".encode()
    return stream in READ_ONCE_MORE and any(text in line for line in seen.whole_lines)


class Soak:
    """What was counted in all rounds."""

    def __init__(self, seed, ceiling, faults):
        self.seed, self.ceiling, self.faults, self.peak = seed, ceiling, faults, 0
        self.count, self.kinds, self.plans = (collections.Counter() for _ in range(3))

    def saw(self, seen):
        self.peak = max(self.peak, seen.peak)
        assert self.peak <= self.ceiling, f"{self.peak:.0f} MB"
        self.count["runs"] += 1
        self.count["records"] += sum(map(len, seen.records.values()))

    def table(self):
        whats = ("runs", "killed", "ended with errors", "ended well", "compared", "records", "distinct")
        rows = [(what, self.count[what]) for what in whats] + [("most memory", f"{self.peak:.1f} MB")]
        rows += sorted(self.plans.items()) + [(f"fault: {kind}", met) for kind, met in sorted(self.kinds.items())]
        return "\n".join(["| | |", "|---|---|", *(f"| {what} | {count} |" for what, count in rows)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--memory", type=float, default=45, help="the ceiling, in MB")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--round", type=int, help="only this one")
    parser.add_argument("--faults", default="", help="only those whose names hold one of these words")
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    words = options.faults.split() or [""]
    soak = Soak(options.seed, options.memory,
                [kind for kind in sorted(FAULTS) if any(word in kind for word in words)])
    number = options.round or 1
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory() as folder:
            this = Round(soak, number, pathlib.Path(folder))
            try:
                this.run(end)
            except AssertionError as wrong:
                trail = "".join(f"\n  {life}" for life in this.trail)
                print(f"FAILED with seed {options.seed}, round {number}: {wrong}\n{vars(this.plan)}{trail}\n\n"
                      f"{soak.table()}")
                return 1
            finally:
                this.stop()
        if options.round:
            break
        number += 1
    print(soak.table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
