"""What the benchmarks share: a sandbox of one's own, the connector's files, measuring, and where results go.

Each benchmark writes benchmarks/results/NAME.json and the tables between `<!-- NAME -->` and `<!-- /NAME -->` in
docs/performance.md. BUILD_DIR and SANDBOX say where the executables are, if not in build/release.
"""

import argparse
import functools
import json
import os
import pathlib
import re
import signal
import ssl
import statistics
import subprocess
import sys
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("BUILD_DIR", ROOT / "build" / "release"))
CONNECTOR = str(BUILD / "source-sentry")
SANDBOX = os.environ.get("SANDBOX", str(BUILD / "sentry-sandbox"))
RESULTS = ROOT / "benchmarks" / "results"
DOCUMENT = ROOT / "docs" / "performance.md"

sys.path.insert(0, str(ROOT / "integration_tests"))
from support.table import discovered, rows  # noqa: E402


@functools.cache
def table_of_streams():
    return discovered(CONNECTOR)


@functools.cache
def all_streams():
    """Those of every group, by name."""
    return rows(CONNECTOR)


# What a sandbox is told for each kind of answers. Servers compress; what is not compressed shows what that costs.
ANSWERS = {"gzip": (), "plain": ("--no-gzip",)}


def as_servers_answer(rows):
    """Those of compressed answers; all of results from before there were such."""
    return [row for row in rows if row.get("answers") == "gzip"] or rows


class Sandbox:
    """A running sandbox. `tls`: certificate and key, to serve https."""

    def __init__(self, folder, *options, tls=None):
        announce = folder / "announce.json"
        announce.unlink(missing_ok=True)
        if tls:
            options += ("--tls-cert", tls[0], "--tls-key", tls[1])
        self.process = subprocess.Popen([SANDBOX, "--port", "0", "--announce", str(announce), *map(str, options)],
                                        stdout=subprocess.DEVNULL)
        while not announce.exists():
            assert self.process.poll() is None, "the sandbox did not start"
            time.sleep(0.02)
        self.announced = json.loads(announce.read_text())
        self.url = self.announced["url"]
        self.context = ssl.create_default_context(cafile=tls[0]) if tls else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def control(self, method, path, body=None):
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, context=self.context) as answer:
            return json.loads(answer.read() or b"null")

    def config(self, **changes):
        """For the whole organization, unless `project` is among the changes."""
        return {"auth_token": self.announced["token"], "organization": "acme", "hostname": self.url, **changes}

    def requests(self):
        """What was asked since the last call."""
        log = self.control("GET", "requests")
        self.control("DELETE", "requests")
        return log


def page_options(description):
    """The options of a benchmark that reads `worlds_of_pages`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--issues", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=5)
    return parser.parse_args()


def worlds_of_pages(folder, options):
    """Sandboxes of one project for full events and for issues, compressed and not, over http and over TLS: each with
    the stream to read, the certificate, if any, and the kind of its answers."""
    for answers, compression in ANSWERS.items():
        for tls in (None, make_certificate(folder)):
            for stream in ("events", "issues"):
                issues = options.issues if stream == "issues" else 1000
                with Sandbox(folder, "--projects", 1, "--events", options.events, "--issues", issues, *compression,
                             tls=tls) as sandbox:
                    yield sandbox, stream, tls, answers


def make_certificate(folder):
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out",
                    certificate, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    return str(certificate), str(key)


def catalog(*streams, sync_mode="full_refresh"):
    """A configured catalog; what has no increments is in full refresh."""
    return {"streams": [{"stream": {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
                         "sync_mode": sync_mode if sync_mode in all_streams()[name]["sync_modes"] else "full_refresh",
                         "destination_sync_mode": "append"} for name in streams]}


def read_command(folder, config, wanted, state=None):
    """The command line of a read, with its files in `folder`."""
    command = [CONNECTOR, "read"]
    for flag, content in (("config", config), ("catalog", wanted), ("state", state)):
        if content is not None:
            path = folder / f"{flag}.json"
            path.write_text(json.dumps(content))
            command += [f"--{flag}", str(path)]
    return command


def read(folder, config, wanted, state=None):
    """Runs a read: number of records by stream, bytes, and the state it ends with."""
    records, size, states = {}, 0, {}
    process = subprocess.Popen(read_command(folder, config, wanted, state), stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
    for line in process.stdout:
        size += len(line)
        if line.startswith(b'{"type":"RECORD"'):
            stream = line[37:line.index(b'"', 37)].decode()
            records[stream] = records.get(stream, 0) + 1
        elif line.startswith(b'{"type":"STATE"'):
            state = json.loads(line)["state"]
            states[state["stream"]["stream_descriptor"]["name"]] = state
    assert process.wait() == 0
    return records, size, list(states.values())


def measure(command, env=None):
    """Wall seconds, CPU seconds and peak memory in MB of one run whose output nobody keeps."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **(env or {})})
    memory, pause = 0.0, 0.001
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        memory = max(memory, resident(process.pid, "VmHWM"))
        time.sleep(pause)
        pause = min(0.02, pause * 1.1)
    assert status == 0, f"{command[0]} failed"
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, memory


def resident(pid, line):
    """VmHWM, its peak memory so far in MB, or VmRSS, now. Not of wait4, whose peak is also that of the process which
    started it."""
    with open(f"/proc/{pid}/status") as status:
        return next((int(text.split()[1]) for text in status if text.startswith(line)), 0) / 1024


def medians(runs):
    """The median of each column."""
    return tuple(statistics.median(values) for values in zip(*runs))


def table(head, rows):
    """A Markdown table; a column of numbers is set to the right."""
    texts = [[f"{cell:,}" if isinstance(cell, int) else str(cell) for cell in row] for row in rows]
    numeric = [all(re.fullmatch(r"[\d.,]+( %)?", row[i]) for row in texts) for i in range(len(head))]
    lines = [f"| {' | '.join(head)} |", f"|{'|'.join('---:' if right else '---' for right in numeric)}|"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in texts])


def publish(name, results, text):
    """Keeps a benchmark's results, and prints its tables into the document."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(results, indent=1) + "\n")
    print_into_document(name, text)


def print_into_document(name, text):
    print(text)
    block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
    DOCUMENT.write_text(block.sub(lambda marks: f"{marks[1]}\n{text}\n\n{marks[2]}", DOCUMENT.read_text()))
