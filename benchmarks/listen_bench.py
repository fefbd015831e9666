"""How many signed webhooks a second the listener takes in, how long each waits for its answer, and what memory that
takes; beside a receiver of FastAPI and uvicorn (listen_peer.py), in turn.

    python3 benchmarks/listen_bench.py [--runs N] [--seconds N] [--most N] [--venv DIR]

Takes eight minutes. FastAPI comes from PyPI into a virtual environment of its own, which `--venv` keeps. Everything
runs on the same machine, also what sends the webhooks (load.py). Medians of the runs.
"""

import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

from common import medians, publish, resident, table  # first: it finds the tests' support

from load import Load  # noqa: E402
from support.listener import SECRET, Listener  # noqa: E402

PACKAGES = ["fastapi==0.165.0", "uvicorn[standard]==0.54.0"]
CONNECTIONS = 128
RATE = 2_000
FOLDER, SPOOL = "source-sentry-listen, records in files", "source-sentry-listen --only-spool"
FIRST = 10_000


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=10, help="of each measurement")
    parser.add_argument("--most", type=int, default=200_000, help="webhooks for the measurement of memory")
    parser.add_argument("--venv", type=pathlib.Path, help="a folder that keeps FastAPI")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        venv = options.venv or folder / "venv"
        install(venv)
        results = {"rate": RATE, "connections": CONNECTIONS, "runs": options.runs, "seconds": options.seconds,
                   "sync_ms": sync_time(folder), "rows": bench(folder, venv, options),
                   "memory": memory(folder, options.most)}
    publish("listen", results, tables(results))


def tables(results):
    rows = [[row["who"], f"{row['most']:,.0f}", f"{row['cpu']:.2f}", f"{row['sender']:.0f} %",
             f"{100 * row['answered']:.0f} %", f"{row['p50']:.1f}", f"{row['p99']:.1f}", f"{row['worst']:.0f}"]
            for row in results["rows"]]
    memory_rows = [[row["webhooks"], f"{row['memory']:.0f}"] for row in results["memory"]]
    return "\n\n".join([
        table(["who", "most webhooks/s", "its CPU ms for each", "the sender's CPU",
               f"at {results['rate']:,}/s: answered", "median ms", "p99 ms", "longest ms"], rows),
        table(["webhooks so far", "memory of the listener, MB"], memory_rows),
        f"A sync of 4 KiB took the disk {results['sync_ms']:.1f} ms (median)."])


def install(venv):
    if not (venv / "bin" / "uvicorn").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin" / "pip", "install", "--quiet", *PACKAGES], check=True)


def sync_time(folder):
    """Milliseconds that the disk takes, without anything else to do."""
    times = []
    with open(folder / "sync", "wb", buffering=0) as file:
        for _ in range(100):
            begin = time.perf_counter()
            file.write(b"x" * 4096)
            os.fdatasync(file.fileno())
            times.append(1000 * (time.perf_counter() - begin))
    return statistics.median(times)


class Ours:
    def __init__(self, folder, *options):
        self.listener = Listener(folder, "--health", "off", *options).wait()
        self.port, self.pids = self.listener.ports["listen"], [self.listener.process.pid]

    def end(self):
        assert self.listener.end() == 0, self.listener.log()


class Peer:
    """uvicorn with so many worker processes."""

    def __init__(self, folder, venv, workers):
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.process = subprocess.Popen(
            [venv / "bin" / "uvicorn", "listen_peer:app", "--port", str(self.port), "--workers", str(workers),
             "--log-level", "warning", "--no-access-log"], cwd=pathlib.Path(__file__).parent,
            env={**os.environ, "SENTRY_CLIENT_SECRET": SECRET, "RECEIVED": str(folder / "received"),
                 "PYTHONDONTWRITEBYTECODE": "1"})
        self.wait()
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        self.pids = [self.process.pid, *map(int, children)]

    def wait(self):
        while True:
            assert self.process.poll() is None, "uvicorn did not start"
            try:
                return socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.05)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def bench(folder, venv, options):
    receivers = {
        FOLDER: lambda where: Ours(where, "--output", str(where / "out")),
        SPOOL: lambda where: Ours(where, "--only-spool"),
        "FastAPI, uvicorn with one worker": lambda where: Peer(where, venv, 1),
        "FastAPI, uvicorn with two workers": lambda where: Peer(where, venv, 2),
    }
    measured = {who: [] for who in receivers}
    for run in range(options.runs):  # in turn, so that a slow moment of the machine hits all
        for who, start in receivers.items():
            where = folder / "turn"
            where.mkdir()
            measured[who].append(turn(start(where), f"r{run}", options.seconds))
            shutil.rmtree(where)
    columns = ["most", "cpu", "sender", "answered", "p50", "p99", "worst"]
    return [{"who": who, **dict(zip(columns, medians(its)))} for who, its in measured.items()]


def turn(receiver, marker, seconds):
    """As many as it takes, and then the rate that it should take."""
    pids = receiver.pids
    load = Load(receiver.port, CONNECTIONS, marker)
    load.run(500)
    before = sum(map(cpu_time, pids))
    most = load.run(sys.maxsize, seconds)
    cpu = sum(map(cpu_time, pids)) - before
    steady = load.run(RATE * seconds, seconds, RATE)
    for outcome in (most, steady):
        assert set(outcome.statuses) <= {200, 503}, outcome.statuses
    receiver.end()
    return (most.per_second(), 1000 * cpu / sum(most.statuses.values()), 100 * most.cpu / most.seconds,
            steady.statuses[200] / (RATE * seconds), steady.percentile(50), steady.percentile(99),
            1000 * max(steady.times))


def cpu_time(pid):
    """Seconds of the processor that a process has had."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(folder, most):
    """What the listener has in memory after the first webhooks and at the end."""
    where, rows, sent = folder / "memory", [], 0
    where.mkdir()
    ours = Ours(where, "--output", str(where / "out"), "--spool-size", "4096")
    load = Load(ours.port, CONNECTIONS, "memory")
    for until in sorted({FIRST, most // 4, most // 2, most}):
        load.run(until - sent)
        sent = until
        rows.append({"webhooks": sent, "memory": resident(ours.pids[0], "VmRSS")})
    ours.end()
    return rows


if __name__ == "__main__":
    main()
