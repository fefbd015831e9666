"""Writes one HTML file about a folder that `source-sentry read --output DIR` has filled.

    pip install duckdb
    python report.py DIR -o report.html

It shows events per day and project, the issues with most events, releases, what is complete and what is missing, and
the last runs. The file needs nothing beside it and no network, follows the reader's choice of light or dark, and fits a
phone. It has no scripts; whatever comes from Sentry is escaped.
"""

import argparse
import dataclasses
import datetime
import html
import json
import pathlib
import sys
import tempfile
import unicodedata

import duckdb

UTC = datetime.timezone.utc
DAYS = 90  # what the charts show at most, and at least:
FEWEST_DAYS = 14
COLOURS = 6  # of projects in the chart; the others share one
CARDS = 12
ISSUES = 10
RELEASES = 8
RUNS = 10
NARROW, WIDE = 250, 680  # pixels that a chart has at least on a phone, and on a screen
LANES = 3  # of releases' names, one above the other
LONGEST_NAME = 60  # characters that are shown
LABEL = 100  # pixels of one
UNSEEN = {"Cc", "Cf", "Cs"}  # characters that are not seen, or that turn the text around them
NEVER = "1900-01-01"  # the cursor of a stream that has never had a record
# What is read of each stream: plain values, and those that hold JSON.
COLUMNS = {
    "events": ({"projectID", "groupID", "dateCreated"}, set()),
    "issues": ({"id", "shortId", "title", "culprit", "level", "status", "count", "userCount", "lastSeen"}, {"project"}),
    "projects": ({"id", "slug"}, set()),
    "releases": ({"id", "version", "shortVersion", "dateCreated", "dateReleased", "newGroups", "commitCount"},
                 {"projects"}),
}


def main():
    parser = argparse.ArgumentParser(description="Writes one HTML file about a folder of `source-sentry read`.")
    parser.add_argument("folder", type=pathlib.Path, help="the folder that --output named")
    parser.add_argument("-o", "--output", type=pathlib.Path, default=pathlib.Path("report.html"))
    options = parser.parse_args()
    parts = read_manifests(options.folder)
    with tempfile.TemporaryDirectory() as scratch:
        data = Data(parts, pathlib.Path(scratch))
        options.output.write_text(page(parts, data, datetime.datetime.now(UTC)), encoding="utf-8")


# What the folder says of itself.


@dataclasses.dataclass
class Part:
    """A folder with a manifest: the one that was named, or that of a shard."""

    folder: pathlib.Path
    manifest: dict

    @property
    def name(self):
        return self.manifest["of"].get("shard", "")


def read_manifests(folder):
    paths = [folder / "manifest.json"] if (folder / "manifest.json").exists() else sorted(
        folder.glob("shard-*-of-*/manifest.json"))
    if not paths:
        sys.exit(f"{folder} holds no manifest.json. Name the folder that `source-sentry read --output` has written.")
    return [Part(path.parent, json.loads(path.read_text(encoding="utf-8"))) for path in paths]


@dataclasses.dataclass
class Stream:
    """What the manifests say of a stream, all parts together."""

    name: str
    parts: list

    @property
    def saved(self):
        return [part.manifest["streams"][self.name] for part in self.parts]

    @property
    def status(self):
        return min((one["status"] for one in self.saved), key=["incomplete", "running", "complete"].index)

    @property
    def errors(self):
        return [error for one in self.saved for error in one.get("errors", [])]

    @property
    def reach(self):
        """How far it has been read, for people."""
        found = [value for one in self.saved for value in cursor_values(one["state"])]
        if found:
            return time_text(moment(max(found)))
        return "read whole each time" if self.saved[0]["mode"] == "full_refresh" else "nothing yet"

    def total(self, key):
        return sum(file[key] for one in self.saved for file in one["files"])


def streams_of(parts):
    names = sorted({name for part in parts for name in part.manifest["streams"]})
    return [Stream(name, [part for part in parts if name in part.manifest["streams"]]) for name in names]


