"""Reads full events and issues from a local Sentry over TLS and says what it cost, beside curl fetching the same pages
in the same run, and beside Airbyte's own connector where it is given: compressed, as servers answer, and not.

    python3 benchmarks/read_bench.py [--events N] [--issues N] [--runs N] [--official EXECUTABLE]

EXECUTABLE is the `source-sentry` of the PyPI package airbyte-source-sentry in an environment of its own. Needs a
release build, curl and openssl. The figures are medians of the runs. Takes a minute, and with the official connector
ten.
"""

import argparse
import os
import pathlib
import subprocess
import tempfile

from common import (ANSWERS, CONNECTOR, Sandbox, catalog, make_certificate, measure, medians, publish, read_command,
                    table)


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        tls = make_certificate(folder)
        rows = [start_up()]
        for answers, compression in ANSWERS.items():
            for stream, count in (("events", options.events), ("issues", options.issues)):
                # Issues are made of events: one each when they are what is read.
                size = ["--events", count, "--issues", count if stream == "issues" else 1000]
                with Sandbox(folder, "--projects", 1, *size, *compression, tls=tls) as sandbox:
                    rows += [{**one, "answers": answers} for one in bench(folder, tls[0], sandbox, stream, options)]
    base = {(one["what"], one.get("answers")): one["cpu"] for one in rows if one["who"] == "source-sentry"}
    for one in rows:
        one["ratio"] = one["cpu"] / base[one["what"], one.get("answers")]
    results = {"runs": options.runs, "rows": rows}
    publish("read", results, tables(results))


def tables(results):
    return table(["what", "answers", "who", "records", "output MB", "wall s", "records/s", "CPU s", "CPU, ours = 1",
                  "peak MB"],
                 [[row["what"], answers_of(row), row["who"], row["records"], f"{row['output'] / 1e6:.0f}",
                   f"{row['seconds']:.3f}",
                   f"{row['records'] / row['seconds']:,.0f}", f"{row['cpu']:.3f}", f"{row['ratio']:.2f}",
                   f"{row['memory']:.0f}"] for row in results["rows"]])


def answers_of(row):
    return "" if row["what"] == "spec" else row.get("answers", "plain")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=30_000)
    parser.add_argument("--issues", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--official", help="Airbyte's own connector")
    return parser.parse_args()


def start_up():
    runs = [measure([CONNECTOR, "spec"], {}) for _ in range(20)]
    return row("spec", "source-sentry", runs, 0, 0)


def bench(folder, certificate, sandbox, stream, options):
    config, wanted = sandbox.config(project="web"), catalog(stream)
    command = read_command(folder, config, wanted)
    # The official connector trusts only the bundle of its certifi package: put ours in its place.
    (folder / "sitecustomize.py").write_text(f"import certifi\ncertifi.where = lambda: {certificate!r}\n")
    trust = {"SSL_CERT_FILE": certificate, "PYTHONPATH": str(folder)}

    sandbox.requests()
    records, size = count_records(command, trust)
    pages = [request for request in sandbox.requests() if f"/{stream}/" in request["path"]]
    urls = folder / "urls.txt"
    urls.write_text("".join(f'url = "{sandbox.url}{page["path"]}?{page["query"]}"\noutput = /dev/null\n'
                            for page in pages))
    curl = ["curl", "--silent", "--fail", "--http1.1", "--compressed", "--cacert", certificate, "--header",
            f"Authorization: Bearer {sandbox.announced['token']}", "--config", str(urls)]

    contenders = {"source-sentry": command, f"curl, {len(pages)} pages": curl}
    if options.official:
        theirs = folder / "official"
        theirs.mkdir(exist_ok=True)
        its = read_command(theirs, {**config, "hostname": sandbox.url.split("://")[1]}, wanted)
        contenders["official connector"] = [options.official, *its[1:]]
    runs = {name: [] for name in contenders}
    for _ in range(options.runs):  # in turn, so that a slow moment of the machine hits all
        for name, command in contenders.items():
            runs[name].append(measure(command, trust))
    return [row(stream, name, measured, records, size) for name, measured in runs.items()]


def count_records(command, env):
    records = size = 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **env})
    for line in process.stdout:
        size += len(line)
        records += line.startswith(b'{"type":"RECORD"')
    assert process.wait() == 0
    return records, size


def row(what, who, runs, records, size):
    return {"what": what, "who": who, "records": records, "output": size,
            **dict(zip(("seconds", "cpu", "memory"), medians(runs)))}


if __name__ == "__main__":
    main()
