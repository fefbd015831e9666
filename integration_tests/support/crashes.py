"""Kills reads and says what could be seen of them by then."""

import contextlib
import datetime
import json
import os
import socket
import subprocess

from .connector import EXECUTABLE, INCREMENTAL


class Seen:
    """What a reader of some bytes of stdout knows. A torn line at the end is none. `key`: what its records have for an
    id."""

    def __init__(self, output, key="id"):
        self.bytes, self.lines = len(output), output.count(b"\n")
        self.whole_lines = output.split(b"\n")[:-1]
        self.records = {}      # stream: ids in their order
        self.rows = {}         # stream: id: the record as it came last
        self.states = {}       # stream: its states in their order
        self.since_state = {}  # stream: ids after its last state
        self.errors = []
        self.sources = {}      # mapped stream: the one that it is made of, whose cursor its records hold
        self.code, self.peak = None, 0  # how the process ended, and the most memory it was seen with, in MB
        for line in self.whole_lines:
            message = json.loads(line)
            if message["type"] == "RECORD":
                stream, record_id = message["record"]["stream"], str(message["record"]["data"][key])
                self.records.setdefault(stream, []).append(record_id)
                self.rows.setdefault(stream, {})[record_id] = message["record"]["data"]
                self.since_state.setdefault(stream, []).append(record_id)
            elif message["type"] == "STATE":
                state = message["state"]
                stream = state["stream"]["stream_descriptor"]["name"]
                count = len(self.since_state.pop(stream, []))
                assert state["sourceStats"]["recordCount"] == count, f"a STATE of {stream} ahead of its records"
                self.states.setdefault(stream, []).append(state)
            elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
                self.errors.append(message["trace"]["error"])

    def ids(self, stream):
        return self.records.get(stream, [])

    def last_states(self):
        return [states[-1] for states in self.states.values()]

    def of_second_under_way(self, stream):
        """Ids of the second that the last state goes on with, where it goes on by time."""
        state = self.states[stream][-1]["stream"]["stream_state"] if stream in self.states else {}
        until = state.get("position", {}).get("page", {}).get("unread_until")
        if until is None:
            return set()
        second = (datetime.datetime.fromisoformat(until[:19]) - datetime.timedelta(seconds=1)).isoformat()
        key = INCREMENTAL[self.sources.get(stream, stream)]
        return {record_id for record_id, row in self.rows[stream].items() if row[key].startswith(second)}

    def is_finished(self, stream):
        """Whether its last state is one of a run that came to its end."""
        return stream in self.states and not is_under_way(self.states[stream][-1])


def is_under_way(state):
    """Whether a state is one of the middle of a run, of any of its projects."""
    saved = state["stream"]["stream_state"]
    return any("position" in cursor for cursor in [entry["cursor"] for entry in saved.get("states", [])] or [saved])


def read_until_killed(connector, config, catalog, saved=None, *, lines=None, size=None, until=None, drain=True,
                      env=None, key="id"):
    """Kills a read after so many `lines` or bytes, if it comes that far, and not before `until` holds of a STATE among
    them. What is seen is what came until then, and
    with `drain` also what the dead process left behind. Its stdout is a socket with hardly any buffer, so it is never
    far ahead of us."""
    ours, its = socket.socketpair()
    its.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    process = subprocess.Popen([EXECUTABLE, *connector.arguments("read", config, catalog, saved or None)], stdout=its,
                               env={**os.environ, **(env or {})})
    its.close()
    with ours:
        seen, ends, pieces, peak = bytearray(), 0, 0, 0
        while len(seen) < (size or 0) or ends < (lines or 0) or (until and not any(map(until, states_in(seen)))):
            piece = receive(ours)
            if not piece:
                break
            seen += piece
            ends += piece.count(b"\n")
            pieces += 1
            if pieces % 64 == 1:
                peak = max(peak, peak_memory(process.pid))
        process.kill()
        while drain and (piece := receive(ours)):
            seen += piece
    result = Seen(bytes(seen if drain else cut(seen, lines, size)), key)
    result.code, result.peak = process.wait(), peak
    return result


def states_in(output):
    """The whole STATE messages among some bytes of stdout."""
    return [json.loads(line)["state"] for line in bytes(output).split(b"\n")[:-1] if b'"type":"STATE"' in line]


def peak_memory(pid):
    """The most that a process has had so far, in MB; 0 of one that has ended. (What wait4 tells counts its parent's
    memory from before exec.)"""
    with open(f"/proc/{pid}/status") as status:
        return sum(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def receive(connection):
    """The next bytes; none at the end."""
    with contextlib.suppress(ConnectionResetError):
        return connection.recv(2048)
    return b""


def cut(seen, lines, size):
    """Without what came in the same piece behind the place."""
    return seen[:size] if size is not None else b"".join(seen.splitlines(keepends=True)[:lines])


def read_whole(connector, config, catalog, saved=None, key="id"):
    """A read that nobody kills."""
    done = subprocess.run([EXECUTABLE, *connector.arguments("read", config, catalog, saved or None)],
                          stdout=subprocess.PIPE, timeout=120)
    seen = Seen(done.stdout, key)
    assert done.returncode == 0 and not seen.errors, seen.errors
    return seen


def crashes(share, least=1):
    """How many kills a test makes: its share of CRASHES."""
    return max(least, round(int(os.environ.get("CRASHES", "480")) * share))
