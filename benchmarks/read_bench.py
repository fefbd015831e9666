"""Reads full events and issues from a local Sentry over TLS and says what it cost, beside curl fetching the same pages
in the same run, and beside Airbyte's own connector where it is given.

    python3 benchmarks/read_bench.py [--events N] [--issues N] [--runs N] [--gzip] [--official EXECUTABLE]

EXECUTABLE is the `source-sentry` of the PyPI package airbyte-source-sentry in an environment of its own. Needs a
release build, curl and openssl. Prints a Markdown table; the figures are medians of the runs.
"""

import argparse
import json
import os
import pathlib
import signal
import statistics
import subprocess
import tempfile
import time
import urllib.request
import ssl

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "release"


def main():
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        certificate, key = make_certificate(folder)
        rows = []
        rows.append(start_up())
        for stream, count in (("events", options.events), ("issues", options.issues)):
            sandbox = Sandbox(folder, certificate, key, options, stream, count)
            try:
                rows += bench(folder, certificate, sandbox, stream, options)
            finally:
                sandbox.stop()
    print_table(rows)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=30_000)
    parser.add_argument("--issues", type=int, default=30_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--gzip", action="store_true", help="let the server compress")
    parser.add_argument("--official", help="Airbyte's own connector")
    return parser.parse_args()


def make_certificate(folder):
    certificate, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out",
                    certificate, "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
                   check=True, capture_output=True)
    return str(certificate), str(key)


class Sandbox:
    def __init__(self, folder, certificate, key, options, stream, count):
        announce = folder / "announce.json"
        announce.unlink(missing_ok=True)
        # Issues are made of events: one each when they are what is read.
        size = ["--events", str(count), "--issues", str(count if stream == "issues" else 1000)]
        self.process = subprocess.Popen(
            [str(BUILD / "sentry-sandbox"), "--port", "0", "--announce", str(announce), "--projects", "1",
             "--tls-cert", certificate, "--tls-key", key, *size, *([] if options.gzip else ["--no-gzip"])],
            stdout=subprocess.DEVNULL)
        while not announce.exists():
            time.sleep(0.05)
        self.announced = json.loads(announce.read_text())
        self.url = self.announced["url"]
        self.context = ssl.create_default_context(cafile=certificate)

    def control(self, method, path):
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", method=method)
        with urllib.request.urlopen(request, context=self.context) as answer:
            return json.loads(answer.read() or b"null")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def start_up():
    runs = [measure([str(BUILD / "source-sentry"), "spec"], {}) for _ in range(20)]
    return row("spec", "source-sentry", runs, 0, 0)


def bench(folder, certificate, sandbox, stream, options):
    config = {"auth_token": sandbox.announced["token"], "organization": "acme", "project": "web",
              "hostname": sandbox.url}
    catalog = {"streams": [{"stream": {"name": stream, "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
                            "sync_mode": "full_refresh", "destination_sync_mode": "overwrite"}]}
    files = {}
    for name, content in (("config", config), ("catalog", catalog)):
        files[name] = str(folder / f"{name}.json")
        pathlib.Path(files[name]).write_text(json.dumps(content))
    read = ["read", "--config", files["config"], "--catalog", files["catalog"]]
    # The official connector trusts only the bundle of its certifi package: put ours in its place.
    (folder / "sitecustomize.py").write_text(f"import certifi\ncertifi.where = lambda: {certificate!r}\n")
    trust = {"SSL_CERT_FILE": certificate, "PYTHONPATH": str(folder)}

    sandbox.control("DELETE", "requests")
    records, size = count_records([str(BUILD / "source-sentry"), *read], trust)
    pages = [request for request in sandbox.control("GET", "requests") if f"/{stream}/" in request["path"]]
    urls = folder / "urls.txt"
    urls.write_text("".join(f'url = "{sandbox.url}{page["path"]}?{page["query"]}"\noutput = /dev/null\n'
                            for page in pages))
    curl = ["curl", "--silent", "--fail", "--http1.1", "--cacert", certificate, "--header",
            f"Authorization: Bearer {sandbox.announced['token']}", "--config", str(urls)]
    if options.gzip:
        curl.append("--compressed")

    contenders = {"source-sentry": [str(BUILD / "source-sentry"), *read], f"curl, {len(pages)} pages": curl}
    if options.official:
        files["config"] = str(folder / "official.json")
        pathlib.Path(files["config"]).write_text(json.dumps({**config, "hostname": sandbox.url.split("://")[1]}))
        contenders["official connector"] = [options.official, "read", "--config", files["config"], "--catalog",
                                            files["catalog"]]
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


def measure(command, env):
    """Wall seconds, CPU seconds and peak memory in MB of one run whose output nobody keeps."""
    begin = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env={**os.environ, **env})
    _, status, usage = os.wait4(process.pid, 0)
    assert status == 0, f"{command[0]} failed"
    return time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def row(what, who, runs, records, size):
    wall, cpu, memory = (statistics.median(values) for values in zip(*runs))
    return what, who, records, size, wall, cpu, memory


def print_table(rows):
    base = {what: cpu for what, who, _, _, _, cpu, _ in rows if who == "source-sentry"}
    print("| what | who | records | output MB | wall s | records/s | CPU s | CPU, ours = 1 | peak MB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|---:|")
    for what, who, records, size, wall, cpu, memory in rows:
        print(f"| {what} | {who} | {records:,} | {size / 1e6:.0f} | {wall:.3f} | {records / wall:,.0f} | {cpu:.3f} "
              f"| {cpu / base[what]:.2f} | {memory:.0f} |")


if __name__ == "__main__":
    main()
