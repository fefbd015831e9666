"""What two runs differ in: the official connector's and ours."""

import json
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from support.connector import INCREMENTAL

ABSENT = "(absent)"


@dataclass(frozen=True)
class Seen:
    """One thing in which two runs differ: a whole `row`, a `field` of one, a key of a final `state`, or the last
    `status` of a stream. `row` is the record that it is about, `since` the time in the state that both began with."""

    kind: str
    stream: str
    name: str
    theirs: object
    ours: object
    row: dict = None
    since: datetime = None


def differences_between(theirs, ours, streams, saved=()):
    """All that differs between two runs that began with the state `saved`, as Seen."""
    begun = {state["stream"]["stream_descriptor"]["name"]: state["stream"]["stream_state"] for state in saved}
    found = []
    for stream in streams:
        ends = [run.statuses(stream)[-1]["status"] for run in (theirs, ours)]
        if ends[0] != ends[1]:
            found.append(Seen("status", stream, "", *ends))
        found += differing_states(stream, theirs.states(stream)[-1], ours.states(stream)[-1])
        since = time_of(begun.get(stream, {}).get(INCREMENTAL.get(stream)))
        found += differing_rows(stream, exact_records(theirs, stream), exact_records(ours, stream), since)
    return found


def exact_records(run, stream):
    """The records of a stream by their ids, with every digit of their numbers."""
    messages = [json.loads(line, parse_float=Decimal) for line in run.stdout.splitlines()
                if line.startswith(b'{"type":"RECORD"')]
    return {message["record"]["data"]["id"]: message["record"]["data"] for message in messages
            if message["record"]["stream"] == stream}


def differing_rows(stream, theirs, ours, since):
    found = [Seen("row", stream, "", row, ABSENT, row, since) for key, row in theirs.items() if key not in ours]
    found += [Seen("row", stream, "", ABSENT, row, row, since) for key, row in ours.items() if key not in theirs]
    for key in theirs.keys() & ours.keys():
        names = sorted(theirs[key].keys() | ours[key].keys())
        found += [Seen("field", stream, name, theirs[key].get(name, ABSENT), ours[key].get(name, ABSENT), ours[key])
                  for name in names if not same(theirs[key].get(name, ABSENT), ours[key].get(name, ABSENT))]
    return found


def differing_states(stream, theirs, ours):
    pairs = [(name, theirs.get(name, ABSENT), ours.get(name, ABSENT)) for name in sorted(theirs.keys() | ours.keys())]
    return [Seen("state", stream, name, left, right) for name, left, right in pairs
            if left != right and not (time_of(left) and time_of(left) == time_of(right))]


def same(left, right):
    """Whether two JSON values are the same; true and 1 are not."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(same, left, right))
    return isinstance(left, bool) == isinstance(right, bool) and left == right


def time_of(text):
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
