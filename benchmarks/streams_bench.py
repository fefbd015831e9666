"""What the streams beyond the core cost: requests for the lists that belong to rows of another one, in full and when
nothing is new; a run with nothing new over 200 projects; and peak memory as issues grow, with two child streams.

    python3 benchmarks/streams_bench.py [--parents N] [--projects N] [--most N]

Takes five minutes.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile
import time

from common import Sandbox, all_streams, catalog, publish, read_command, resident, table
from support.tokens import TOKEN

GROUPS = ("people", "issues", "releases", "alerts", "apps")
# One whose parents are visited by a change that the state remembers of each, and one that goes by the parents' time.
TWO_CHILDREN = ["issue_comments", "issue_hashes"]

# The sandbox has them in another order on each page, as Sentry may: with more than a page of them it cannot be read.
TOO_MANY = "uptime_monitors"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parents", type=int, default=1000, help="issues, and releases, that have lists")
    parser.add_argument("--projects", type=int, default=200, help="of the run with nothing new")
    parser.add_argument("--most", type=int, default=100_000, help="issues of the largest world")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        results = {"children": children(folder, options.parents), "nothing_new": nothing_new(folder, options.projects),
                   "memory": [of_issues(folder, issues) for issues in (options.most // 10, options.most)]}
    publish("streams", results, tables(results))


def tables(results):
    cost = [[row["stream"], row["parents"], row["records"], row["requests"],
             f"{1000 * row['requests'] / row['parents']:,.0f}", row["requests_again"], row["records_again"]]
            for row in results["children"]]
    quiet = [[row["projects"], row["streams"], row["run"], row["requests"], row["records"], f"{row['seconds']:.1f}",
              f"{row['cpu']:.1f}"]
             for row in results["nothing_new"]]
    memory = [[row["issues"], row["run"], row["requests"], f"{row['output'] / 1e6:.1f}", f"{row['state'] / 1e6:.2f}",
               f"{row['memory']:.0f}"] for runs in results["memory"] for row in runs]
    return "\n\n".join([
        table(["stream", "parents", "records", "requests", "requests for 1,000 parents", "requests, nothing new",
               "records again"], cost),
        table(["projects", "streams", "run", "requests", "records", "wall s", "CPU s"], quiet),
        table(["issues", "run", "requests", "output MB", "state MB", "peak MB"], memory)])


def config_of(sandbox):
    return sandbox.config(auth_token=TOKEN, num_workers=8)


def watched(folder, sandbox, wanted, state=None):
    """Runs a read: records, bytes, requests, wall and CPU seconds, peak memory in MB; and the states it ends with."""
    sandbox.control("DELETE", "requests")
    begin, records, output, memory, states = time.monotonic(), 0, 0, 0.0, {}
    process = subprocess.Popen(read_command(folder, config_of(sandbox), wanted, state), stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    for number, line in enumerate(process.stdout):
        output += len(line)
        records += line.startswith(b'{"type":"RECORD"')
        if line.startswith(b'{"type":"STATE"'):
            saved = json.loads(line)["state"]
            states[saved["stream"]["stream_descriptor"]["name"]] = saved
        if number % 64 == 0 or line.startswith(b'{"type":"STATE"'):
            memory = max(memory, resident(process.pid, "VmHWM"))
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"exit code {process.returncode}"
    return {"records": records, "output": output, "requests": len(sandbox.requests()),
            "seconds": time.monotonic() - begin, "cpu": usage.ru_utime + usage.ru_stime, "memory": memory
            }, list(states.values())


def children(folder, parents):
    """Of every stream with a list for each row of another one: a full refresh, and an incremental run in which nothing
    is new. Those that have no increments are read in full again."""
    rows = []
    with Sandbox(folder, "--projects", 20, "--events", 10 * parents, "--issues", parents, "--releases", parents,
                 "--event-size", "small") as sandbox:
        for name, stream in all_streams().items():
            if stream["group"] not in GROUPS or not stream["request_for_each_record"]:
                continue
            full, _ = watched(folder, sandbox, catalog(name))
            _, state = watched(folder, sandbox, catalog(name, sync_mode="incremental"))
            again, _ = watched(folder, sandbox, catalog(name, sync_mode="incremental"), state)
            rows.append({"stream": name, "parents": count_parents(sandbox, name), "records": full["records"],
                         "requests": full["requests"], "requests_again": again["requests"],
                         "records_again": again["records"]})
    return rows


def count_parents(sandbox, stream):
    """The rows that have lists: of tags the one that is asked for unless `tag_keys` names others."""
    of = {"team_members": "teams", "monitor_checkins": "monitors", "project_tag_values": "project_tags"}
    shelf = of.get(stream, "releases" if stream.startswith("release_") else "issues")
    rows = sandbox.control("GET", f"truth?organization=acme&only={shelf}")[shelf]
    return sum(row.get("category") != "feedback" and row.get("key", "environment") == "environment" for row in rows)


def nothing_new(folder, projects):
    """All streams of the groups at once, twice."""
    streams = [name for name, stream in all_streams().items() if stream["group"] in GROUPS and name != TOO_MANY]
    wanted, state, rows = catalog(*streams, sync_mode="incremental"), None, []
    with Sandbox(folder, "--projects", projects, "--events", 50 * projects, "--issues", 10 * projects, "--releases",
                 5 * projects, "--event-size", "small") as sandbox:
        for run in ("first", "second"):
            row, state = watched(folder, sandbox, wanted, state)
            rows.append({"projects": projects, "streams": len(streams), "run": run, **row})
    return rows


def of_issues(folder, issues):
    """Two child streams, twice: the second run begins with all that the state remembers."""
    wanted, state, rows = catalog(*TWO_CHILDREN, sync_mode="incremental"), None, []
    with Sandbox(folder, "--projects", 20, "--events", 2 * issues, "--issues", issues, "--event-size",
                 "small") as sandbox:
        for run in ("first", "second"):
            row, state = watched(folder, sandbox, wanted, state)
            rows.append({"issues": issues, "run": run, "state": len(json.dumps(state)), **row})
    return rows


if __name__ == "__main__":
    main()