def cursor_values(state):
    """Where its partitions are, as text."""
    states = [one.get("cursor", {}) for one in state.get("states", [])] if "states" in (state or {}) else [state or {}]
    values = [one.get(key) for one in states for key in ("dateCreated", "lastSeen")]
    return [value for value in values if value and not value.startswith(NEVER)]


def moment(text):
    """The time that a text says, in UTC; None if it says none."""
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(UTC)
    except (AttributeError, ValueError):
        return None


# What its records say, by DuckDB.


class Data:
    """The records of the folder as tables named like the streams, the newest copy of each alone."""

    def __init__(self, parts, scratch):
        self.parts, self.scratch = parts, scratch
        self.database = duckdb.connect()
        self.database.execute("SET TimeZone = 'UTC'")
        for stream, (texts, nested) in COLUMNS.items():
            self._load(stream, sorted(texts | nested), nested)
        self.names = self._project_names()

    def rows(self, query, *values):
        return self.database.execute(query, values).fetchall()

    def count(self, stream):
        return self.rows(f"SELECT count(*) FROM {stream}")[0][0]

    def _load(self, stream, columns, nested):
        declared = ", ".join(f'"{name}" VARCHAR' for name in columns)
        self.database.execute(f"CREATE TABLE {stream} (line BIGINT, {declared})")
        for part in self.parts:
            saved = part.manifest["streams"].get(stream)
            # In this order the newest copy of a record comes last.
            files = sorted(saved["files"], key=lambda file: (file.get("day", ""), file["name"])) if saved else []
            if files:
                paths = [self._safe(part.folder / file["name"], file["bytes"]) for file in files]
                self._load_files(stream, part.manifest["written"]["format"], saved, paths, columns, nested)
        if "id" in columns:
            newest = f"SELECT max(line) FROM {stream} GROUP BY id"
            self.database.execute(f"DELETE FROM {stream} WHERE line NOT IN ({newest})")

    def _load_files(self, stream, form, saved, paths, columns, nested):
        if form == "csv":
            known = [name if name in saved["columns"] else None for name in columns]
            source = ("read_csv($files, header = true, delim = ',', quote = '\"', escape = '\"', all_varchar = true, "
                      "allow_quoted_nulls = false, hive_partitioning = false)")
        else:
            known = columns
            types = ", ".join(f"'{name}': '{'JSON' if name in nested else 'VARCHAR'}'" for name in columns)
            source = (f"read_json($files, format = 'newline_delimited', columns = {{{types}}}, "
                      "hive_partitioning = false)")
        picked = ", ".join(f'"{name}"' if name else "NULL" for name in known)
        self.database.execute(f"INSERT INTO {stream} SELECT $before + row_number() OVER (), {picked} FROM {source}",
                              {"files": paths, "before": self.count(stream)})

    def _safe(self, path, size):
        """The part of a file that the manifest covers: a run that is under way or was killed may have left more."""
        if path.stat().st_size <= size:
            return str(path)
        cut = self.scratch / "cut" / path.relative_to(path.anchor)
        cut.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "rb") as whole, open(cut, "wb") as safe:
            while size > 0 and (block := whole.read(min(size, 1 << 20))):
                safe.write(block)
                size -= len(block)
        return str(cut)

    def _project_names(self):
        """Slugs by project number, from whatever knows them."""
        names = {}
        for part in self.parts:
            for stream in part.manifest["streams"].values():
                partitions = [one.get("partition", {}) for one in (stream["state"] or {}).get("states", [])]
                names.update({one["id"]: one["project"] for one in partitions if {"id", "project"} <= one.keys()})
        names.update(self.rows("SELECT project->>'$.id', project->>'$.slug' FROM issues WHERE project IS NOT NULL"))
        names.update(self.rows("SELECT id, slug FROM projects"))
        return names

    def events(self):
        """How many events each project has on each day, the projects with most first: {name: {day: count}}."""
        rows = self.rows("""
            SELECT projectID, CAST(TRY_CAST(dateCreated AS TIMESTAMPTZ) AS DATE) AS day, count(*) AS events
            FROM events GROUP BY ALL HAVING day IS NOT NULL""")
        projects = {}
        for number, day, count in rows:
            name = self.names.get(number) or (f"project {number}" if number else "unknown project")
            of_project = projects.setdefault(name, {})
            of_project[day] = of_project.get(day, 0) + count
        return dict(sorted(projects.items(), key=lambda item: (-sum(item[1].values()), item[0])))

    def top_issues(self):
        return self.rows("""
            SELECT id, shortId, title, culprit, level, status, coalesce(TRY_CAST(count AS BIGINT), 0) AS events,
                   coalesce(TRY_CAST(userCount AS BIGINT), 0), lastSeen, project->>'$.slug'
            FROM issues ORDER BY events DESC, lastSeen DESC, id LIMIT ?""", ISSUES)

    def events_of_issue(self, issue):
        return dict(self.rows("""
            SELECT CAST(TRY_CAST(dateCreated AS TIMESTAMPTZ) AS DATE) AS day, count(*)
            FROM events WHERE groupID = ? GROUP BY day HAVING day IS NOT NULL""", issue))

    def releases(self):
        """The newest first: its time, the names, the projects, new issues, commits."""
        rows = self.rows("""
            SELECT coalesce(TRY_CAST(dateReleased AS TIMESTAMPTZ), TRY_CAST(dateCreated AS TIMESTAMPTZ))
                       AT TIME ZONE 'UTC' AS released, version, coalesce(shortVersion, version), projects->>'$[*].slug',
                   coalesce(TRY_CAST(newGroups AS BIGINT), 0), coalesce(TRY_CAST(commitCount AS BIGINT), 0)
            FROM releases WHERE released IS NOT NULL AND version IS NOT NULL ORDER BY released DESC, version""")
        return [(released.replace(tzinfo=UTC), *others) for released, *others in rows]


