"""How much quicker eight workers read twenty projects than one, from a server that takes 200 ms for an answer. Once
with projects of one size, and once with the sandbox's own, of which the largest holds a quarter of all events: that one
is read from its begin to its end by one worker at a time, and no number of workers is quicker than it.

    python3 benchmarks/workers_bench.py [--latency MS] [--runs N]

Takes a quarter of an hour; the figures are medians of the runs.
"""

import argparse
import pathlib
import tempfile

from common import Sandbox, catalog, measure, medians, publish, read, read_command, table

PROJECTS = 20
# Sizes of the projects: the sandbox's options, events to add to each project, numbers of workers.
WORLDS = {
    "even": (["--events", 40, "--issues", 20], 100, [1, 2, 4, 8, 16]),
    "largest holds a quarter": (["--events", 2000, "--issues", 400], 0, [1, 8]),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=int, default=200)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [row for name in WORLDS for row in bench(pathlib.Path(folder), name, options)]
    results = {"latency_ms": options.latency, "runs": options.runs, "rows": rows}
    publish("workers", results, tables(results))


def tables(results):
    return table(["projects' sizes", "requests", "workers", "wall s", "times as fast as one", "CPU s", "peak MB"],
                 [[row["sizes"], row["requests"], row["workers"], f"{row['seconds']:.1f}", f"{row['times']:.1f}",
                   f"{row['cpu']:.2f}", f"{row['memory']:.0f}"] for row in results["rows"]])


def bench(folder, name, options):
    sizes, added, workers = WORLDS[name]
    with Sandbox(folder, "--projects", PROJECTS, *sizes, "--event-size", "small", "--threads", 64, "--latency",
                 options.latency) as sandbox:
        add_events(sandbox, added)
        wanted = catalog("events", "issues")
        read(folder, sandbox.config(num_workers=20), wanted)
        requests = len([request for request in sandbox.requests() if request["path"].startswith("/api")])
        runs = {count: [] for count in workers}
        for _ in range(options.runs):
            for count in workers:
                runs[count].append(measure(read_command(folder, sandbox.config(num_workers=count), wanted)))
    rows = [{"sizes": name, "requests": requests, "workers": count,
             **dict(zip(("seconds", "cpu", "memory"), medians(runs[count])))} for count in workers]
    for row in rows:
        row["times"] = rows[0]["seconds"] / row["seconds"]
    return rows


def add_events(sandbox, count):
    """So many to each project, by tens, an hour apart."""
    for project in sandbox.control("GET", "truth?organization=acme&only=projects")["projects"]:
        for number in range(count // 10):
            event = {"project": project["slug"], "count": 10, "new_issue": True, "at": 3600 * (number + 1)}
            sandbox.control("POST", "world", {"add_events": event})


if __name__ == "__main__":
    main()
