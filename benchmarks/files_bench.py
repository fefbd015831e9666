"""What writing files costs: full events read into a folder in every way, beside the same read whose messages go to one
file. One worker, compressed answers over http.

    python3 benchmarks/files_bench.py [--events N] [--runs N]

Takes two minutes. Medians of the runs; ratios are of single runs to the messages of the same turn.
"""

import argparse
import pathlib
import shutil
import tempfile

from common import Sandbox, catalog, measure, medians, publish, read_command, table

MESSAGES = "messages, in a file"
WAYS = {
    "JSON lines": [],
    "JSON lines, one file for each day": ["--partition-by", "day"],
    "JSON lines, gzip": ["--compress", "gzip"],
    "JSON lines, zstd": ["--compress", "zstd"],
    "CSV": ["--format", "csv"],
    "CSV, zstd": ["--format", "csv", "--compress", "zstd"],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        with Sandbox(folder, "--projects", 1, "--events", options.events, "--issues", 1000) as sandbox:
            rows = bench(folder, sandbox, options.runs)
    results = {"runs": options.runs, "events": options.events, "rows": rows}
    publish("files", results, tables(results))


def tables(results):
    return table(["20,000 events as" if results["events"] == 20_000 else "events as", "MB on the disk", "wall s",
                  "wall, messages = 1", "CPU s", "CPU, messages = 1", "peak MB"],
                 [[row["what"], f"{row['size']:.0f}", f"{row['seconds']:.2f}", f"{row['wall_ratio']:.2f}",
                   f"{row['cpu']:.2f}", f"{row['ratio']:.2f}", f"{row['memory']:.0f}"] for row in results["rows"]])


def bench(folder, sandbox, runs):
    command = read_command(folder, sandbox.config(project="web", num_workers=1), catalog("events"))
    target = folder / "out"
    commands = {MESSAGES: ["sh", "-c", 'exec "$@" > "$OUT"', "sh", *command]}
    commands |= {what: [*command, "--output", str(target), *flags] for what, flags in WAYS.items()}
    measured = {what: [] for what in commands}
    for _ in range(runs):  # in turn, so that a slow moment of the machine hits all
        for what, its in commands.items():
            measured[what].append((*measure(its, {"OUT": str(target)}), size_of(target)))
            shutil.rmtree(target) if target.is_dir() else target.unlink()
    rows = []
    for what, its in measured.items():
        seconds, cpu, memory, size = medians(its)
        wall_ratio, ratio = medians([(one[0] / base[0], one[1] / base[1])
                                     for one, base in zip(its, measured[MESSAGES])])
        rows.append({"what": what, "size": size, "seconds": seconds, "cpu": cpu, "memory": memory,
                     "wall_ratio": wall_ratio, "ratio": ratio})
    return rows


def size_of(target):
    """MB of the records, without what the connector keeps for itself."""
    files = [target] if target.is_file() else [path for path in target.rglob("events*") if path.is_file()
                                               and ".source-sentry" not in path.parts]
    return sum(path.stat().st_size for path in files) / 1e6


if __name__ == "__main__":
    main()
