"""How much of sentry.io's limits a read uses, and how often it is refused: the sandbox with those limits, for some
minutes; the same with "max_rate_share": 50; and by four shards at a time that share one token.

    python3 benchmarks/limits_bench.py [--minutes N]

A token's user may ask for 60 pages of 10 events a minute, 40 times a second for an event by itself (which is how
"event_bodies": "detail" reads them), and 40 times a second for lists of issues. Lists of events are read for the given
minutes, all else to its end. Counted are the limit's whole windows, without the first and the last. Takes six minutes.
"""

import argparse
import collections
import concurrent.futures
import pathlib
import re
import subprocess
import tempfile
import time
from datetime import datetime

from common import Sandbox, catalog, publish, read_command, table

# What is read: the requests that are counted, how many are allowed in how many seconds, the records each of them gives,
# a world that does not end too soon.
LIMITS = {
    "events": (r"/projects/acme/[^/]+/events/(\?|$)", 60, 60, 10, ["--events", 20_000, "--issues", 500]),
    "events, one by one": (r"/projects/acme/[^/]+/events/\w+/", 40, 1, 1, ["--events", 1_500, "--issues", 50]),
    "issues": (r"/organizations/acme/issues/", 40, 1, 100, ["--events", 60_000, "--issues", 60_000]),
}
# What is read, shards, workers, max_rate_share.
CASES = [("events", 1, 8, 100), ("events", 1, 8, 50), ("events", 4, 2, 25), ("events", 4, 2, 100),
         ("events, one by one", 1, 1, 100), ("events, one by one", 1, 8, 100),
         ("issues", 1, 1, 100), ("issues", 1, 5, 100), ("issues", 1, 8, 100), ("issues", 1, 8, 50),
         ("issues", 4, 2, 25), ("issues", 4, 2, 100)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=5)
    options = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor() as pool:  # events wait far more than they work
        events = [pool.submit(bench, *case, options.minutes) for case in CASES if case[0] == "events"]
        others = [bench(*case, options.minutes) for case in CASES if case[0] != "events"]
        rows = [case.result() for case in events] + others
    results = {"minutes": options.minutes, "rows": rows}
    publish("limits", results, tables(results))


def tables(results):
    return table(["stream", "shards", "workers", "max_rate_share", "the server's limit", "windows counted",
                  "requests answered in them", "share of the limit", "refused (429)", "records a minute"],
                 [[row["stream"], row["shards"], row["workers"], f"{row['max_rate_share']} %", row["limit"],
                   row["windows"], row["answered"], f"{100 * row['share']:.1f} %", row["refused"],
                   f"{row['records_per_minute']:,.0f}"] for row in results["rows"]])


def bench(what, shards, workers, share, minutes):
    path, limit, seconds, page, size = LIMITS[what]
    stream, _, by_detail = what.partition(", ")
    with tempfile.TemporaryDirectory() as name, Sandbox(
            pathlib.Path(name), "--projects", 20, "--event-size", "small", "--limits", "sentry.io", "--threads",
            64, *size) as sandbox:
        processes = []
        for index in range(shards):
            folder = pathlib.Path(name) / str(index)
            folder.mkdir()
            config = sandbox.config(num_workers=workers, max_rate_share=share,
                                    event_bodies="detail" if by_detail else "list",
                                    shard={"index": index, "count": shards})
            processes.append(subprocess.Popen(read_command(folder, config, catalog(stream)),
                                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        end = time.monotonic() + 60 * minutes
        for process in processes:
            try:
                process.wait(max(0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        requests = [request for request in sandbox.requests() if re.search(path, request["path"])]
    windows = collections.Counter(int(datetime.fromisoformat(request["at"]).timestamp()) // seconds
                                  for request in requests if request["status"] == 200)
    counted = range(min(windows) + 1, max(windows))
    answered = sum(windows[window] for window in counted)
    return {"stream": what, "shards": shards, "workers": workers, "max_rate_share": share,
            "limit": f"{limit} in {seconds} s", "windows": len(counted), "answered": answered,
            "refused": sum(request["status"] == 429 for request in requests), "share": answered / (limit * len(counted)),
            "per_window": [windows[window] for window in counted],
            "records_per_minute": answered * page * 60 / (seconds * len(counted))}


if __name__ == "__main__":
    main()
