"""SIGKILL of the listener at any moment, while webhooks come in: each that was answered with 200 comes out, whole and
in its order. Once in a folder; on stdout and through a sync of the spool at least once, under the same id. The same
where the disk is full or fails, and where nobody reads.

CRASHES says how many kills are made in all, as in test_crash_matrix.py, of which a sixteenth part comes here, and thirty
at least. A thousand are made by `tools/prove listen`.
"""

import array
import fcntl
import json
import os
import random
import resource
import signal
import termios
import time

import pytest
from support.crashes import crashes
from support.folder import Folder
from support.listener import Listener, issue_body
from support.senders import Senders, check_order, delivery_id
from support.spool_syncs import STREAM, Syncs

SENDERS = 6


@pytest.fixture
def listen(tmp_path):
    """Starts listeners in one folder; the last one is killed at the test's end."""
    started = []

    def start(*options, **more):
        started.append(Listener(tmp_path, "--health", "off", "--streams", STREAM, *options, **more))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()


def storm(senders, start, dice, kills):
    """Kills listeners while webhooks come, and sometimes before any could; gives all that were started."""
    killed = []
    for _ in range(kills):
        listener = start()
        if dice.random() < 0.1:
            time.sleep(0.1 * dice.random())
        else:
            senders.to(listener.wait())
            senders.wait_for(dice.randrange(1, 40))
            time.sleep(0.02 * dice.random())
        assert listener.process.poll() is None, listener.log()
        listener.end(signal.SIGKILL)
        killed.append(listener)
    return killed


def end(listener, start):
    """Ends it, and lets another one write what is left: a webhook of the last moment may leave after the next start."""
    assert listener.end() == 0, listener.log()
    rest = start().wait()
    assert rest.end() == 0, rest.log()
    return rest


def test_in_a_folder_everything_is_once_and_in_its_order(listen, tmp_path):
    out, senders = tmp_path / "out", Senders(SENDERS, "folder")

    def start():
        return listen("--output", str(out))

    storm(senders, start, random.Random("folder"), crashes(0.03125, least=14))
    last = start().wait()
    senders.to(last)
    senders.wait_for(20)
    senders.end()
    end(last, start)
    rows = Folder(out).records(STREAM)
    check_order(rows)
    senders.check(rows, once=True)


def test_on_stdout_everything_is_at_least_once(listen):
    senders = Senders(SENDERS, "stdout")
    listeners = storm(senders, listen, random.Random("stdout"), crashes(0.015625, least=8))
    senders.end()
    listeners.append(listen().wait())
    listeners.append(end(listeners[-1], listen))
    assert listeners[-2].run().statuses(STREAM)[-1]["status"] == "COMPLETE"  # each line is held against the protocol
    of_runs = [listener.records(STREAM) for listener in listeners]
    for rows in of_runs:
        check_order(rows)
    senders.check([row for rows in of_runs for row in rows])


def test_through_a_sync_of_the_spool_everything_is_at_least_once(listen, connector, tmp_path):
    senders = Senders(SENDERS, "spool")
    first = listen("--only-spool").wait()  # makes the spool
    syncs = Syncs(connector, first.spool, senders, "syncs")
    first.end(signal.SIGKILL)
    storm(senders, lambda: listen("--only-spool"), random.Random("spool"), crashes(0.015625, least=8))
    senders.end()
    syncs.end()
    assert syncs.killed > 0


def fill(listener, size, why, most=400):
    """Sends webhooks until one is refused for that reason, as the log says; gives the ids of those acknowledged before.
    A disk that is too slow for Sentry is another reason for a 503."""
    acknowledged = []
    for number in range(most):
        body = issue_body(f"{listener.process.pid}-{number}", culprit="x" * size)
        status = listener.send(body)
        if status == 200:
            acknowledged.append(delivery_id(body))
            continue
        assert status == 503
        listener.wait_for(lambda: "was refused" in listener.log())
        if why in listener.log():
            return acknowledged
    raise AssertionError(f"{most} webhooks, and none was refused: {listener.log()}")


def ids(rows):
    return [row["deliveryId"] for row in rows]


def test_a_full_spool_says_so_and_loses_nothing(listen, tmp_path):
    options = ["--output", str(tmp_path / "out")]
    full = listen("--spool-size", "1", *options).wait()
    acknowledged = fill(full, 30_000, "no room left")
    assert 20 < len(acknowledged) < 36
    more = issue_body("more", culprit="x" * 30_000)
    assert full.send(more) == 503
    full.end(signal.SIGKILL)
    again = listen("--spool-size", "1", *options).wait()
    assert again.send(more) == 503
    assert again.end() == 0
    assert set(acknowledged) <= set(ids(Folder(tmp_path / "out").records(STREAM)))
    larger = listen("--spool-size", "2", *options).wait()
    assert larger.send(more) == 200
    end(larger, lambda: listen("--spool-size", "2", *options))
    out = ids(Folder(tmp_path / "out").records(STREAM))
    assert out[-1] == delivery_id(more) and len(set(out)) == len(out)


