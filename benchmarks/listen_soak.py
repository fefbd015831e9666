"""Everything at once against the listener, for minutes: webhooks that must not be lost, floods of forged ones, slow
clients, replays, a reader of stdout that stalls or dies, syncs of the spool that are killed, and kills of the listener
itself, which is started again each time.

    python3 benchmarks/listen_soak.py [--minutes N] [--memory MB] [--seed N]

Needs a release build, or another one in BUILD_DIR. Ends with a table, and with exit code 1 where a webhook that was
acknowledged does not come out, one comes out torn, out of its order or, in the folder, twice, a forged one is taken in,
or the memory passes its ceiling.
"""

import argparse
import collections
import contextlib
import http.client
import json
import os
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time

from common import resident, table  # first: it finds the tests' support

from support.attacks import SlowClients, request_from  # noqa: E402
from support.connector import Connector  # noqa: E402
from support.folder import Folder  # noqa: E402
from support.listener import Listener, headers_of, issue_body  # noqa: E402
from support.senders import Arrivals, Senders, check_order  # noqa: E402
from support.spool_syncs import STREAM, Syncs  # noqa: E402

SENTRY, ATTACKER, CAPTOR = "127.0.0.2", "127.0.0.3", "127.0.0.4"
SENDERS, PAUSE = 6, 0.02
READERS = ["folder", "reads", "stalls", "leaves"]


def small(sender, number, dice):
    return issue_body(f"{sender}-{number}", dice.choice(["created", "resolved", "assigned"]),
                      culprit=f"{dice.getrandbits(64):x} " * dice.choice([1, 1, 30]))


class Attack(threading.Thread):
    """Does `once` to the present listener again and again, until the end. The listener may be gone at any time."""

    def __init__(self, soak, seed):
        super().__init__(daemon=True)
        self.soak, self.dice, self.failure = soak, random.Random(f"{type(self).__name__} {seed}"), None

    def run(self):
        while not self.soak.ended.wait(0.005):
            try:
                with contextlib.suppress(OSError, http.client.HTTPException):
                    self.once(self.soak.port)
            except BaseException as failure:  # the soak ends by it
                self.failure = failure
                return


class Flood(Attack):
    """Forged ones, under ids that no sender has."""

    def once(self, port):
        body = issue_body(f"forged-{self.dice.getrandbits(64)}", culprit="x" * self.dice.choice([1, 100, 200_000]))
        status = request_from(ATTACKER, port, body, headers_of(body, secret="a guess"))
        assert status in (401, 429, 503), f"a forged webhook was answered with {status}"
        self.soak.count[f"forged, answered {status}"] += 1


class Replay(Attack):
    """What was acknowledged before, as it was or as that of another resource."""

    known = ()

    def once(self, port):
        if not self.known or self.dice.random() < 0.02:
            with self.soak.senders.changed:
                self.known = list(self.soak.senders.acknowledged)
        if not self.known:
            return
        body = self.soak.senders.sent[self.dice.choice(self.known)]
        resource = self.dice.choice(["issue", "comment", "volcano"])
        status = request_from(CAPTOR, port, body, headers_of(body, resource))
        allowed = (200, 429, 503) if resource == "issue" else (400, 429, 503)
        assert status in allowed, f"a replay under {resource} was answered with {status}"
        self.soak.count[f"replays, answered {status}"] += 1


class Reader(threading.Thread):
    """Reads a listener's stdout, as `how` says; at the end whatever is left, unless it has left itself."""

    def __init__(self, name, how, dice, soak):
        super().__init__(daemon=True)
        self.file = os.fdopen(os.open(name, os.O_RDONLY | os.O_NONBLOCK), "rb")
        os.set_blocking(self.file.fileno(), True)
        self.how, self.dice, self.soak, self.rows = how, dice, soak, 0
        self.until = time.monotonic() + dice.uniform(1, 10)
        self.failure, self.finish = None, threading.Event()

    def run(self):
        try:
            self.read()
        except BaseException as failure:  # the soak ends by it
            self.failure = failure
        self.file.close()

    def read(self):
        arrivals, places = Arrivals(self.soak.senders), []
        for line in self.file:
            if not line.endswith(b"\n"):
                return  # of a killed listener
            message = json.loads(line)
            if message["type"] != "RECORD":
                continue
            row = message["record"]["data"]
            arrivals.take(row)
            places = [*places[-1:], row]
            check_order(places)
            self.soak.count["records read from stdout"] += 1
            if time.monotonic() < self.until or self.finish.is_set():
                continue
            if self.how == "leaves":
                return
            if self.how == "stalls":
                self.finish.wait(self.dice.uniform(1, 10))
                self.until = time.monotonic() + self.dice.uniform(0, 3)


