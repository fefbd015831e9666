"""SIGKILL after every so many lines and at random bytes, over all streams and both sync modes; resumed from the last
STATE seen. What both runs wrote is everything, and hardly anything of it twice (docs/state.md). The worlds: one with
few records of every stream, one with long lists, an organization of several projects, lists of the issues of several
projects, and streams that a configuration makes: mapped ones and a custom one.

CRASHES says how many kills are made in all; 480 if nothing does. Thousands of them, five a second:

    CRASHES=5000 python3 -m pytest integration_tests/test_crash_matrix.py
"""

import random
from datetime import timedelta

import pytest
from support.connector import INCREMENTAL, STREAMS, catalog
from support.crashes import crashes, read_until_killed, read_whole
from support.ledger import Ledger
from support.mapped import wanted
from support.sandbox import Sandbox, true_ids

MODES = ["full_refresh", "incremental"]
# Of all kills; a read of the long world takes five times as long as one of the broad world.
SHARES = {"broad": 0.125, "long": 0.042, "several": 0.029, "lists of issues": 0.017, "configured": 0.017}
# Ten pages, after which there is a state.
MOST_AT_RISK = {"events": 100, "issues": 1000, "releases": 1000}
WORLDS = {
    # Every stream, few records: kills meet each kind of line.
    "broad": ["--events", 400, "--issues", 150, "--releases", 60, "--projects", 3],
    # Lists of more than ten pages: kills meet states in the middle of a window.
    "long": ["--events", 1400, "--issues", 1300, "--releases", 1200, "--projects", 1],
    # A whole organization: states of partitions, several workers.
    "several": ["--events", 500, "--issues", 200, "--releases", 60, "--projects", 5],
    # The issues of all projects in one list, of more than ten pages.
    "lists of issues": ["--events", 1200, "--issues", 1150, "--projects", 4],
    # Streams of mapped_streams and custom_streams, of more than ten pages.
    "configured": ["--events", 1300, "--issues", 400, "--releases", 20, "--projects", 1],
}
CASES = [(name, mode) for name in WORLDS for mode in MODES if (name, mode) != ("lists of issues", "full_refresh")]
WORKERS = 4


class World:
    """A sandbox, what is true of it, and how the project `web` of it is read."""

    PROJECT, SAVED, WANTED = "web", None, STREAMS

    def __init__(self, folder, options):
        self.sandbox = Sandbox(folder, "--event-size", "small", *options)
        self.truth = self.sandbox.truth()
        self.ids = {stream: true_ids(self.truth, stream) for stream in STREAMS}
        self.reads = 0

    def config(self):
        self.reads += 1
        if self.reads % 50 == 0:
            self.sandbox.reset()  # its log would grow without end
        # What a lookback brings again is not at risk.
        return self.sandbox.config(lookback_window="PT0S", project=self.PROJECT, num_workers=WORKERS)

    def wanted(self, mode):
        return catalog(*self.WANTED, sync_mode=None if mode == "incremental" else mode)

    def check(self, mode, seen, rest, where):
        check_resumed(self, mode, seen, rest, where)


class Organization(World):
    """All projects of a sandbox, as one connection reads them."""

    PROJECT = None

    def __init__(self, folder, options):
        super().__init__(folder, options)
        self.truth = self.sandbox.control("GET", "truth?organization=acme")
        self.ids = {stream: true_ids(self.truth, stream) for stream in STREAMS}
        self.ids["project_detail"] = self.ids["projects"]

    def check(self, mode, seen, rest, where):
        """Each project's part of what was at risk is told by the ledger."""
        ledger = Ledger(WORKERS, timedelta(0), full_refresh=mode == "full_refresh")
        if self.SAVED:
            ledger.states = {"issues": self.SAVED[0]}
        try:
            for run in (seen, rest):
                ledger.begin()
                for line in run.whole_lines:
                    ledger.line(line)
                if run is seen:
                    ledger.killed()
            ledger.ended(self.WANTED)
        except AssertionError as wrong:
            raise AssertionError(f"{wrong}, {where}") from wrong
        for stream in self.WANTED:
            written = rest.ids(stream) if stream not in INCREMENTAL else ledger.written[stream]
            assert sorted(written) == self.ids[stream], f"{stream} is not complete, {where}"


