"""Runs source-sentry-listen, and sends webhooks to it as Sentry does."""

import hashlib
import hmac
import http.client
import json
import os
import re
import signal
import subprocess
import threading
import time
import uuid

from .connector import BUILD, Run

LISTEN = str(BUILD / "source-sentry-listen")
SECRET = "s3cr3t-for-tests-only-0123456789abcdef"


def body_of(action, data, **more):
    """A webhook's body, byte by byte as Sentry's sender makes it: ASCII, without spaces."""
    envelope = {"action": action, "installation": {"uuid": "11111111-2222-3333-4444-555555555555"}, "data": data,
                "actor": {"type": "application", "id": "sentry", "name": "Sentry"}, **more}
    return json.dumps(envelope, separators=(",", ":")).encode()


def issue_body(number, action="created", **more):
    issue = {"id": str(number), "shortId": f"SHOP-{number}", "title": f"Made-up {number}", "status": "unresolved",
             "project": {"id": "7", "slug": "shop"}, "lastSeen": "2026-01-03T03:04:05.000000+00:00", **more}
    return body_of(action, {"issue": issue})


def signature_of(body, secret=SECRET):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def headers_of(body, resource="issue", secret=SECRET):
    return {"Content-Type": "application/json", "User-Agent": "sentry/26.1.0 (https://sentry.io)",
            "Request-ID": uuid.uuid4().hex, "Sentry-Hook-Resource": resource,
            "Sentry-Hook-Timestamp": str(int(time.time())), "Sentry-Hook-Signature": signature_of(body, secret)}


class Listener:
    """A listener with its own spool in `folder`, on free ports. stdout goes to a file."""

    def __init__(self, folder, *options, secret=SECRET, env=None, stdout=None):
        self.folder, self.spool = folder, folder / "spool"
        self.stdout = stdout or folder / f"stdout-{uuid.uuid4().hex}.jsonl"
        self.lines, self.ports = [], {}
        self.ready = threading.Event()
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SENTRY_")}
        environment |= {"HOME": str(folder), **(env or {})}
        if secret:
            environment["SENTRY_CLIENT_SECRET"] = secret
        with open(self.stdout, "wb") as out:
            self.process = subprocess.Popen(
                [LISTEN, "--listen", "127.0.0.1:0", "--spool", str(self.spool), *options], stdout=out,
                stderr=subprocess.PIPE, env=environment, cwd=folder)
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stderr:
            text = line.decode()
            self.lines.append(text)
            if found := re.search(r"Listening on [^:]+:(\d+)", text):
                self.ports["listen"] = int(found[1])
                self.ready.set()
            if found := re.search(r"shown on [^:]+:(\d+)", text):
                self.ports["health"] = int(found[1])
        self.ready.set()

    def wait(self):
        """Until it listens, or has ended."""
        assert self.ready.wait(60), self.lines
        assert self.ports, self.lines
        return self

    def request(self, method, path, body=None, headers=None, port="listen", timeout=60):
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def send(self, body, resource="issue", path="/", secret=SECRET, **headers):
        """Posts a webhook; the status of the answer."""
        return self.request("POST", path, body, {**headers_of(body, resource, secret), **headers})[0]

    def health(self, path):
        deadline = time.monotonic() + 60
        while "health" not in self.ports:  # it is said right after where webhooks come in
            assert time.monotonic() < deadline, self.lines
            time.sleep(0.01)
        return self.request("GET", path, port="health")

    def end(self, how=signal.SIGTERM):
        """Ends it and waits; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(60)
        self.reader.join(60)
        return code

    def run(self):
        """What has come out on stdout, each line of which is checked; once it has ended."""
        assert self.process.poll() is not None
        return Run(self.process.returncode, self.stdout.read_bytes(), b"")

    def records(self, stream=None):
        """Those that have come out so far."""
        text = self.stdout.read_bytes()
        messages = [json.loads(line) for line in text[: text.rfind(b"\n") + 1].splitlines()]
        return [message["record"]["data"] for message in messages
                if message["type"] == "RECORD" and stream in (None, message["record"]["stream"])]

    def wait_for(self, what, seconds=60):
        """Waits until `what()` is true, and returns it."""
        deadline = time.monotonic() + seconds
        while not (found := what()):
            assert time.monotonic() < deadline and self.process.poll() is None, "".join(self.lines[-20:])
            time.sleep(0.02)
        return found

    def log(self):
        return "".join(self.lines)
