"""Reads a local Sentry that fails in every way it knows, kills the reader at random, and goes on from the last state,
again and again. Each time a read has come to its end, all that was written since its beginning is compared with what
is true; then the next one begins.

    python3 benchmarks/soak.py [--minutes N] [--memory MB] [--seed N]

Needs a release build, or another one in BUILD_DIR. Ends with a table, and with exit code 1 at the first record that is
lost, the first state ahead of its records, the first silent failure, or when the memory passes its ceiling. Waits of
the connector are a hundred times as short as they would be."""

import argparse
import collections
import pathlib
import random
import signal
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "integration_tests"))

from support.connector import INCREMENTAL, STREAMS, Connector, catalog  # noqa: E402
from support.crashes import read_until_killed  # noqa: E402
from support.fast_time import fast  # noqa: E402
from support.sandbox import Sandbox, true_ids  # noqa: E402

WORLD = ("--events", 3000, "--issues", 1500, "--releases", 1200, "--projects", 3, "--event-size", "small")
LONGEST_LIFE = 2_000_000  # bytes of output before a kill; a whole read writes about twice that
SPEED = 100

ANYWHERE = ["*", "/events/", "/issues/", "/releases/", "/projects/", "/keys/"]
# Kind: (where, how often at most, what). An answer that is wrong and yet valid is not among them: nobody could tell.
# 500 and 404 for long would send issues and releases to older routes, as they should, which show less.
FAULTS = {
    "500": (ANYWHERE, 2, {"status": 500, "body": ""}),
    "events 500": (["/events/"], 30, {"status": 500, "body": ""}),
    "502": (ANYWHERE, 30, {"status": 502, "body": "<html>Bad Gateway</html>"}),
    "503": (ANYWHERE, 30, {"status": 503, "body": ""}),
    "408": (ANYWHERE, 2, {"status": 408, "body": ""}),
    "query time-out": (["/events/", "/issues/"], 8, {"status": 400, "body": '{"detail":"Query timeout. Please try '
                                                                            'again."}'}),
    "410": (["/events/"], 2, {"status": 410, "body": '{"message":"This API no longer exists."}'}),
    "401": (ANYWHERE, 3, {"status": 401, "body": '{"detail":"Invalid token"}'}),
    "403": (["/events/", "/keys/"], 3, {"status": 403, "body": '{"detail":"no"}'}),
    "web page": (ANYWHERE, 2, {"html": True}),
    "429 gateway": (ANYWHERE, 5, {"rate_limited": 20, "rate_limited_shape": "gateway"}),
    "429 query": (ANYWHERE, 5, {"rate_limited": 5, "rate_limited_shape": "query"}),
    "closed": (ANYWHERE, 12, {"close": "before"}),
    "cut": (ANYWHERE, 12, {"truncate": 200}),
    "cut gzip": (ANYWHERE, 12, {"truncate_gzip": True}),
    "no JSON": (ANYWHERE, 8, {"replace": ['"id"', "id"]}),
    "half a record": (["/events/"], 4, {"replace": ['"dateCreated":', '"dateCreated"']}),
    "no Link": (["/events/"], 2, {"drop_headers": ["Link"]}),
    "circle": (["/events/"], 2, {"repeat_cursor": True}),
    "slow": (ANYWHERE, 30, {"delay_ms": 150}),
    "drip": (ANYWHERE, 3, {"drip_ms": 1}),
}