# HTML, in which nothing that is not ours is believed.


class Html(str):
    """Text that is HTML already."""


def safe(value):
    if isinstance(value, Html):
        return value
    return html.escape("".join(" " if unicodedata.category(one) in UNSEEN else one for one in str(value)))


def tag(name, *inner, **attributes):
    """An element. Its content and attributes are escaped, but for other elements; `class_` is class."""
    words = "".join(f' {key.rstrip("_").replace("_", "-")}="{safe(value)}"' for key, value in attributes.items()
                    if value is not None)
    return Html(f"<{name}{words}>{together(inner)}</{name}>")


def together(elements):
    return Html("".join(safe(one) for one in elements))


def svg(width, height, shapes, label, class_):
    """A picture that takes the place that it is given; its shapes have no text, which would be stretched."""
    return tag("svg", *shapes, viewBox=f"0 0 {width} {height}", preserveAspectRatio="none", role="img",
               aria_label=label, class_=class_)


def name_of(text):
    """A name of Sentry's users, which may be of any length, as an element that turns nothing around it."""
    return tag("bdi", text if len(text) <= LONGEST_NAME else text[:LONGEST_NAME - 1] + "…")


def number(value):
    return f"{value:,}"


def counted(value, one, many=None):
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def size(value):
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:,.0f} {unit}" if unit == "bytes" or value >= 100 else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:,.1f} TB"


def day_text(day, year=True):
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def time_text(at):
    """In two pieces that stay together."""
    return f"{day_text(at)}, {at:%H:%M} UTC".replace(" ", "\xa0").replace(",\xa0", ", ") if at else "unknown"


