"""Both connectors at one server, and what may differ between them."""

from clients.official import Authority, Official, Ours
from clients.official_compare import differences_between
from clients.official_differences import explanation
from support.connector import INCREMENTAL, catalog
from support.sandbox import Sandbox

STREAMS = ["events", "issues", "projects", "project_detail", "releases"]  # all that the official one has
# A time that has passed on any machine, and not near a full hour: sparklines are cut at those.
NOW = ["--now", "2025-06-15T12:10:00Z"]
SIZE = ["--events", 120, "--issues", 30, "--releases", 12]
SMALL = ["--event-size", "small", *SIZE]
ORIGIN = "origin"  # the difference that is there always


class Pair:
    """Both connectors and a way to start a server for them."""

    def __init__(self, folder):
        self.authority, self.folder, self.sandboxes = Authority(folder), folder, []
        homes = [folder / name for name in ("official", "ours")]
        for home in homes:
            home.mkdir()
        self.official = Official(homes[0], self.authority.certificate)
        self.ours = Ours(homes[1], self.authority.certificate)

    def start(self, *options):
        self.sandboxes.append(Sandbox(self.folder, *self.authority.options(), *NOW, *options))
        return self.sandboxes[-1]

    def read(self, sandbox, *streams, saved=None, sync_mode=None, **changes):
        """The same read by both; the official one first."""
        chosen = catalog(*(streams or STREAMS), sync_mode=sync_mode)
        return [one.read(config_for_both(sandbox, **changes), chosen, saved) for one in (self.official, self.ours)]


def config_for_both(sandbox, **changes):
    # Without a look back, which the official connector has not.
    return sandbox.config(hostname=sandbox.url.removeprefix("https://"), lookback_window="PT0S", **changes)


def expect(expected, theirs, ours, streams=STREAMS, saved=()):
    """Exactly the differences of these names, and that every state of ours with a cursor says what it is of."""
    found = differences_between(theirs, ours, streams, saved)
    unknown = [one for one in found if explanation(one) is None]
    assert not unknown, unknown[:3]
    names = {explanation(one) for one in found} - {ORIGIN}
    for stream in set(streams) & set(INCREMENTAL):
        for state in ours.states(stream)[-1:]:
            assert ("of" in state) == (not state[INCREMENTAL[stream]].startswith("1900")), state
    assert names == set(expected), (names - set(expected), set(expected) - names)
    assert theirs.code == ours.code or "status" in {one.kind for one in found}, (theirs.code, ours.code)
