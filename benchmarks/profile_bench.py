"""Where the processor time of a read goes: `perf` samples reads of full events and of issues, with one worker, over
http and over TLS, compressed and not, and adds the samples up by kind of work.

    python3 benchmarks/profile_bench.py [--events N] [--issues N] [--runs N]

Takes a minute. Needs a release build, perf (linux-perf) and the right to use it.
"""

import collections
import os
import pathlib
import re
import subprocess
import tempfile

from common import catalog, page_options, publish, read_command, table, worlds_of_pages

# The first that a sample's library and function match.
KINDS = [
    ("unpacking", r"libdeflate|libz\.so"),
    ("simdjson's first stage: structure and UTF-8", r"libsimdjson"),
    ("our walk over its tokens", r"source-sentry .*(Walk::|RecordSplitter|end_of_number|is_plain_integer)"),
    ("the rest of our own code", r"source-sentry |libstdc\+\+|libspdlog|libfmt"),
    ("copying bytes", r"libc\.so.*mem(move|cpy)"),
    ("looking for bytes", r"libc\.so.*memchr"),
    ("the rest of the C library", r"libc\.so"),
    ("decrypting", r"libcrypto|libssl"),
    ("libcurl", r"libcurl"),
    ("the kernel: sockets, pipe, start", r"kernel"),
    ("loading libraries, and what is left", r""),
]


def main():
    options = page_options(__doc__)
    columns = []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for sandbox, stream, tls, answers in worlds_of_pages(folder, options):
            columns.append({"stream": stream, "answers": answers, "over": "TLS" if tls else "http",
                            "percent": profile(folder, sandbox, stream, tls, options.runs)})
    results = {"runs": options.runs, "columns": columns}
    publish("profile", results, tables(results))


def tables(results):
    columns = results["columns"]
    return table(["percent", *(f"{column['stream']}, {column.get('answers', 'plain')}, {column['over']}"
                               for column in columns)],
                 [[kind, *(f"{column['percent'].get(kind, 0):.0f}" for column in columns)] for kind, _ in KINDS])


def profile(folder, sandbox, stream, tls, runs):
    command = read_command(folder, sandbox.config(project="web", num_workers=1), catalog(stream))
    env = {**os.environ, **({"SSL_CERT_FILE": tls[0]} if tls else {})}
    samples = collections.Counter()
    for _ in range(runs):
        quiet = {"env": env, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
        subprocess.run(["perf", "record", "-F", "4999", "-o", folder / "perf.data", "--", *command], **quiet)
        report = subprocess.run(["perf", "report", "-i", folder / "perf.data", "--stdio", "-t", ";", "-F",
                                 "sample,dso,symbol"], capture_output=True, text=True, check=True).stdout
        for line in report.splitlines():
            if line and not line.startswith("#"):
                count, library, function = (part.strip() for part in line.split(";", 2))
                samples[kind_of(f"{library} {function}")] += int(count)
    whole = sum(samples.values())
    return {kind: 100 * samples[kind] / whole for kind, _ in KINDS}


def kind_of(sample):
    return next(kind for kind, pattern in KINDS if re.search(pattern, sample))


if __name__ == "__main__":
    main()