class Soak:
    """One sandbox, and what was read of it since the present read began."""

    def __init__(self, options, folder):
        self.dice = random.Random(options.seed)
        self.ceiling = options.memory
        self.connector = Connector(folder)
        self.sandbox = Sandbox(folder, *WORLD)
        self.count = collections.Counter()
        self.kinds = collections.Counter()
        self.peak = 0
        self.begin()

    def begin(self):
        self.states, self.written = {}, {stream: collections.Counter() for stream in STREAMS}
        self.known = self.truth()  # some of it may be past its retention by the end

    def truth(self):
        truth = self.sandbox.truth()
        return {stream: set(true_ids(truth, stream)) for stream in STREAMS}

    def live(self):
        """One run, well or badly treated. Whether it read everything."""
        self.move_world()
        self.sandbox.reset()
        kinds = self.dice.sample(sorted(FAULTS), self.dice.randint(0, 4))
        self.sandbox.faults(*[self.fault(*FAULTS[kind]) for kind in kinds])
        size = self.dice.randrange(LONGEST_LIFE) if self.dice.random() < 0.6 else 1 << 40
        seen = self.read(size)
        for kind, fault in zip(kinds, self.sandbox.control("GET", "faults")):
            self.kinds[kind] += fault["hits"]
        if seen.code == -signal.SIGKILL:
            self.count["killed"] += 1
        elif seen.code == 1:
            assert seen.errors, "a failure without an error"
            self.count["ended with errors"] += 1
        else:
            assert seen.code == 0 and not seen.errors, (seen.code, seen.errors)
            self.count["ended well"] += 1
        return seen.code == 0

    def fault(self, places, most, what):
        return {"path": self.dice.choice(places), "after": self.dice.randrange(150), "times": self.dice.randint(1, most),
                **what}

    def move_world(self):
        self.sandbox.advance(self.dice.randrange(120))
        if self.dice.random() < 0.3:
            self.sandbox.change(add_events={"project": "web", "count": self.dice.randint(1, 20), "new_issue": True})
        self.sandbox.advance(2)

    def read(self, size):
        config = self.sandbox.config(num_workers=self.dice.randint(1, 6))
        seen = read_until_killed(self.connector, config, catalog(), list(self.states.values()), size=size,
                                 env=fast(SPEED))
        for stream in STREAMS:
            self.written[stream].update(seen.ids(stream))
        self.states.update((stream, states[-1]) for stream, states in seen.states.items())
        self.peak = max(self.peak, seen.peak)
        assert self.peak <= self.ceiling, f"{self.peak:.0f} MB"
        self.count["runs"] += 1
        self.count["records"] += sum(map(len, seen.records.values()))
        return seen

    def compare(self):
        """A last run on a server that is well brings what has happened since, and then nothing is missing."""
        self.sandbox.reset()
        seen = self.read(1 << 40)
        assert seen.code == 0 and not seen.errors, seen.errors
        truth = self.truth()
        for stream in STREAMS:
            read = self.written[stream] if stream in INCREMENTAL else seen.ids(stream)
            missing = truth[stream] - set(read)
            assert not missing, f"{len(missing)} records of {stream} are lost, {sorted(missing)[:5]}"
            unknown = set(read) - truth[stream] - self.known[stream]
            assert not unknown, f"{len(unknown)} records of {stream} are none, {sorted(unknown)[:5]}"
        self.count["compared"] += 1
        self.count["distinct"] += sum(map(len, self.written.values()))
        self.begin()

    def table(self):
        requests = "".join(f"\n| fault: {kind} | {met} |" for kind, met in sorted(self.kinds.items()))
        return ("| | |\n|---|---|\n" + "".join(f"| {what} | {self.count[what]} |\n" for what in (
            "runs", "killed", "ended with errors", "ended well", "compared", "records", "distinct"))
            + f"| most memory | {self.peak:.1f} MB |" + requests)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--memory", type=float, default=45, help="the ceiling, in MB")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    end = time.monotonic() + options.minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        soak = Soak(options, pathlib.Path(folder))
        try:
            while time.monotonic() < end:
                if soak.live():
                    soak.compare()
            soak.compare()
        except AssertionError as wrong:
            print(f"FAILED with seed {options.seed}: {wrong}\n\n{soak.table()}")
            return 1
        finally:
            soak.sandbox.stop()
    print(soak.table())
    return 0


if __name__ == "__main__":
    sys.exit(main())
