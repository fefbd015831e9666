"""The three numbers at the top of docs/performance.md, from benchmarks/results. report.py prints them."""

import json
import textwrap

from common import RESULTS, as_servers_answer


def text():
    points = [speed(results("limits")), cost(results("read")), memory(results("memory"))]
    return "\n".join(textwrap.fill(f"- {point}", 118, subsequent_indent="  ") for point in points)


def results(name):
    return as_servers_answer(json.loads((RESULTS / f"{name}.json").read_text())["rows"])


def speed(rows):
    """Of a single run that may use all of the limit."""
    alone = {row["stream"]: row for row in rows if row["shards"] == 1 and row["max_rate_share"] == 100}
    lists, single = (f"{alone[name]['records_per_minute']:,.0f}" for name in ("events", "events, one by one"))
    share = f"{alone['events']['share']:.0%}"
    return (f"**{lists} events a minute** at sentry.io's limits. That is {share} of what its lists of events give to "
            f"anyone. With `event_bodies: detail`, which asks for each event by itself, it is {single}.")


def cost(rows):
    ratio = {row["what"]: f"{row['ratio']:.0f} times" for row in rows if row["who"] == "official connector"}
    return (f"**{ratio['events']} less processor time** than the official connector for the same events, and "
            f"{ratio['issues']} less for the same issues.")


def memory(rows):
    million = next(row for row in rows if row["what"].startswith("1,000,000 events") and row["workers"] == 8)
    return f"**{million['memory']:.0f} MB of memory** at the peak of a read of a million events with eight workers."
