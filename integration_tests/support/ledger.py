"""What all the runs of one connection wrote, some of them killed, and whether what came twice was allowed to."""

import json
from datetime import datetime, timedelta

from .connector import INCREMENTAL
from .crashes import is_under_way

# Ten pages, after which there is a state (docs/state.md).
TEN_PAGES = {"events": 100, "issues": 1000, "releases": 1000}
MILLISECONDS_PER_STATE = 1000


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def project_of(stream, record):
    return {"events": lambda: record["projectID"], "issues": lambda: record["project"]["id"]}.get(stream, lambda: "")()


class Ledger:
    """Takes in the lines of one run after the other. Raises AssertionError for a record that nothing allows."""

    def __init__(self, workers, lookback=timedelta(minutes=10), full_refresh=False):
        self.workers, self.lookback, self.full_refresh = workers, lookback, full_refresh
        self.written = {stream: {} for stream in INCREMENTAL}  # id: cursor and version that was written last
        self.states = {}   # stream: the last STATE seen
        self.behind = {}   # stream: ids behind the last STATE at kills since the last run that came to its end
        self.kills = self.kills_in_row = self.repeats = 0
        self.begin()

    def begin(self):
        """A run starts, from what `saved` gives."""
        self.since = {}    # stream: id and time of what came since its last STATE
        self.in_run = {}   # stream: (id, cursor) of this run
        self.unexplained = {}  # stream: project: records again that neither state nor lookback asks for
        self.errors, self.finished = [], set()
        self.marks = {stream: self.marks_of(stream) for stream in INCREMENTAL}
        # A full refresh goes on only where one is under way.
        self.over = {stream for stream in INCREMENTAL if self.full_refresh
                     and not (stream in self.states and is_under_way(self.states[stream]))}

    def saved(self):
        return list(self.states.values()) or None

    def marks_of(self, stream):
        """Each project's saved cursor, by the project's number; that of an undivided stream under an empty one."""
        saved = self.states.get(stream, {}).get("stream", {}).get("stream_state", {})
        key = INCREMENTAL[stream]
        cursors = {entry["partition"]["id"]: entry["cursor"] for entry in saved.get("states", [])} or {"": saved}
        return {project: instant(cursor[key]) for project, cursor in cursors.items() if key in cursor}

    def line(self, line):
        message = json.loads(line)
        if message["type"] == "RECORD":
            self.record(message["record"]["stream"], message["record"]["data"], message["record"]["emitted_at"])
        elif message["type"] == "STATE":
            stream = message["state"]["stream"]["stream_descriptor"]["name"]
            count = message["state"]["sourceStats"]["recordCount"]
            assert count == len(self.since.pop(stream, [])), f"a STATE of {stream} miscounts its records"
            self.states[stream] = message["state"]
        elif message["type"] == "TRACE" and message["trace"]["type"] == "ERROR":
            self.errors.append(message["trace"]["error"])
        elif message["type"] == "TRACE" and message["trace"]["stream_status"]["status"] == "COMPLETE":
            self.finished.add(message["trace"]["stream_status"]["stream_descriptor"]["name"])

    def record(self, stream, record, emitted_at):
        record_id = str(record["id"])
        cursor = record[INCREMENTAL[stream]] if stream in INCREMENTAL else ""
        seen = self.in_run.setdefault(stream, set())
        assert (record_id, cursor) not in seen, f"{stream} {record_id} twice in one run"
        seen.add((record_id, cursor))
        self.since.setdefault(stream, []).append((record_id, emitted_at))
        if stream in self.written:
            before = self.written[stream].get(record_id)
            if stream in TEN_PAGES and before is not None and before[0] == cursor:
                if stream not in self.over:
                    self.again(stream, record_id, cursor, project_of(stream, record))
            self.written[stream][record_id] = (cursor, record.get("status"), record.get("count"))

    def again(self, stream, record_id, cursor, project):
        self.repeats += 1
        mark = self.marks[stream].get(project)
        if mark and instant(cursor) >= mark.replace(microsecond=0) - self.lookback:
            return
        if record_id in self.behind.get(stream, ()):
            return
        of_project = self.unexplained.setdefault(stream, {}).setdefault(project, [])
        of_project.append(record_id)
        assert len(of_project) <= TEN_PAGES[stream], f"more than ten pages of {stream} of project {project} again"
        under_way = self.workers * self.kills_in_row
        assert len(self.unexplained[stream]) <= under_way, f"{stream} of more projects again than were under way"

    def killed(self):
        """The run was killed, and what `line` was given is all that is known of it."""
        self.kills += 1
        self.kills_in_row += 1
        for stream in TEN_PAGES:
            since = self.since.get(stream, [])
            newest = max((emitted_at for _, emitted_at in since), default=0)
            early = [record_id for record_id, emitted_at in since if emitted_at < newest - MILLISECONDS_PER_STATE]
            bound = TEN_PAGES[stream] * (1 if stream == "releases" else self.workers)
            assert len(early) <= bound, f"{stream} has no state for {len(since)} records"
            self.behind.setdefault(stream, set()).update(record_id for record_id, _ in since)

    def ended(self, streams):
        """The run came to its end by itself."""
        assert not self.errors and self.finished == set(streams), (self.errors, self.finished)
        self.behind, self.kills_in_row = {}, 0
