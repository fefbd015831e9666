"""Starts sentry-sandbox and talks to its control routes."""

import collections
import json
import os
import pathlib
import signal
import ssl
import subprocess
import time
import urllib.parse
import urllib.request

from .connector import BUILD
from .contract import check_requests

# A world's shape follows its clock: the same one every day, unless a test says otherwise.
NOW = ("--now", "2026-01-15T12:10:00Z")
# Builds for the sanitizers leave the sandbox out: it is not what they look at.
# Quirks of servers that are no Sentry, whose description does not hold for what they are asked.
OTHERS = {"names-tie", "glitchtip-3", "glitchtip-5"}
EXECUTABLE = os.environ.get("SANDBOX", str(BUILD / "sentry-sandbox"))


class Sandbox:
    """One running sandbox. `options` are its command line's. What it was asked is checked against Sentry's own
    description before its log is forgotten."""

    def __init__(self, folder, *options):
        announce = pathlib.Path(folder) / "announce.json"
        announce.unlink(missing_ok=True)
        if "--now" not in options:
            options += NOW
        self.process = subprocess.Popen(
            [EXECUTABLE, "--port", "0", "--announce", str(announce), *map(str, options)],
            stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not announce.exists():
            assert self.process.poll() is None, "the sandbox did not start"
            assert time.monotonic() < deadline, "the sandbox does not say that it is ready"
            time.sleep(0.01)
        self.announced = json.loads(announce.read_text())
        self.url = self.announced["url"]
        self.context = trust(options)
        self.is_sentry = OTHERS.isdisjoint(map(str, options))

    def stop(self):
        try:
            self.check_requests()
        finally:
            self.process.send_signal(signal.SIGTERM)
            assert self.process.wait(timeout=20) == 0

    def config(self, **changes):
        config = {"auth_token": self.announced["token"], "organization": self.announced["organization"],
                  "project": self.announced["project"], "hostname": self.url}
        config.update(changes)
        return {key: value for key, value in config.items() if value is not None}

    def control(self, method, path, body=None):
        request = urllib.request.Request(f"{self.url}/_sandbox/{path}", method=method,
                                         data=None if body is None else json.dumps(body).encode(),
                                         headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, context=self.context) as answer:
            return json.loads(answer.read() or b"null")

    def faults(self, *faults):
        return self.control("POST", "faults", list(faults))

    def requests(self):
        return self.control("GET", "requests")

    def check_requests(self):
        if self.is_sentry:
            check_requests(self.requests(), urllib.parse.urlsplit(self.url).path)

    def truth(self, organization="acme", project="web"):
        return self.control("GET", f"truth?organization={organization}&project={project}")

    def rows(self, stream, organization="acme"):
        """The rows that a complete read of a stream must give, of all projects."""
        return self.control("GET", f"truth?organization={organization}&only={stream}")[stream]

    def change(self, **what):
        return self.control("POST", "world", what)

    def advance(self, seconds):
        return self.control("POST", "clock", {"advance": seconds})

    def reset(self):
        """Forgets faults and the request log; the world stays."""
        self.check_requests()
        self.control("DELETE", "faults")
        self.control("DELETE", "requests")


def trust(options):
    """A context that trusts the very certificate that the sandbox serves; none where it serves plain http."""
    if "--tls-cert" not in options:
        return None
    context = ssl.create_default_context(cafile=options[options.index("--tls-cert") + 1])
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


def most_in_a_second(sandbox):
    """How many events of the project share a second at most: a killed read goes on with the whole of one."""
    return max(collections.Counter(row["dateCreated"][:19] for row in sandbox.truth()["events"]).values())


def true_ids(truth, stream):
    """The ids that a complete read of `stream` gives, as text. User feedback is kept as issues by Sentry, but its
    issue lists leave it out; so does the official connector."""
    if stream == "project_detail":
        rows = [row for row in truth["projects"] if row["slug"] == "web"]
    else:
        rows = truth["projects" if stream == "all_projects_detail" else stream]
    rows = [row for row in rows if not isinstance(row, dict) or row.get("category") != "feedback"]
    return sorted(str(row["id"] if isinstance(row, dict) else row) for row in rows)
