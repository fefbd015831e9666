"""Webhooks sent by several threads to a listener that is killed and started again, and what must come out of it."""

import hashlib
import http.client
import json
import random
import threading
import time

from .listener import headers_of, issue_body

SIZES = (10, 10, 400, 6_000, 60_000)


def numbered(sender, number, dice):
    """The body of a sender's webhook of that number. No two are the same."""
    filler = f"{dice.getrandbits(64):x} \N{SNOWMAN} " * (dice.choice(SIZES) // 20 + 1)
    return issue_body(f"{sender}-{number}", dice.choice(["created", "resolved", "assigned"]), culprit=filler)


def delivery_id(body):
    return hashlib.sha256(body).hexdigest()[:32]


class Senders:
    """Each sends one webhook after the other, the next one when it has its answer. One that had none is sent again, or
    given up: both happen, as with a network that fails. `address` is where they come from; `pause`: seconds between
    two webhooks of one."""

    def __init__(self, count, seed, address="127.0.0.1", make=numbered, pause=0.0):
        self.address, self.make, self.pause = address, make, pause
        self.changed = threading.Condition()
        self.port, self.turn, self.answers, self.ended = None, 0, 0, False
        self.sent, self.acknowledged, self.wrong = {}, set(), []
        self.threads = [threading.Thread(target=self.run, args=(sender, random.Random(f"{seed} {sender}")), daemon=True)
                        for sender in range(count)]
        for thread in self.threads:
            thread.start()

    def to(self, listener):
        """From now on they send there."""
        with self.changed:
            self.port, self.turn = listener.ports["listen"], self.turn + 1
            self.changed.notify_all()

    def wait_for(self, more, seconds=120):
        """Until so many more answers have come."""
        with self.changed:
            until = self.answers + more
            assert self.changed.wait_for(lambda: self.wrong or self.answers >= until, seconds), "no answers"
        assert not self.wrong, self.wrong

    def end(self):
        with self.changed:
            self.ended = True
            self.changed.notify_all()
        for thread in self.threads:
            thread.join(120)
        assert not self.wrong, self.wrong

    def run(self, sender, dice):
        number, body, turn, connection = 0, None, 0, None
        while True:
            with self.changed:
                self.changed.wait_for(lambda last=turn: self.ended or self.turn > last)
                if self.ended:
                    return
                turn, port = self.turn, self.port
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(self.address, 0))
            while not self.ended:
                if body is None:
                    number += 1
                    body = self.make(sender, number, dice)
                    with self.changed:
                        self.sent[f"{sender}-{number}"] = body
                try:
                    connection.request("POST", "/", body, headers_of(body))
                    answer = connection.getresponse()
                    status, _ = answer.status, answer.read()
                except (OSError, http.client.HTTPException):
                    # A connection may also end because it was silent for long.
                    body = None if dice.random() < 0.5 else body
                    connection.close()
                    if self.turn > turn or not self.is_there(port):
                        break
                    continue
                if dice.random() < 0.05:
                    connection.close()  # the next request makes another one
                self.note(f"{sender}-{number}", status)
                body = None
                time.sleep(self.pause)

    def is_there(self, port):
        probe = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(self.address, 0))
        try:
            probe.connect()
        except OSError:
            return False
        probe.close()
        return True

    def note(self, key, status):
        with self.changed:
            self.answers += 1
            if status == 200:
                self.acknowledged.add(key)
            elif status != 503:  # a disk that was too slow for Sentry, or one that is full
                self.wrong.append((key, status))
            self.changed.notify_all()

    def check(self, rows, once=False):
        """That these rows, in their order, are what was sent."""
        arrivals = Arrivals(self, once)
        for row in rows:
            arrivals.take(row)
        arrivals.end()


class Arrivals:
    """What has come out: each webhook as it was sent and under its own id, those of a sender in their order, and at the
    end everything that was acknowledged. `once`: and nothing again."""

    def __init__(self, senders, once=False):
        self.senders, self.once = senders, once
        self.latest, self.places, self.repeats = {}, {}, 0

    def take(self, row):
        key = row["issueId"]
        body = self.senders.sent[key]
        assert row["issue"] == json.loads(body)["data"]["issue"], f"{key} is not as it was sent"
        assert row["deliveryId"] == delivery_id(body), f"{key} has another's id"
        if key in self.places:
            assert not self.once, f"{key} came out twice"
            assert row["spoolPosition"] == self.places[key], f"{key} was stored twice"
            self.repeats += 1
            return
        self.places[key] = row["spoolPosition"]
        sender, number = key.split("-")
        assert int(number) > self.latest.get(sender, 0), f"{key} came out after {self.latest[sender]}"
        self.latest[sender] = int(number)

    def end(self):
        missing = self.senders.acknowledged - self.places.keys()
        count = len(self.senders.acknowledged)
        assert not missing, f"{len(missing)} of {count} that were acknowledged are lost: {sorted(missing)[:20]}"


def check_order(rows):
    """Positions grow from row to row: nothing is there twice, and the order is that of the spool."""
    places = [row["spoolPosition"] for row in rows]
    assert places == sorted(set(places)), "rows are not in the order of their arrival"
