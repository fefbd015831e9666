"""Syncs of a listener's spool, one after the other, most of which are killed."""

import json
import random
import signal
import threading

from .connector import catalog
from .crashes import read_until_killed, read_whole
from .senders import Arrivals, check_order
from .tokens import TOKEN

STREAM = "issue_webhooks"


class Syncs:
    """Each reads from the last state of the one before. What they write is held against what was sent."""

    def __init__(self, connector, spool, senders, seed):
        self.connector, self.dice = connector, random.Random(seed)
        # Nothing is asked of that Sentry.
        self.config = {"organization": "acme", "auth_token": TOKEN, "hostname": "http://127.0.0.1:9",
                       "live_spool": str(spool)}
        self.arrivals, self.saved, self.failure = Arrivals(senders), None, None
        self.runs, self.killed, self.ended = 0, 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.ended.wait(self.dice.random() * 0.2):
                self.read_and_kill(self.dice.randrange(2_000, 150_000))
        except BaseException as failure:  # end() tells of it
            self.failure = failure

    def read_and_kill(self, size):
        seen = read_until_killed(self.connector, self.config, catalog(STREAM), self.saved, size=size,
                                 drain=self.dice.random() < 0.5, key="deliveryId")
        self.killed += seen.code == -signal.SIGKILL
        self.take(seen)

    def take(self, seen):
        self.runs += 1
        rows = [message["record"]["data"] for message in map(json.loads, seen.whole_lines)
                if message["type"] == "RECORD"]
        check_order(rows)
        for row in rows:
            self.arrivals.take(row)
        self.saved = seen.last_states() or self.saved

    def end(self):
        """The last one is let live, and then everything has come out."""
        self.ended.set()
        self.thread.join(300)
        assert self.failure is None, self.failure
        if self.killed == 0:  # a slow machine: each read to its end before it could be
            self.saved = None
            self.read_and_kill(2_000)
        self.take(read_whole(self.connector, self.config, catalog(STREAM), self.saved, key="deliveryId"))
        self.arrivals.end()
