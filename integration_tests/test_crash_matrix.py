"""SIGKILL after every so many lines and at random bytes, over all streams and both sync modes; resumed from the last
STATE seen. What both runs wrote is everything, and hardly anything of it twice (docs/state.md).

CRASHES says how many kills are made in all."""

import random

import pytest
from support.connector import INCREMENTAL, STREAMS, catalog
from support.crashes import crashes, read_until_killed, read_whole
from support.sandbox import Sandbox, true_ids

MODES = ["full_refresh", "incremental"]
SHARES = {"broad": 0.15, "long": 0.05}  # of all kills; a read of the long world takes five times as long
# Ten pages, after which there is a state.
MOST_AT_RISK = {"events": 100, "issues": 1000, "releases": 1000}
WORLDS = {
    # Every stream, few records: kills meet each kind of line.
    "broad": ["--events", 400, "--issues", 150, "--releases", 60, "--projects", 3],
    # Lists of more than ten pages: kills meet states in the middle of a window.
    "long": ["--events", 1400, "--issues", 1300, "--releases", 1200, "--projects", 1],
}


class World:
    """A sandbox and what is true of it."""

    def __init__(self, folder, options):
        self.sandbox = Sandbox(folder, "--event-size", "small", *options)
        truth = self.sandbox.truth()
        self.ids = {stream: true_ids(truth, stream) for stream in STREAMS}
        self.reads = 0

    def config(self):
        self.reads += 1
        if self.reads % 50 == 0:
            self.sandbox.reset()  # its log would grow without end
        return self.sandbox.config(lookback_window="PT0S")  # what it brings again is not at risk


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    worlds = {}

    def get(name):
        if name not in worlds:
            worlds[name] = World(tmp_path_factory.mktemp(name), WORLDS[name])
        return worlds[name]

    yield get
    for one in worlds.values():
        one.sandbox.stop()


def wanted(mode):
    return catalog(sync_mode=None if mode == "incremental" else mode)


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
    seen = read_until_killed(connector, world.config(), wanted(mode), **kill)
    rest = read_whole(connector, world.config(), wanted(mode), seen.last_states())
    check_resumed(world, mode, seen, rest, where)
    return seen


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", WORLDS)
def test_kills_after_every_so_many_lines(connector, world, name, mode):
    here = world(name)
    whole = read_whole(connector, here.config(), wanted(mode))
    count = crashes(SHARES[name])
    step = max(1, whole.lines // count)
    cut_short = 0
    for line in range(1, whole.lines + 1, step):
        seen = check_kill(connector, here, mode, f"after line {line}", lines=line, drain=line // step % 2 == 0)
        cut_short += seen.lines < whole.lines
    assert cut_short > count // 2, "most kills came too late"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", WORLDS)
def test_kills_at_random_bytes(connector, world, name, mode):
    here = world(name)
    whole = read_whole(connector, here.config(), wanted(mode))
    dice = random.Random(f"{name} {mode}")
    for _ in range(crashes(SHARES[name])):
        size, drain = dice.randrange(whole.bytes), dice.random() < 0.5
        check_kill(connector, here, mode, f"at byte {size}, drained: {drain}", size=size, drain=drain)


@pytest.mark.parametrize("mode", MODES)
def test_resuming_from_an_older_state_repeats_more_and_loses_nothing(connector, world, mode):
    here = world("long")
    whole = read_whole(connector, here.config(), wanted(mode))
    dice = random.Random(f"older {mode}")
    for _ in range(crashes(0.05)):
        size = dice.randrange(whole.bytes)
        seen = read_until_killed(connector, here.config(), wanted(mode), size=size)
        older = [dice.choice(states) for states in seen.states.values() if dice.random() < 0.8]
        rest = read_whole(connector, here.config(), wanted(mode), older)
        for stream in STREAMS:
            assert sorted({*seen.ids(stream), *rest.ids(stream)}) == here.ids[stream], f"{stream}, byte {size}"


@pytest.mark.parametrize("mode", MODES)
def test_kill_after_kill_comes_to_an_end(connector, world, mode):
    """Each run goes on from what the one before it left, and is killed too; every fifth is let live."""
    here = world("long")
    whole = read_whole(connector, here.config(), wanted(mode))
    dice = random.Random(f"chain {mode}")
    for _ in range(crashes(0.0125)):
        written = {stream: set() for stream in STREAMS}
        states, places = {}, []
        for life in range(5):
            saved = list(states.values())
            places.append(dice.randrange(whole.bytes // 2))
            seen = (read_until_killed(connector, here.config(), wanted(mode), saved, size=places[-1]) if life < 4
                    else read_whole(connector, here.config(), wanted(mode), saved))
            for stream in STREAMS:
                written[stream].update(seen.ids(stream))
            states.update((stream, of_stream[-1]) for stream, of_stream in seen.states.items())
        for stream in STREAMS:
            assert sorted(written[stream]) == here.ids[stream], (stream, places)


def test_a_world_that_goes_on_between_kill_and_resumption(connector, start_sandbox):
    """New events, issues seen again, a release: what was there, and what came, is all read in the end."""
    sandbox = start_sandbox("--event-size", "small", *WORLDS["long"])
    whole = read_whole(connector, sandbox.config(), wanted("incremental"))
    dice = random.Random("moving")
    for number in range(crashes(0.025)):
        size = dice.randrange(whole.bytes)
        seen = read_until_killed(connector, sandbox.config(), wanted("incremental"), size=size)
        sandbox.advance(60)
        sandbox.change(add_events={"project": "web", "count": 15, "new_issue": number % 2 == 0})
        sandbox.change(add_release={"project": "web", "version": f"web@99.0.{number}"})
        sandbox.advance(2)
        rest = read_whole(connector, sandbox.config(), wanted("incremental"), seen.last_states())
        truth = sandbox.truth()
        for stream in INCREMENTAL:
            assert sorted({*seen.ids(stream), *rest.ids(stream)}) == true_ids(truth, stream), (stream, size)