class ListsOfIssues(Organization):
    """An organization whose projects' issues stand at one place in the state, and are read as one."""

    WANTED = ["issues"]

    def __init__(self, folder, options):
        super().__init__(folder, options)
        begin = min(row["lastSeen"] for row in self.truth["issues"] if row["category"] != "feedback")
        partitions = [{"partition": {"project": row["slug"], "id": row["id"]},
                       "cursor": {"lastSeen": begin, "shared": True}} for row in self.truth["projects"]]
        self.SAVED = [{"type": "STREAM", "stream": {"stream_descriptor": {"name": "issues"}, "stream_state": {
            "use_global_cursor": False, "states": partitions}}}]

    def check(self, mode, seen, rest, where):
        super().check(mode, seen, rest, where)
        assert any("&project=" in asked["query"] for asked in self.sandbox.requests()), "no list of several projects"


class Configured(World):
    """Mapped streams, some of whose records are left out, and a custom stream, which begins anew in each run."""

    SOURCES = {"half_of_events": "events", "short_issues": "issues"}
    WANTED = [*SOURCES, "my_events"]
    STREAMS_MADE = {
        "mapped_streams": [
            {"name": "half_of_events", "from": "events", "select": '.id | test("^[0-7]")',
             "map": {"id": ".id", "dateCreated": ".dateCreated", "words": '.title | split(" ")'}},
            {"name": "short_issues", "from": "issues", "fields": ["id", "lastSeen"]}],
        "custom_streams": [{"name": "my_events", "path": "projects/{{ organization }}/{{ projects.slug }}/events/",
                            "for_each": "projects", "inject": {"project": ".slug"}}]}

    def __init__(self, folder, options):
        super().__init__(folder, options)
        events = self.ids["events"]
        self.ids = {"half_of_events": [one for one in events if one[0] in "01234567"], "my_events": events,
                    "short_issues": self.ids["issues"]}

    def config(self):
        return {**super().config(), **self.STREAMS_MADE}

    def wanted(self, mode):
        return wanted(*self.WANTED, sync_mode=mode)

    def check(self, mode, seen, rest, where):
        seen.sources = self.SOURCES
        for stream in self.WANTED:
            first, second = seen.ids(stream), rest.ids(stream)
            assert len(set(second)) == len(second), f"{stream} twice in one run, {where}"
            assert sorted({*first, *second}) == self.ids[stream], f"{stream} is not complete, {where}"
            if stream not in self.SOURCES or seen.is_finished(stream):
                continue
            at_risk = set(seen.since_state.get(stream, []))
            assert len(at_risk) <= MOST_AT_RISK[self.SOURCES[stream]], f"{stream}: no state for {len(at_risk)}, {where}"
            again = set(first) & set(second)
            assert again <= at_risk | seen.of_second_under_way(stream), f"{stream} repeats what a state covers, {where}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    worlds = {}
    kinds = {"several": Organization, "lists of issues": ListsOfIssues, "configured": Configured}

    def get(name):
        if name not in worlds:
            worlds[name] = kinds.get(name, World)(tmp_path_factory.mktemp(name.replace(" ", "-")), WORLDS[name])
        return worlds[name]

    yield get
    for one in worlds.values():
        one.sandbox.stop()


def starts_over(seen, stream, mode):
    """Whether the next run reads this stream from its beginning whatever came before (docs/state.md)."""
    return stream not in MOST_AT_RISK or (mode == "full_refresh" and seen.is_finished(stream))


def check_resumed(world, mode, seen, rest, where):
    """Nothing is lost between a killed run and the next one, and only what was at risk comes again."""
    for stream in STREAMS:
        first, second = seen.ids(stream), rest.ids(stream)
        assert len(set(second)) == len(second), f"{stream} twice in one run, {where}"
        assert sorted({*first, *second}) == world.ids[stream], f"{stream} is not complete, {where}"
        if starts_over(seen, stream, mode):
            continue
        at_risk = set(seen.since_state.get(stream, []))
        assert len(at_risk) <= MOST_AT_RISK[stream], f"{stream} has no state for {len(at_risk)} records, {where}"
        again = set(first) & set(second)
        if seen.is_finished(stream):
            assert len(again - at_risk) <= 2, f"{stream} repeats more than the last second, {where}"
        else:
            assert again <= at_risk | seen.of_second_under_way(stream), f"{stream} repeats what a state covers, {where}"


