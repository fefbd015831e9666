"""What a read asks the server for, as data grows: requests for 1,000 records of each stream, and an incremental read of
200 projects that finds nothing new.

    python3 benchmarks/requests_bench.py

Takes two minutes.
"""

import argparse
import pathlib
import tempfile

from common import Sandbox, catalog, measure, medians, publish, read, read_command, table, table_of_streams

WORLDS = {
    "1 project": ["--projects", 1, "--events", 20_000, "--issues", 10_000, "--releases", 5000],
    "20 projects": ["--projects", 20, "--events", 100_000, "--issues", 30_000, "--releases", 5000],
    "200 projects": ["--projects", 200, "--events", 200_000, "--issues", 100_000, "--releases", 20_000],
}
RUNS = 3


def main():
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    costs, quiet = [], []
    with tempfile.TemporaryDirectory() as name:
        for world, options in WORLDS.items():
            with Sandbox(pathlib.Path(name), *options, "--event-size", "small") as sandbox:
                costs += cost(pathlib.Path(name), sandbox, world)
                quiet += nothing_new(pathlib.Path(name), sandbox, world)
    results = {"costs": costs, "nothing_new": quiet}
    publish("requests", results, tables(results))


def tables(results):
    costs = [[row["world"], row["stream"], row["records"], row["requests"], f"{row['per_thousand']:.1f}"]
             for row in results["costs"]]
    quiet = [[row["world"], row["streams"], row["requests"], row["records"], f"{row['seconds']:.2f}",
              f"{row['cpu']:.2f}"] for row in results["nothing_new"]]
    return "\n\n".join([
        table(["organization", "stream", "records", "requests", "requests for 1,000 records"], costs),
        table(["nothing new", "streams", "requests", "records again", "wall s", "CPU s"], quiet)])


def cost(folder, sandbox, world):
    rows = []
    for stream in (one["name"] for one in table_of_streams()):
        sandbox.requests()
        records, _, _ = read(folder, sandbox.config(num_workers=8), catalog(stream))
        count, asked = records[stream], len(sandbox.requests())
        rows.append({"world": world, "stream": stream, "records": count, "requests": asked,
                     "per_thousand": 1000 * asked / count})
    return rows


def nothing_new(folder, sandbox, world):
    """Of the two streams that are read project by project, and of all that have a cursor."""
    rows = []
    for streams in (["events"], ["issues"], ["events", "issues", "projects", "releases"]):
        wanted = catalog(*streams, sync_mode="incremental")
        config = sandbox.config(num_workers=8)
        _, _, state = read(folder, config, wanted)
        sandbox.requests()
        records, _, _ = read(folder, config, wanted, state)
        asked = len(sandbox.requests())
        seconds, cpu, _ = medians([measure(read_command(folder, config, wanted, state)) for _ in range(RUNS)])
        rows.append({"world": world, "streams": ", ".join(streams), "requests": asked, "records": sum(records.values()),
                     "seconds": seconds, "cpu": cpu})
    return rows


if __name__ == "__main__":
    main()
