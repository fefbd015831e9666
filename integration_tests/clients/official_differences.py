"""Where the official connector and ours differ, and why: the tables that docs/compatibility.md holds too. `theirs` is
0.6.11, which the tests run; `newer` is 0.9.22 and later, as its manifest says."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Callable

from clients.official_compare import ABSENT, Seen, same, time_of
from support.connector import INCREMENTAL


@dataclass(frozen=True)
class Difference:
    name: str
    streams: str
    theirs: str
    ours: str
    why: str
    covers: Callable[[Seen], bool]
    newer: str = "the same"

    def line(self):
        """This row of the table in docs/compatibility.md."""
        return f"| {self.streams} | {self.theirs} | {self.newer} | {self.ours} | {self.why} |"


def explanation(seen):
    """The name of the difference that a thing seen belongs to; none where it is not known."""
    return next((difference.name for difference in DIFFERENCES if difference.covers(seen)), None)


def as_doubles(value):
    if isinstance(value, dict):
        return {key: as_doubles(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_doubles(inner) for inner in value]
    return float(value) if isinstance(value, (int, Decimal)) and not isinstance(value, bool) else value


def field(seen, stream, *names):
    return seen.kind == "field" and seen.stream == stream and seen.name in names


def row_of(seen, stream, side):
    return seen.kind == "row" and seen.stream == stream and getattr(seen, side) is not ABSENT


def cut_to_seconds(whole, cut):
    """Whether two texts are the same time, one of them without its fraction."""
    return time_of(whole) is not None and time_of(whole) != time_of(cut) and second_of(whole) == time_of(cut)


def second_of(text):
    return time_of(text).replace(microsecond=0)


NEW_PROJECT_FIELDS = ("team", "teams", "platforms", "environments", "latestRelease", "latestDeploys", "hasUserReports")

# The first that covers a thing is its explanation.
DIFFERENCES = [
    Difference(
        "digits", "events", "prints numbers again: digits beyond a double's are lost", "passes every digit on",
        "it parses the records; we copy Sentry's text",
        lambda seen: seen.kind == "field" and seen.stream == "events" and seen.theirs is not ABSENT and same(
            as_doubles(seen.theirs), as_doubles(seen.ours))),
    Difference(
        "issue totals", "issues", "has no `lifetime` and no `filtered`", "has both",
        "it reads the project's list of issues, which Sentry has deprecated; we read the organization's",
        lambda seen: field(seen, "issues", "lifetime", "filtered") and seen.theirs is ABSENT),
    Difference(
        "issue times", "issues", "`firstSeen` and `lastSeen` with microseconds", "in whole seconds",
        "the organization's list has them from Sentry's event store; `lifetime.firstSeen` keeps the microseconds",
        lambda seen: field(seen, "issues", "firstSeen", "lastSeen") and cut_to_seconds(seen.theirs, seen.ours)),
    Difference(
        "issue window", "issues", "`count`, `userCount` and `firstSeen` over all time",
        "over the last 90 days, and in `lifetime` over all time", "the organization's list defines them so",
        lambda seen: field(seen, "issues", "count", "userCount", "firstSeen")
        and same(seen.theirs, seen.row["lifetime"][seen.name])),
    Difference(
        "issue state", "issues", "the state has the microseconds of the newest `lastSeen`",
        "the state has its whole second", "as above; the run that follows begins with that second",
        lambda seen: seen.kind == "state" and seen.name == "lastSeen" and cut_to_seconds(seen.theirs, seen.ours)),
    Difference(
        "project fields", "projects", "has no " + ", ".join(f"`{name}`" for name in NEW_PROJECT_FIELDS), "has them",
        "it reads the list of all projects, which Sentry has deprecated; we read the organization's",
        lambda seen: field(seen, "projects", *NEW_PROJECT_FIELDS) and seen.theirs is ABSENT, newer="has them"),
    Difference(
        "projects elsewhere", "projects",
        "also reads the projects of other organizations that the token's owner is in, and its state is theirs too",
        "reads the projects of the configured organization", "as above",
        lambda seen: (row_of(seen, "projects", "theirs") and seen.row["organization"]["slug"] != "acme")
        or (seen.kind == "state" and seen.stream == "projects" and seen.name == "dateCreated"),
        newer="as ours"),
    Difference(
        "projects without membership", "projects", "misses projects whose teams the token's owner is not a member of",
        "reads them", "as above", lambda seen: row_of(seen, "projects", "ours") and not seen.row["isMember"],
        newer="as ours"),
    Difference(
        "projects of an integration", "projects", "reads none with the token of an internal integration",
        "reads all", "as above: that list is of a user's projects",
        lambda seen: row_of(seen, "projects", "ours") and seen.row["isMember"] and not seen.since, newer="as ours"),
    Difference(
        "projects by org:read", "projects", "fails with a token that may only read the organization", "reads them",
        "as above: the two lists need different scopes",
        lambda seen: seen.kind == "status" and seen.stream == "projects" and seen.ours == "COMPLETE",
        newer="as ours, and fails without `org:read`"),
    Difference(
        "archived releases", "releases", "misses archived releases", "reads them",
        "Sentry lists only open ones unless asked for both",
        lambda seen: row_of(seen, "releases", "ours") and seen.row["status"] == "archived"),
    Difference(
        "the state's second", "incremental", "leaves out what has exactly the time of the state",
        "reads the second of the state again",
        "Sentry's times are whole seconds: what comes later in the same second would be lost",
        lambda seen: seen.kind == "row" and seen.theirs is ABSENT and seen.since is not None
        and second_of(seen.row[INCREMENTAL[seen.stream]]) == seen.since.replace(microsecond=0),
        newer="reads the state's own instant again, for events and releases"),
    Difference(
        "failed without cursor", "project_detail", "also says after a failure that the stream has been read",
        "writes an empty state after a failure", "a state says what was done",
        lambda seen: seen.kind == "state" and seen.name == "__ab_no_cursor_state_message" and seen.ours is ABSENT
        and seen.stream == "project_detail"),
    Difference(
        "foreign keys", "incremental", "carries keys of the saved state along that it does not know", "drops them",
        "they belong to an old state",
        lambda seen: seen.kind == "state" and seen.name not in ("dateCreated", "lastSeen") and seen.ours is ABSENT),
    Difference(
        "origin", "incremental", "the state is the cursor's value alone",
        "also says in `of` which organization, server and project it belongs to",
        "a state of another Sentry is never used; the official connector carries `of` along",
        lambda seen: seen.kind == "state" and seen.name == "of" and seen.theirs is ABSENT),
    Difference(
        "nulls", "all", "leaves out fields whose value is null", "passes them on",
        "Airbyte's Python library drops the nulls of a record as it writes it",
        lambda seen: seen.kind == "field" and seen.theirs is ABSENT and seen.ours is None),
]


@dataclass(frozen=True)
class StateDifference:
    """Old forms of state that the two make different things of; `forms` are names in test_drop_in_states.py."""

    forms: tuple
    state: str
    theirs: str
    ours: str
    newer: str = "the same"

    def line(self):
        return f"| {self.state} | {self.theirs} | {self.newer} | {self.ours} |"


STATE_DIFFERENCES = [
    StateDifference(("A bare object",), "an object of streams, as before version 0.1.7",
                    "reads nothing and exits with 0", "resumes", "exits with 1"),
    StateDifference(("A LEGACY",), "the same in a message of type LEGACY", "starts from the beginning", "resumes",
                    "exits with 1"),
    StateDifference(("B None", "B null", "B empty text"), 'a cursor that is null, "" or "None", as up to 0.4',
                    "fails", "starts from the beginning, as those versions meant it"),
    StateDifference(("C other zone",), "a time with another offset than zero",
                    "reads its digits as UTC: loses or repeats the hours between", "resumes at that instant"),
    StateDifference(("H partitions",), "a list of partitions, each with its cursor", "starts from the beginning",
                    "resumes where the configured project's cursor says"),
    StateDifference(("I future",), "a time in the future", "never reads anything again",
                    "warns, and resumes from Sentry's present time"),
    StateDifference(("J GLOBAL", "J GLOBAL, shared"), "a message of type GLOBAL", "reads nothing and exits with 0",
                    "resumes"),
]


@dataclass(frozen=True)
class CommandDifference:
    """Something that happens to both and that they report differently; shown in test_drop_in_commands.py."""

    name: str
    what: str
    theirs: str
    ours: str
    newer: str = "the same"

    def line(self):
        return f"| {self.what} | {self.theirs} | {self.newer} | {self.ours} |"


COMMAND_DIFFERENCES = [
    CommandDifference("check: only event:read", "check, with a token that cannot read the project itself", "fails",
                      "passes, and names the streams and the scopes they lack"),
    CommandDifference("check: a web page", "check, where a web page answers in place of Sentry", "passes", "fails"),
    CommandDifference("read: a web page", "read, where a web page answers in place of a list",
                      "no records, and success", "the stream fails"),
    CommandDifference("read: no links", "read, where pages come without their Link header",
                      "the first page only, and success", "the stream fails"),
]
