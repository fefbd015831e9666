"""Reads issues and full events as they are, and selected and mapped to eight leaves, and says what a record costs;
beside Port's own processor, which is given the same records, selector and leaves.

    python3 benchmarks/mapping_bench.py [--records N] [--many N] [--runs N] [--ocean PYTHON]

PYTHON is that of an environment with the PyPI package port_ocean. Its processor fetches nothing and writes nothing,
while a read of ours does both: so the ratio is the least that is saved. `--many` is the number of records of the last
row, which shows the memory. Needs a release build; takes five minutes.
"""

import argparse
import json
import pathlib
import subprocess
import tempfile

from common import Sandbox, catalog, measure, medians, publish, read_command, table

LEAVES = {
    "issues": {"identifier": ".id", "title": ".title", "blueprint": '"sentryIssue"', "properties": {
        "status": ".status", "link": ".permalink", "lastSeen": ".lastSeen", "project": ".project.slug",
        "label": r'"\(.shortId): \(.level)"'}},
    # Two leaves that are computed; one of them needs the largest member of an event.
    "events": {"identifier": ".eventID", "title": ".title", "blueprint": '"sentryEvent"', "properties": {
        "platform": ".platform", "created": ".dateCreated", "group": ".groupID",
        "label": r'"\(.platform): \(.type)"', "parts": "[.entries[].type] | join(\",\")"}},
}
SELECTORS = {"issues": '.level == "error" or .status == "unresolved"', "events": '.platform != null'}
# What is read, the stream, and whether the leaf that needs the largest member is left out.
CASES = {"issues": ("issues", False), "events": ("events", False),
         "events, no leaf of `entries`": ("events", True)}


def mapping_of(stream, cut):
    leaves = {**LEAVES[stream], "properties": dict(LEAVES[stream]["properties"])}
    if cut:
        del leaves["properties"]["parts"]
    return {"name": "mapped", "from": stream, "select": SELECTORS[stream], "map": leaves}


def resource_of(mapping):
    """The same as Port writes it."""
    return {"kind": mapping["from"], "selector": {"query": mapping["select"]},
            "port": {"entity": {"mappings": mapping["map"]}}}


def main():
    options = arguments()
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for what, (stream, cut) in CASES.items():
            with Sandbox(folder, "--projects", 1, "--events", options.records, "--issues",
                         options.records if stream == "issues" else 1000) as sandbox:
                rows += bench(folder, sandbox, what, mapping_of(stream, cut), options)
        with Sandbox(folder, "--projects", 1, "--events", options.many, "--event-size", "small") as sandbox:
            config = sandbox.config(mapped_streams=[mapping_of("events", False)])
            rows.append({"what": "small events", "who": "source-sentry, mapped",
                         **cost(measure(read_command(folder, config, wanted())), options.many)})
    results = {"runs": options.runs, "rows": rows}
    publish("mapping", results, tables(results))


def wanted(stream="mapped"):
    return {"streams": [{"stream": {"name": stream, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
                         "sync_mode": "full_refresh", "destination_sync_mode": "append"}]}


def bench(folder, sandbox, what, mapping, options):
    records = raw_records(folder, sandbox, mapping["from"])
    config = sandbox.config(mapped_streams=[mapping])
    reads = {"source-sentry, not mapped": wanted(mapping["from"]), "source-sentry, mapped": wanted()}
    rows = [{"what": what, "who": who,
             **cost(medians(measure(read_command(folder, config, streams)) for _ in range(options.runs)), len(records))}
            for who, streams in reads.items()]
    if options.ocean:
        (folder / "mapping.json").write_text(json.dumps(resource_of(mapping)))
        some = records[:options.ocean_records]
        (folder / "records.jsonl").write_text("\n".join(some))
        printed = subprocess.run([options.ocean, pathlib.Path(__file__).parent / "ocean_peer.py",
                                  folder / "mapping.json", folder / "records.jsonl"], check=True, capture_output=True,
                                 text=True).stdout.split()
        assert int(printed[1]) > 0, "it selects nothing"
        rows.append({"what": what, "who": "Ocean's processor", "records": len(some),
                     "cpu": float(printed[0]) / len(some), "memory": None})
        rows[-1]["ratio"] = rows[-1]["cpu"] / rows[-2]["cpu"]
    return rows


def cost(measured, records):
    _, cpu, memory = measured
    return {"records": records, "cpu": cpu / records, "memory": memory}


def raw_records(folder, sandbox, stream):
    """As Sentry sends them, a line each."""
    done = subprocess.run(read_command(folder, sandbox.config(), catalog(stream)), check=True, capture_output=True,
                          text=True)
    messages = (json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"type":"RECORD"'))
    return [json.dumps(message["record"]["data"]) for message in messages]


def tables(results):
    return table(["what", "who", "records", "CPU µs a record", "ours, mapped = 1", "peak MB"],
                 [[row["what"], row["who"], row["records"], f"{row['cpu'] * 1e6:,.1f}",
                   f"{row['ratio']:.0f}" if "ratio" in row else "",
                   f"{row['memory']:.0f}" if row["memory"] else ""] for row in results["rows"]])


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=30_000)
    parser.add_argument("--many", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--ocean", help="the Python of an environment with port_ocean")
    parser.add_argument("--ocean-records", type=int, default=2_000, help="how many of them Ocean's processor is given")
    return parser.parse_args()


if __name__ == "__main__":
    main()