def test_a_disk_that_fails_is_trusted_no_more_and_what_it_took_before_comes_out(listen):
    """The system refuses to let the spool's file grow, in the middle of a webhook."""
    failing = listen("--only-spool").wait()
    resource.prlimit(failing.process.pid, resource.RLIMIT_FSIZE, (200_000, 200_000))
    acknowledged = fill(failing, 30_000, "disk has failed")
    assert 3 <= len(acknowledged) <= 6
    later = issue_body("later")
    assert failing.send(later) == 503, "a small one would find room, but nothing is known of what is there"
    failing.end(signal.SIGKILL)
    healed = listen().wait()
    assert healed.send(later) == 200
    rest = end(healed, listen)
    out = ids(healed.records(STREAM) + rest.records(STREAM))
    assert set(acknowledged) <= set(out) and out[-1] == delivery_id(later) and len(set(out)) == len(out)


@pytest.fixture
def piped(listen, tmp_path):
    """Starts a listener whose stdout is a pipe as small as can be; gives it and the pipe's other end."""
    ends = []

    def start():
        name = tmp_path / f"pipe-{len(ends)}"
        os.mkfifo(name)
        ends.append(os.fdopen(os.open(name, os.O_RDONLY | os.O_NONBLOCK), "rb"))
        listener = listen(stdout=name).wait()
        fcntl.fcntl(ends[-1], fcntl.F_SETPIPE_SZ, 4096)  # it makes it larger when it starts
        os.set_blocking(ends[-1].fileno(), True)
        return listener, ends[-1]

    yield start
    for end in ends:
        end.close()


def records_in(lines):
    """Without what is torn at the end."""
    messages = [json.loads(line) for line in lines if line.endswith(b"\n")]
    return [message["record"]["data"] for message in messages if message["type"] == "RECORD"]


def large_bodies(count):
    return [issue_body(number, culprit="x" * 3_000) for number in range(count)]


def what_comes_later(listen):
    """From the next listener: it is ended as soon as it listens, and writes what waits in the spool all the same."""
    after = listen().wait()
    assert after.end() == 0
    return ids(after.records(STREAM))


def sent(listener, bodies):
    """Those that were acknowledged. A slow disk has the others refused, and Sentry told."""
    answers = [listener.send(body) for body in bodies]
    assert set(answers) <= {200, 503}
    return {delivery_id(body) for body, answer in zip(bodies, answers, strict=True) if answer == 200}


def test_a_reader_that_does_not_read_stops_no_webhook(listen, piped):
    blocked, reader = piped()
    acknowledged = sent(blocked, large_bodies(20))
    assert len(acknowledged) >= 10
    read = []
    while len(records_in(read)) < 5:  # it reads again, for a while
        read.append(reader.readline())
    acknowledged |= sent(blocked, [issue_body("more")])
    blocked.end(signal.SIGKILL)
    read += reader.readlines()
    assert set(ids(records_in(read)) + what_comes_later(listen)) >= acknowledged


def test_a_reader_that_does_not_read_holds_up_no_end(piped):
    blocked, reader = piped()
    sent(blocked, large_bodies(20))
    while not reader.peek(1):  # its first line is there
        pass
    blocked.process.send_signal(signal.SIGTERM)
    blocked.process.wait(120)


def test_a_reader_that_is_gone_stops_no_webhook(listen, piped):
    """As with `| head -1`."""
    left, reader = piped()
    assert reader.readline()
    reader.close()
    bodies = large_bodies(8)
    acknowledged = sent(left, bodies[:4])
    assert acknowledged
    left.wait_for(lambda: '"level":"info"' not in left.lines[-1])  # it is told
    acknowledged |= sent(left, bodies[4:])
    left.end(signal.SIGKILL)
    assert set(what_comes_later(listen)) >= acknowledged


def test_what_a_reader_leaves_in_its_pipe_comes_again(listen, piped):
    left, reader = piped()
    body = issue_body("left")
    assert left.send(body) == 200
    waiting = array.array("i", [0])
    # A line of the start, the record, a state.
    while waiting[0] < 2 * len(body):
        fcntl.ioctl(reader, termios.FIONREAD, waiting)
        time.sleep(0.01)
    left.end(signal.SIGKILL)
    assert what_comes_later(listen) == [delivery_id(body)]
