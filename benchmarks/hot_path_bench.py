"""How near the connector is to what its work costs at least: the same pages fetched by `curl`, and by read_peer.cpp,
which drops them, copies them, or makes RECORD lines of them with libcurl and simdjson without any of the connector's
checks. One worker, compressed and not, over TLS and without.

    tools/build release read_peer
    python3 benchmarks/hot_path_bench.py [--events N] [--issues N] [--runs N]

Takes four minutes. Processor seconds and their ratio to the connector's in the same run; medians of the runs.
"""

import os
import pathlib
import tempfile

from common import BUILD, catalog, measure, medians, page_options, publish, read_command, table, worlds_of_pages

PEER = os.environ.get("READ_PEER", str(BUILD / "benchmarks" / "read_peer"))


def main():
    options = page_options(__doc__)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for world in worlds_of_pages(folder, options):
            rows += bench(folder, *world, options.runs)
    results = {"runs": options.runs, "rows": rows}
    publish("hot_path", results, tables(results))


def tables(results):
    return table(["stream", "answers", "over", "who", "pages", "wall s", "CPU s", "CPU, ours = 1", "peak MB"],
                 [[row["stream"], row.get("answers", "plain"), row["over"], row["who"], row["pages"],
                   f"{row['seconds']:.2f}", f"{row['cpu']:.2f}",
                   f"{row['ratio']:.2f}", f"{row['memory']:.0f}"] for row in results["rows"]])


def bench(folder, sandbox, stream, tls, answers, runs):
    command = read_command(folder, sandbox.config(project="web", num_workers=1), catalog(stream))
    trust = {"SSL_CERT_FILE": tls[0]} if tls else {}
    sandbox.requests()
    measure(command, trust)
    # Without the server's counts of events, which are no lists.
    asked = [request for request in sandbox.requests()
             if f"/{stream}/" in request["path"] and "dataset=" not in request["query"]]
    urls = [f"{sandbox.url}{request['path']}?{request['query']}" for request in asked]
    (folder / "urls").write_text("".join(f"{url}\n" for url in urls))
    (folder / "curl").write_text("".join(f'url = "{url}"\noutput = /dev/null\n' for url in urls))
    token, authority = sandbox.announced["token"], tls[:1] if tls else ()
    curl = ["curl", "--silent", "--fail", "--http1.1", "--compressed", *(["--cacert", tls[0]] if tls else []),
            "--header", f"Authorization: Bearer {token}", "--config", str(folder / "curl")]
    contenders = {"source-sentry": command, "curl": curl}
    for mode, who in (("receive", "libcurl"), ("copy", "libcurl, copied"), ("ondemand", "libcurl and simdjson")):
        contenders[who] = [PEER, mode, str(folder / "urls"), token, *authority]
    measured = {who: [] for who in contenders}
    for _ in range(runs):  # in turn, so that a slow moment of the machine hits all
        for who, its in contenders.items():
            measured[who].append(measure(its, trust))
    rows = []
    for who, its in measured.items():
        seconds, cpu, memory = medians(its)
        # Each run's own ratio: a machine that others use is slow for both.
        ratio = medians([(one[1] / ours[1],) for one, ours in zip(its, measured["source-sentry"])])[0]
        rows.append({"stream": stream, "answers": answers, "over": "TLS" if tls else "http", "who": who,
                     "pages": len(urls), "seconds": seconds, "cpu": cpu, "ratio": ratio, "memory": memory})
    return rows


if __name__ == "__main__":
    main()