class Soak:
    def __init__(self, folder, options):
        self.folder, self.options = folder, options
        self.dice, self.count = random.Random(options.seed), collections.Counter()
        self.ended, self.peak, self.port = threading.Event(), 0.0, None
        self.out = Folder(folder / "out")
        self.senders = Senders(SENDERS, options.seed, SENTRY, small, PAUSE)
        self.attacks, self.syncs = [Flood(self, options.seed), Replay(self, options.seed)], None

    def start(self, how):
        options = ["--health", "off", "--streams", STREAM, "--time-window", "0", "--spool-size", "4096"]
        if how == "folder":
            return Listener(self.folder, *options, "--output", str(self.out.path)).wait(), None
        name = self.folder / "pipe"
        name.unlink(missing_ok=True)
        os.mkfifo(name)
        reader = Reader(name, how, self.dice, self)
        listener = Listener(self.folder, *options, stdout=name).wait()
        reader.start()
        return listener, reader

    def life(self, how, seconds):
        """One listener, from its start to its end."""
        listener, reader = self.start(how)
        self.port = listener.ports["listen"]
        self.senders.to(listener)
        if self.syncs is None:
            self.syncs = Syncs(Connector(self.folder), listener.spool, self.senders, self.options.seed)
            for attack in self.attacks:
                attack.start()
        end = time.monotonic() + seconds
        with SlowClients(self.port, 200):
            while time.monotonic() < end and listener.process.poll() is None:
                time.sleep(0.2)
                with contextlib.suppress(OSError, ValueError):
                    self.peak = max(self.peak, resident(listener.process.pid, "VmRSS"))
                self.look_for_failures(reader)
        self.end(listener, reader)

    def end(self, listener, reader):
        if listener.process.poll() is not None:
            assert reader is not None and reader.how == "leaves", listener.log()
            self.count["lives that ended with their reader"] += 1
        elif self.dice.random() < 0.5:
            self.count["lives ended by SIGKILL"] += 1
            listener.end(signal.SIGKILL)
        else:
            self.count["lives ended by SIGTERM"] += 1
            listener.process.send_signal(signal.SIGTERM)
        if reader:
            reader.finish.set()  # it reads what is left
            reader.join(120)
        listener.process.wait(120)
        assert listener.process.returncode in (0, -signal.SIGKILL), listener.log()
        self.look_for_failures(reader)

    def look_for_failures(self, reader):
        assert not self.senders.wrong, self.senders.wrong
        for one in [*self.attacks, self.syncs, reader]:
            if one is not None and one.failure is not None:
                raise one.failure
        assert self.peak <= self.options.memory, f"{self.peak:.0f} MB of memory"

    def run(self):
        end = time.monotonic() + 60 * self.options.minutes
        while (left := end - time.monotonic()) > 0:
            for how in self.dice.sample(READERS, len(READERS)):
                self.life(how, min(max(1.0, left / 2), self.dice.uniform(2, 30)))
                self.count[f"lives whose reader {how}" if how != "folder" else "lives that write a folder"] += 1
        self.ended.set()
        self.senders.end()
        for attack in self.attacks:
            attack.join(120)
        for _ in range(2):  # what came in the last moment before a stop leaves after the next start
            last, _ = self.start("folder")
            assert last.end() == 0, last.log()
        self.syncs.end()
        self.senders.check(map(json.loads, self.out.lines(STREAM)), once=True)

    def results(self):
        rows = [["webhooks acknowledged, all of which came out", len(self.senders.acknowledged)],
                ["webhooks without an answer, or refused", len(self.senders.sent) - len(self.senders.acknowledged)],
                ["syncs of the spool", self.syncs.runs], ["of these killed", self.syncs.killed],
                *sorted(self.count.items()), ["most memory, MB", f"{self.peak:.0f}"]]
        return table(["what", "how many"], rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--memory", type=float, default=100, help="MB that the listener may have")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory() as name:
        soak = Soak(pathlib.Path(name), options)
        try:
            soak.run()
        except AssertionError as wrong:
            print(f"FAILED: {str(wrong)[:2000]}", file=sys.stderr)
            return 1
        finally:
            soak.ended.set()
    print(soak.results())
    return 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # threads of a failed soak may wait for ever