def check_kill(connector, world, mode, where, **kill):
    seen = read_until_killed(connector, world.config(), world.wanted(mode), world.SAVED, **kill)
    rest = read_whole(connector, world.config(), world.wanted(mode), seen.last_states() or world.SAVED)
    world.check(mode, seen, rest, where)
    return seen


@pytest.mark.parametrize("name, mode", CASES)
def test_kills_after_every_so_many_lines(connector, world, name, mode):
    here = world(name)
    whole = read_whole(connector, here.config(), here.wanted(mode), here.SAVED)
    count = crashes(SHARES[name])
    step = max(1, whole.lines // count)
    cut_short = 0
    for line in range(1, whole.lines + 1, step):
        seen = check_kill(connector, here, mode, f"after line {line}", lines=line, drain=line // step % 2 == 0)
        cut_short += seen.lines < whole.lines
    assert cut_short > count // 2, "most kills came too late"


@pytest.mark.parametrize("name, mode", CASES)
def test_kills_at_random_bytes(connector, world, name, mode):
    here = world(name)
    whole = read_whole(connector, here.config(), here.wanted(mode), here.SAVED)
    dice = random.Random(f"{name} {mode}")
    for _ in range(crashes(SHARES[name])):
        size, drain = dice.randrange(whole.bytes), dice.random() < 0.5
        check_kill(connector, here, mode, f"at byte {size}, drained: {drain}", size=size, drain=drain)


@pytest.mark.parametrize("mode", MODES)
def test_resuming_from_an_older_state_repeats_more_and_loses_nothing(connector, world, mode):
    here = world("long")
    whole = read_whole(connector, here.config(), here.wanted(mode))
    dice = random.Random(f"older {mode}")
    for _ in range(crashes(0.042)):
        size = dice.randrange(whole.bytes)
        seen = read_until_killed(connector, here.config(), here.wanted(mode), size=size)
        older = [dice.choice(states) for states in seen.states.values() if dice.random() < 0.8]
        rest = read_whole(connector, here.config(), here.wanted(mode), older)
        for stream in STREAMS:
            assert sorted({*seen.ids(stream), *rest.ids(stream)}) == here.ids[stream], f"{stream}, byte {size}"


@pytest.mark.parametrize("mode", MODES)
def test_kill_after_kill_comes_to_an_end(connector, world, mode):
    """Each run goes on from what the one before it left, and is killed too; every fifth is let live."""
    here = world("long")
    whole = read_whole(connector, here.config(), here.wanted(mode))
    dice = random.Random(f"chain {mode}")
    for _ in range(crashes(0.0104)):
        written = {stream: set() for stream in STREAMS}
        states, places = {}, []
        for life in range(5):
            saved = list(states.values())
            places.append(dice.randrange(whole.bytes // 2))
            seen = (read_until_killed(connector, here.config(), here.wanted(mode), saved, size=places[-1]) if life < 4
                    else read_whole(connector, here.config(), here.wanted(mode), saved))
            for stream in STREAMS:
                written[stream].update(seen.ids(stream))
            states.update((stream, of_stream[-1]) for stream, of_stream in seen.states.items())
        for stream in STREAMS:
            assert sorted(written[stream]) == here.ids[stream], (stream, places)


def test_a_world_that_goes_on_between_kill_and_resumption(connector, start_sandbox):
    """New events, issues seen again, a release: what was there, and what came, is all read in the end."""
    sandbox = start_sandbox("--event-size", "small", *WORLDS["long"])
    whole = read_whole(connector, sandbox.config(), catalog())
    dice = random.Random("moving")
    for number in range(crashes(0.021)):
        size = dice.randrange(whole.bytes)
        seen = read_until_killed(connector, sandbox.config(), catalog(), size=size)
        sandbox.advance(60)
        sandbox.change(add_events={"project": "web", "count": 15, "new_issue": number % 2 == 0})
        sandbox.change(add_release={"project": "web", "version": f"web@99.0.{number}"})
        sandbox.advance(2)
        rest = read_whole(connector, sandbox.config(), catalog(), seen.last_states())
        truth = sandbox.truth()
        for stream in INCREMENTAL:
            assert sorted({*seen.ids(stream), *rest.ids(stream)}) == true_ids(truth, stream), (stream, size)
