"""Pictures of results for docs/pictures: bars with their figures, in colours that can be read on a light and on a dark
background. report.py draws them."""

import json
from xml.sax.saxutils import escape

from common import RESULTS, ROOT, as_servers_answer

PICTURES = ROOT / "docs" / "pictures"
WIDTH, BAR, GAP, TOP, MARGIN = 820, 20, 8, 58, 10
# A character of 14px in DejaVu Sans, Debian's default and the widest of the usual fonts; few texts come near it.
CHARACTER = 9
STYLE = """
  text { font: 14px system-ui, sans-serif; fill: #24292f }
  .title { font-weight: 600; font-size: 16px }
  .note { font-size: 12px; fill: #57606a }
  .ours { fill: #2f81f7 }
  .other { fill: #9aa4af }
  .mark { stroke: #cf222e; stroke-width: 1.5; stroke-dasharray: 4 3 }
  @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .note { fill: #9aa4af } .mark { stroke: #ff7b72 } }
"""


def draw_all():
    PICTURES.mkdir(exist_ok=True)
    for draw in (read, hot_path, profile, workers, limits, memory, requests):
        results = RESULTS / f"{draw.__name__}.json"
        if results.exists():
            (PICTURES / f"{draw.__name__}.svg").write_text(draw(json.loads(results.read_text())))


def read(results):
    bars = [(f"{row['what']}, {row['who'].partition(',')[0]}", row["ratio"], f"{row['ratio']:.2f}, {row['cpu']:.2f} s",
             row["who"] == "source-sentry") for row in as_servers_answer(results["rows"]) if row["what"] != "spec"]
    return bars_of("Processor time for the same records over TLS", "source-sentry = 1; curl throws the pages away",
                   bars)


def workers(results):
    bars = [(plural(row['workers'], 'worker'), row["times"], f"{row['times']:.1f} times", True)
            for row in results["rows"] if row["sizes"] == "even"]
    return bars_of("Workers and time", f"20 projects of one size, {results['latency_ms']} ms for each answer: "
                   "how many times as fast as one worker", bars)


def memory(results):
    bars = [(row["what"], row["memory"], f"{row['memory']:.0f} MB for {row['output'] / 1e6:,.0f} MB", True)
            for row in as_servers_answer(results["rows"]) if row["workers"] == 8]
    return bars_of("Peak memory, eight workers", "a page is held whole, and as many pages as there are workers", bars)


def limits(results):
    bars = [(f"{row['stream']}: {row['shards']} × {plural(row['workers'], 'worker')}, {row['max_rate_share']} %",
             row["share"], f"{100 * row['share']:.0f} %, {row['refused']} refused", True) for row in results["rows"]]
    return bars_of("Share of sentry.io's limits that is used", "shards × workers, max_rate_share; 60 pages of events a "
                   "minute, 40 single events or lists of issues a second", bars,
                   most=max([1, *(row["share"] for row in results["rows"])]), mark=1)


def hot_path(results):
    bars = [(f"{row['stream']}, {row['who']}", row["ratio"], f"{row['ratio']:.2f}", row["who"] == "source-sentry")
            for row in as_servers_answer(results["rows"]) if row["over"] == "TLS"]
    return bars_of("Processor time for the same pages over TLS", "source-sentry = 1; the others check nothing", bars)


def profile(results):
    column = next(one for one in as_servers_answer(results["columns"])
                  if (one["stream"], one["over"]) == ("issues", "TLS"))
    bars = [(kind, share, f"{share:.0f} %", kind.startswith(("our", "the rest of our")))
            for kind, share in column["percent"].items()]
    return bars_of("Where the time of reading issues over TLS goes", "percent of the processor time", bars)


def requests(results):
    bars = [(f"{row['stream']}, {row['world']}", row["per_thousand"], f"{row['per_thousand']:.1f}", True)
            for stream in ("events", "issues", "releases") for row in results["costs"] if row["stream"] == stream]
    return bars_of("Requests for 1,000 records", "a page of events holds 10, one of issues or releases 100", bars)


def bars_of(title, note, bars, most=None, mark=None):
    """`bars`: label, value, its text, whether it is ours. `mark`: a value to draw a line at."""
    most = most or max(value for _, value, _, _ in bars)
    left = column(label for label, _, _, _ in bars)
    right = WIDTH - column(text for _, _, text, _ in bars)
    scale = (right - left) / most
    height = TOP + len(bars) * (BAR + GAP) + 6
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img">',
             f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
             f'<text class="title" x="4" y="20">{escape(title)}</text>',
             f'<text class="note" x="4" y="40">{escape(note)}</text>']
    for number, (label, value, text, ours) in enumerate(bars):
        y, width = TOP + number * (BAR + GAP), max(1.0, value * scale)
        parts += [f'<text x="{left - MARGIN}" y="{y + 15}" text-anchor="end">{escape(label)}</text>',
                  f'<rect class="{"ours" if ours else "other"}" x="{left}" y="{y}" width="{width:.1f}" '
                  f'height="{BAR}" rx="3"/>',
                  f'<text x="{right + MARGIN}" y="{y + 15}">{escape(text)}</text>']
    if mark is not None:
        x = left + mark * scale
        parts.append(f'<line class="mark" x1="{x:.1f}" y1="{TOP - 6}" x2="{x:.1f}" y2="{height - 6}"/>')
    return "\n".join([*parts, "</svg>", ""])


def plural(count, noun):
    return f"{count} {noun}{'s' * (count != 1)}"


def column(texts):
    """The width that the longest of the texts takes in any usual font, with a margin on both sides."""
    return 2 * MARGIN + CHARACTER * max(map(len, texts))