def span_text(seconds):
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min" if seconds < 3600 else f"{seconds // 3600:.0f} h {seconds % 3600 // 60:.0f} min"


# The page.


def page(parts, data, now):
    of = parts[0].manifest["of"]
    title = f"Sentry report: {of['organization']}"
    projects = data.events()
    axis = Axis.of(projects, data.releases())
    body = [
        header(parts, of, now),
        tiles(parts, data),
        section("Events per day", events_section(projects, axis)),
        section("Top issues", issues_section(data, axis)),
        section("Releases", releases_section(data, axis)),
        section("Completeness", completeness_section(parts)),
        section("Last runs", runs_section(parts)),
        tag("footer", f"Written on {time_text(now)} from a folder of {parts[0].manifest['made_by']}. "
                      "All days and times are in UTC."),
    ]
    head = [
        Html('<meta charset="utf-8">'),
        Html('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        Html('<meta name="color-scheme" content="light dark">'),
        # Not even a mistake of this script may load anything.
        Html('<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">'),
        tag("title", title),
        tag("style", Html(STYLE)),
    ]
    return f'<!DOCTYPE html>\n<html lang="en"><head>{together(head)}</head><body>{tag("main", *body)}</body></html>\n'


def section(title, content):
    return tag("section", tag("h2", title), *content)


def sentence(text):
    return tag("p", text, class_="note")


def header(parts, of, now):
    streams = streams_of(parts)
    missing = [stream.name for stream in streams if stream.status != "complete"]
    if not streams:
        state = pill("no streams yet", "open")
    elif missing:
        state = pill(f"{counted(len(missing), 'stream')} not complete", "bad")
    else:
        state = pill("all complete", "good")
    shards = f", {counted(len(parts), 'shard')}" if parts[0].name else ""
    return tag("header", tag("h1", tag("bdi", of["organization"])),
               tag("p", tag("bdi", of["host"]), f"{shards}, {time_text(now)} ", state, class_="under"))


def pill(text, kind):
    return tag("span", text, class_=f"pill {kind}")


def tiles(parts, data):
    shown = []
    for stream in streams_of(parts):
        records = data.count(stream.name) if stream.name in COLUMNS else stream.total("records")
        shown.append(tag("div", tag("dt", stream.name.replace("_", " ")), tag("dd", number(records))))
    return tag("dl", *shown, class_="tiles") if shown else sentence("The folder holds no records yet.")


@dataclasses.dataclass
class Axis:
    """The days that all charts show."""

    first: datetime.date
    days: int

    @classmethod
    def of(cls, projects, releases):
        """Up to the newest event that is not in the future, or the newest release where there are no events."""
        today = datetime.datetime.now(UTC).date() + datetime.timedelta(days=1)
        found = {day for counts in projects.values() for day in counts} or {release[0].date() for release in releases}
        found = {day for day in found if day <= today} or {today}
        last = max(found)
        days = min(DAYS, max(FEWEST_DAYS, (last - min(found)).days + 1))
        return cls(last - datetime.timedelta(days=days - 1), days)

    @property
    def last(self):
        return self.day(self.days - 1)

    def day(self, index):
        return self.first + datetime.timedelta(days=index)

    def holds(self, day):
        return self.first <= day <= self.last

    def text(self):
        return f"{day_text(self.first)} to {day_text(self.last)}"

    def labels(self):
        """Names of days below a chart: a few on a phone, more where there is room for them."""
        return [tag("span", day_text(self.day(index), year=False), class_=f"day {kind}",
                    style=f"left:{place((index + 0.5) / self.days, 56)}")
                for kind, count in (("narrow", 3), ("wide", 7))
                for index in sorted({round(step * (self.days - 1) / (count - 1)) for step in range(count)})]


def place(share, width):
    """Where something of `width` pixels begins so that its middle is there and nothing is cut off at the ends."""
    return f"clamp(0px, calc({share * 100:.3f}% - {width / 2:g}px), calc(100% - {width}px))"


def events_section(projects, axis):
    if not projects:
        return [sentence("There are no events in this folder. A read of the stream “events” brings them.")]
    series = shared_series(projects, COLOURS)
    shown = sum(count for counts in projects.values() for day, count in counts.items() if axis.holds(day))
    outside = sum(sum(counts.values()) for counts in projects.values()) - shown
    beside = f" Not shown, of other days: {number(outside)}." if outside else ""
    parts = [tag("p", f"{counted(shown, 'event')} from {axis.text()}.{beside}", class_="under"),
             chart(series, axis), legend(series, axis)]
    if len(projects) > 1:
        parts += [tag("h3", "Each project, on a scale of its own"), cards(projects, axis)]
    return parts


def shared_series(projects, most):
    """As many projects as there are colours, and one for all others: [(name, {day: count}, colour)]."""
    names = list(projects)
    alone = names if len(names) <= most else names[:most - 1]
    series = [(name, projects[name], f"c{index}") for index, name in enumerate(alone)]
    if len(alone) < len(names):
        others = {}
        for name in names[len(alone):]:
            for day, count in projects[name].items():
                others[day] = others.get(day, 0) + count
        series.append((f"{len(names) - len(alone)} others", others, "other"))
    return series


def chart(series, axis):
    """Bars of days, the series one upon the other, with a scale and the names of days."""
    totals = [sum(counts.get(axis.day(index), 0) for _, counts, _ in series) for index in range(axis.days)]
    top = round_up(max(totals, default=0))
    steps = 4 if top % 4 == 0 else 2 if top % 2 == 0 else 1
    lines = [tag("div", tag("span", number(top * step // steps)), class_="line",
                 style=f"top:{100 - 100 * step / steps:g}%") for step in range(steps + 1)]
    picture = svg(axis.days, 100, bars(series, axis, top), f"Events per day, {axis.text()}", "bars")
    gutter = f"--gutter:{len(number(top)) + 1}ch"
    return tag("div", tag("div", *lines, picture, class_="plot"), tag("div", *axis.labels(), class_="axis"),
               class_="chart", style=gutter)


def bars(series, axis, top):
    shapes = []
    for index in range(axis.days):
        day, below, pieces, told = axis.day(index), 0, [], []
        for name, counts, colour in series:
            count = counts.get(day, 0)
            if count == 0:
                continue
            below += count
            pieces.append(tag("rect", x=f"{index + 0.12:g}", y=f"{100 - 100 * below / top:.2f}", width="0.76",
                              height=f"{100 * count / top:.2f}", class_=colour))
            told.append(f"{name} {number(count)}")
        if pieces:
            shapes.append(tag("g", tag("title", f"{day_text(day)}: {', '.join(told)}"), *pieces))
    return shapes


def round_up(value):
    """The next number of one digit and zeros, or of 12, 15, 25; at least 1."""
    scale = 1
    while value > 10 * scale:
        scale *= 10
    return next((int(step * scale) for step in (1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
                 if step * scale >= value and step * scale % 1 == 0), 10 * scale)


def legend(series, axis):
    entries = [tag("li", tag("i", class_=colour), name_of(name),
                   tag("b", number(sum(count for day, count in counts.items() if axis.holds(day)))))
               for name, counts, colour in series]
    return tag("ul", *entries, class_="legend")


def cards(projects, axis):
    shown = list(projects.items())[:CARDS]
    made = [tag("li", tag("p", name_of(name), tag("b", number(sum(counts.values())))), small(counts, axis))
            for name, counts in shown]
    rest = list(projects.values())[CARDS:]
    events = sum(sum(counts.values()) for counts in rest)
    more = [sentence(f"{counted(len(rest), 'more project')} with {counted(events, 'event')}.")] if rest else []
    return together([tag("ul", *made, class_="cards"), *more])


def small(counts, axis):
    """A chart without a scale."""
    top = max((count for day, count in counts.items() if axis.holds(day)), default=0) or 1
    return svg(axis.days, 100, bars([("", counts, "c0")], axis, top), f"Events per day, {axis.text()}", "small")


def issues_section(data, axis):
    issues = data.top_issues()
    if not issues:
        return [sentence("There are no issues in this folder. A read of the stream “issues” brings them.")]
    entries = []
    for issue, short, title, culprit, level, status, events, users, seen, project in issues:
        counts = data.events_of_issue(issue)
        about = [name_of(word) for word in (short, project, level, status) if word]
        about += [tag("span", f"{counted(users, 'user')}"), tag("span", f"last seen {day_text(moment(seen))}")
                  if moment(seen) else ""]
        inner = [tag("p", tag("bdi", title or culprit or "without a title"), class_="title"),
                 tag("p", *about, class_="facts"), tag("p", tag("b", number(events)), " events", class_="count")]
        if any(axis.holds(day) for day in counts):
            inner.append(small(counts, axis))
        entries.append(tag("li", *inner))
    return [tag("p", "By the number of events that Sentry has counted.", class_="under"),
            tag("ol", *entries, class_="issues")]


def releases_section(data, axis):
    releases = data.releases()
    if not releases:
        return [sentence("There are no releases in this folder. A read of the stream “releases” brings them.")]
    shown = [release for release in releases if axis.holds(release[0].date())]
    parts = [tag("p", f"{counted(len(shown), 'release')} from {axis.text()}, of {number(len(releases))} in all.",
                 class_="under")]
    if shown:
        parts.append(timeline(shown, axis))
    rows = [[name_of(short), tag("span", day_text(at), class_="short"), name_of(listed(projects)), number(new),
             number(commits)]
            for at, _, short, projects, new, commits in releases[:RELEASES]]
    head = ["Version", "Released", "Projects", "New issues", "Commits"]
    return [*parts, table(head, rows, wide={2, 4}, numbers={3, 4})]


def listed(names):
    """Names of projects, a few of many."""
    names = [name for name in names or [] if name]
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def timeline(releases, axis):
    """A line for each release, and as many of their names as have room, the newest first."""
    shares = [(share_of(release[0], axis), release) for release in releases]
    lines = [tag("path", tag("title", f"{release[1]}, {day_text(release[0])}"), d=f"M{share * 1000:.1f} 0V100")
             for share, release in shares]
    labels = []
    for kind, width in (("narrow", NARROW), ("wide", WIDE)):
        for share, lane, release in spread(shares, width):
            labels.append(tag("span", name_of(release[2]), class_=f"name {kind}", title=release[1],
                              style=f"left:{place(share, LABEL)};bottom:{lane * 1.4:g}rem;width:{LABEL}px"))
    return tag("div", tag("div", *labels, class_="names"), svg(1000, 100, lines, "Releases", "marks"),
               tag("div", *axis.labels(), class_="axis"), class_="timeline")


def share_of(at, axis):
    begin = datetime.datetime.combine(axis.first, datetime.time(), UTC)
    return (at - begin) / datetime.timedelta(days=axis.days)


def spread(shares, width):
    """Which of them can be named without touching another one if there are `width` pixels: [(share, lane, what)]."""
    lanes, kept = [[] for _ in range(LANES)], []
    for share, what in shares:
        left = min(max(0, share * width - LABEL / 2), width - LABEL)
        for lane, taken in enumerate(lanes):
            if all(abs(left - other) > LABEL + 6 for other in taken):
                taken.append(left)
                kept.append((share, lane, what))
                break
    return kept


def completeness_section(parts):
    streams = streams_of(parts)
    if not streams:
        return [sentence("No stream has been read into this folder yet.")]
    kinds = {"complete": "good", "incomplete": "bad", "running": "open"}
    rows = []
    for stream in streams:
        rows.append([stream.name, pill(stream.status, kinds[stream.status]), number(stream.total("records")),
                     size(stream.total("bytes")), stream.reach])
    holes = [tag("li", tag("b", stream.name), " ", error) for stream in streams for error in stream.errors]
    shown = [table(["Stream", "Last run", "Lines", "On disk", "Read up to"], rows, wide={3, 4}, numbers={2, 3})]
    if holes:
        return [*shown, tag("h3", "What is missing"), tag("ul", *holes, class_="holes")]
    if all(stream.status == "complete" for stream in streams):
        return [*shown, sentence("Nothing is missing: each stream was read to its end.")]
    return [*shown, sentence("What is not complete was stopped, or is being read. The next run resumes it.")]


def runs_section(parts):
    runs = sorted(((moment(run["began"]), part.name, run) for part in parts for run in part.manifest["runs"]),
                  key=lambda one: one[0], reverse=True)
    if not runs:
        return [sentence("There has been no run.")]
    rows = []
    for began, shard, run in runs[:RUNS]:
        ended = moment(run.get("ended"))
        result = pill("complete", "good") if run["complete"] else pill("incomplete", "bad") if ended else pill(
            "not ended", "open")
        named = ", ".join(f"{stream} {number(count)}" for stream, count in run["records"].items() if count)
        rows.append([f"{run['run']}" + (f" ({shard})" if shard else ""), time_text(began),
                     span_text((ended - began).total_seconds()) if ended else "",
                     number(sum(run["records"].values())), result, named or "nothing new"])
    return [table(["Run", "Began", "Took", "Records", "Result", "Of them"], rows, wide={2, 5}, numbers={2, 3})]


def table(head, rows, wide, numbers):
    """`wide`: columns that a phone leaves out; `numbers`: those on the right."""
    def kind(index):
        words = (["wide"] if index in wide else []) + (["number"] if index in numbers else [])
        return " ".join(words) or None
    top = tag("tr", *(tag("th", text, class_=kind(index), scope="col") for index, text in enumerate(head)))
    body = [tag("tr", *(tag("td", text, class_=kind(index)) for index, text in enumerate(row))) for row in rows]
    return tag("table", tag("thead", top), tag("tbody", *body))


STYLE = """
:root {
  --paper: #f6f6f4; --card: #ffffff; --ink: #1d2126; --soft: #5c6670; --rule: #e2e3e0;
  --good: #14713f; --good-back: #dff3e6; --bad: #a32020; --bad-back: #fbe4e2; --open: #7a5200; --open-back: #faedd0;
  --c0: #3d6cc9; --c1: #d9822b; --c2: #2f9e79; --c3: #b8487f; --c4: #7b61c9; --c5: #74882a; --other: #a3abb3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1d2125; --ink: #e8eaec; --soft: #9ba5ae; --rule: #30363c;
    --good: #7fd6a3; --good-back: #173826; --bad: #ff9c93; --bad-back: #46201e; --open: #f0c36b; --open-back: #3f3114;
    --c0: #6f9bef; --c1: #eda55a; --c2: #5cc4a0; --c3: #de80ad; --c4: #a892ec; --c5: #aabd5e; --other: #6f7880;
  }
}
* { box-sizing: border-box; margin: 0; padding: 0; }
body { background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, "Segoe UI", Roboto, "Noto Sans",
  "DejaVu Sans", sans-serif; font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
  overflow-wrap: anywhere; }
main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
header { margin-bottom: 1.25rem; }
h1 { font-size: 1.9rem; line-height: 1.2; letter-spacing: -0.02em; }
h2 { font-size: 1.2rem; line-height: 1.3; letter-spacing: -0.01em; }
h3 { font-size: 0.9rem; font-weight: 600; margin: 1.5rem 0 0.5rem; }
.under, .note, footer { color: var(--soft); font-size: 0.9rem; }
.note { margin-top: 0.5rem; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 0.75rem; padding: 1.1rem 1rem 1.25rem;
  margin-top: 1rem; }
footer { margin-top: 1.5rem; }
ul, ol { list-style: none; }
.pill { display: inline-block; border-radius: 1rem; padding: 0.05rem 0.6rem; font-size: 0.8rem; font-weight: 600;
  white-space: nowrap; }
.good { color: var(--good); background: var(--good-back); }
.bad { color: var(--bad); background: var(--bad-back); }
.open { color: var(--open); background: var(--open-back); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.75rem; }
.tiles div { background: var(--card); border: 1px solid var(--rule); border-radius: 0.75rem; padding: 0.7rem 0.9rem; }
.tiles dt { color: var(--soft); font-size: 0.85rem; }
.tiles dd { font-size: 1.5rem; font-weight: 650; line-height: 1.25; letter-spacing: -0.01em; }
.chart { margin-top: 1.25rem; font-size: 0.78rem; }
.plot { position: relative; height: 13rem; margin-left: var(--gutter); }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; }
.line { position: absolute; left: 0; right: 0; border-top: 1px solid var(--rule); }
.line span { position: absolute; right: 100%; padding-right: 0.5rem; transform: translateY(-50%); color: var(--soft);
  white-space: nowrap; }
.axis { position: relative; height: 1.6rem; margin-left: var(--gutter, 0); font-size: 0.78rem; color: var(--soft); }
.day { position: absolute; top: 0.35rem; width: 56px; text-align: center; white-space: nowrap; }
.legend { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin-top: 0.75rem; font-size: 0.85rem; }
.legend li { display: flex; align-items: baseline; gap: 0.4rem; }
.legend i { width: 0.7rem; height: 0.7rem; border-radius: 0.15rem; flex: none; }
.legend b, .cards b { font-weight: 600; color: var(--soft); }
i.c0 { background: var(--c0); } i.c1 { background: var(--c1); } i.c2 { background: var(--c2); }
i.c3 { background: var(--c3); } i.c4 { background: var(--c4); } i.c5 { background: var(--c5); }
i.other { background: var(--other); }
rect.c0 { fill: var(--c0); } rect.c1 { fill: var(--c1); } rect.c2 { fill: var(--c2); }
rect.c3 { fill: var(--c3); } rect.c4 { fill: var(--c4); } rect.c5 { fill: var(--c5); }
rect.other { fill: var(--other); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: 1rem 1.5rem; }
.cards p { display: flex; justify-content: space-between; gap: 0.75rem; font-size: 0.85rem; line-height: 1.35; }
svg.small { display: block; width: 100%; height: 2.5rem; border-bottom: 1px solid var(--rule); }
.issues li { display: grid; grid-template-columns: 1fr auto; gap: 0.15rem 1rem; padding: 0.8rem 0;
  border-top: 1px solid var(--rule); }
.issues { margin-top: 0.75rem; }
.issues .title { font-weight: 600; line-height: 1.35; display: -webkit-box; -webkit-box-orient: vertical;
  -webkit-line-clamp: 2; overflow: hidden; }
.issues .facts { grid-column: 1; color: var(--soft); font-size: 0.82rem; display: flex; flex-wrap: wrap;
  gap: 0 0.9rem; }
.issues .count { grid-column: 2; grid-row: 1; font-size: 0.82rem; color: var(--soft); text-align: right;
  white-space: nowrap; }
.issues .count b { display: block; color: var(--ink); font-size: 1.05rem; line-height: 1.3; }
.issues svg.small { grid-column: 1 / -1; height: 1.75rem; }
.timeline { margin-top: 1rem; }
.names { position: relative; height: 4.2rem; font-size: 0.78rem; line-height: 1.4rem; }
.name { position: absolute; text-align: center; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
svg.marks { display: block; width: 100%; height: 2.25rem; border-bottom: 1px solid var(--rule); overflow: visible; }
svg.marks path { stroke: var(--c0); stroke-width: 2px; vector-effect: non-scaling-stroke; }
table { width: 100%; border-collapse: collapse; margin-top: 0.75rem; font-size: 0.88rem; }
th { color: var(--soft); font-weight: 600; font-size: 0.8rem; text-align: left; white-space: nowrap; }
th, td { padding: 0.45rem 0.5rem 0.45rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
tbody tr:last-child td { border-bottom: 0; }
.number, .short { white-space: nowrap; }
.number { text-align: right; }
.number + :not(.number) { padding-left: 0.5rem; }
.holes li { padding: 0.5rem 0.75rem; margin-top: 0.4rem; background: var(--bad-back); border-radius: 0.5rem;
  font-size: 0.88rem; }
.wide { display: none; }
@media (min-width: 800px) {
  main { padding: 2.5rem 2rem 4rem; }
  h1 { font-size: 2.4rem; }
  section { padding: 1.4rem 1.5rem 1.5rem; }
  .narrow { display: none; }
  span.wide { display: inline; }
  th.wide, td.wide { display: table-cell; }
  th, td { padding-right: 1rem; }
  .issues li { grid-template-columns: 1fr 12rem 7rem; }
  .issues .count { grid-column: 3; grid-row: 1 / span 2; align-self: center; }
  .issues svg.small { grid-column: 2; grid-row: 1 / span 2; align-self: center; }
}
"""

if __name__ == "__main__":
    main()
