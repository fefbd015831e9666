"""Peak memory: as data grows and with pages of 20 MB, each with answers that are compressed and with such that are not, and
while the reader of stdout hardly reads.

    python3 benchmarks/memory_bench.py [--most N]

Takes eight minutes. There is no queue between the workers and stdout: one writer under a lock. A slow reader therefore
stops the workers, those stop reading from the server, and what is on its way waits in the sockets, which are bounded.
"""

import argparse
import gzip
import http.server
import itertools
import json
import pathlib
import subprocess
import tempfile
import threading
import time

from common import ANSWERS, Sandbox, catalog, publish, read_command, resident, table

MEGABYTE = 1 << 20


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=1_000_000, help="events of the largest world")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        worlds = [(20, events, workers) for events in (10_000, 100_000, options.most) for workers in (1, 8)]
        worlds += [(projects, 200_000, 8) for projects in (200, 1000)]
        rows = [of_world(folder, answers, *world) for answers in ANSWERS for world in worlds]
        rows += [of_pages(folder, answers, pages, workers) for answers in ANSWERS for pages in (5, 50)
                 for workers in (1, 8)]
        slow = slow_reader(folder)
    results = {"rows": rows, "slow_reader": slow}
    publish("memory", results, tables(results))


def tables(results):
    rows = [[row["what"], row.get("answers", "plain"), row["workers"], f"{row['output'] / 1e6:,.0f}",
             f"{row['memory']:.0f}"] for row in results["rows"]]
    slow = [[row["reader"], f"{row['seconds']:.0f}", f"{row['read'] / 1e6:,.1f}", row["requests"],
             f"{row['waiting'] / 1e6:.1f}", f"{row['memory']:.0f}"] for row in results["slow_reader"]]
    return "\n\n".join([
        table(["what", "answers", "workers", "output MB", "peak MB"], rows),
        table(["reader of stdout", "seconds", "MB read", "requests", "waiting in sockets, MB", "memory, MB"], slow)])


def of_world(folder, answers, projects, events, workers):
    with Sandbox(folder, "--projects", projects, "--events", events, "--issues", 1000, "--event-size", "small",
                 *ANSWERS[answers]) as sandbox:
        command = read_command(folder, sandbox.config(num_workers=workers), catalog("events"))
        return {"what": f"{events:,} events of {projects:,} projects", "answers": answers, "workers": workers,
                **peak(command)}


def peak(command):
    """Bytes of output and peak memory; the output is counted and dropped."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    output, memory = 0, 0.0
    for number in itertools.count():
        piece = process.stdout.read1(MEGABYTE)
        if not piece:
            break
        output += len(piece)
        if number % 16 == 0:
            memory = max(memory, resident(process.pid, "VmHWM"))
    assert process.wait() == 0, f"{command[0]} failed"
    return {"output": output, "memory": memory}


class BigPages(http.server.ThreadingHTTPServer):
    """Lists of events in pages of 20 MB, ten records each, for eight projects."""

    daemon_threads = True

    def __init__(self, answers, pages):
        super().__init__(("127.0.0.1", 0), PageHandler)
        self.answers, self.pages = answers, pages
        record = {"id": "0" * 32, "dateCreated": "2026-01-01T00:00:00Z", "message": "m" * (2 * MEGABYTE)}
        self.record = json.dumps(record)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def page(self, project, number):
        return "[" + ",".join(self.record.replace("0" * 32, f"{project:08d}{number:012d}{i:012d}")
                              for i in range(10)) + "]"


class PageHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        path, _, query = self.path.partition("?")
        parts = path.split("/")
        if path.endswith("/organizations/acme/events/"):
            return self.send_error(404)  # it counts no events
        link = ""
        if "events" in parts:
            number = int(query.rpartition("%3A")[0].rpartition("%3A")[2]) if "cursor=" in query else 0
            body = self.server.page(int(parts[-3].partition("-")[2]), number)
            more = "true" if number + 1 < self.server.pages else "false"
            link = f'<http://x/>; rel="next"; results="{more}"; cursor="0:{number + 1}:0"'
        else:
            body = json.dumps([{"id": str(i + 1), "slug": f"project-{i}", "name": "p", "dateCreated":
                                "2025-01-01T00:00:00Z", "organization": {"slug": "acme"}} for i in range(8)])
        data = body.encode()
        self.send_response(200)
        if self.server.answers == "gzip":
            data = gzip.compress(data, 1)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        if link:
            self.send_header("Link", link)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


def of_pages(folder, answers, pages, workers):
    server = BigPages(answers, pages)
    config = {"auth_token": "t", "organization": "acme", "hostname": f"http://127.0.0.1:{server.server_port}",
              "num_workers": workers}
    row = {"what": f"8 projects of {pages} pages of 20 MB", "answers": answers, "workers": workers,
           **peak(read_command(folder, config, catalog("events")))}
    server.shutdown()
    return row


def slow_reader(folder):
    """A reader that is quick for two seconds, slow for ten, still for ten, and then quick again."""
    with Sandbox(folder, "--projects", 20, "--events", 40_000, "--event-size", "large", "--no-gzip") as sandbox:
        process = subprocess.Popen(read_command(folder, sandbox.config(num_workers=8), catalog("events")),
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        rows = []
        for reader, seconds, pause in (("quick", 2, 0), ("64 kB every 100 ms", 10, 0.1), ("reads nothing", 10, None),
                                       ("quick", 2, 0)):
            sandbox.requests()
            end, size = time.monotonic() + seconds, 0
            while time.monotonic() < end:
                if pause is not None:
                    size += len(process.stdout.read1(65536))
                time.sleep(seconds if pause is None else pause)
            rows.append({"reader": reader, "seconds": seconds, "read": size, "requests": len(sandbox.requests()),
                         "waiting": waiting(sandbox), "memory": resident(process.pid, "VmRSS")})
        process.kill()
        process.wait()
        return rows


def waiting(sandbox):
    """Bytes that the sandbox has sent and nobody has taken out of the sockets yet, at both their ends."""
    port = f":{int(sandbox.url.rpartition(':')[2]):04X}"
    with open("/proc/net/tcp") as sockets:
        ends = [line.split() for line in sockets][1:]
    return sum(int(part, 16) for end in ends if port in end[1] + end[2] for part in end[4].split(":"))


if __name__ == "__main__":
    main()
