"""Webhooks as Sentry sends them, a listener that keeps what it is sent, and the real one."""

import hashlib
import hmac
import http.client
import http.server
import json
import os
import re
import signal
import ssl
import subprocess
import threading
import time

from .connector import BUILD

LISTENER = BUILD / "source-sentry-listen"
SECRET = "client-s3cret-of-the-test"


def body_of(action="created", **data):
    """A body as Sentry makes it: ASCII, without blanks."""
    data = data or {"issue": {"id": "42", "shortId": "WEB-1", "title": "caf\u00e9 \U0001f440",
                              "project": {"id": "1", "slug": "web"}}}
    actor = {"type": "application", "id": "sentry", "name": "Sentry"}
    return json.dumps({"action": action, "installation": {"uuid": "11111111-2222-3333-4444-555555555555"},
                       "data": data, "actor": actor}, separators=(",", ":")).encode()


def headers_of(body, secret=SECRET, resource="issue"):
    return {"Content-Type": "application/json", "User-Agent": "sentry/26.1.0 (https://sentry.io)",
            "Request-ID": hashlib.md5(body).hexdigest(), "Sentry-Hook-Resource": resource,
            "Sentry-Hook-Timestamp": str(int(time.time())),
            "Sentry-Hook-Signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


def post(port, body, path="/", headers=None, tls=False, chunked=False):
    """The status of the answer."""
    if tls:
        connection = http.client.HTTPSConnection("localhost", port, timeout=20,
                                                 context=ssl._create_unverified_context())
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    pieces = iter([body[:7], body[7:]]) if chunked else body
    connection.request("POST", path, pieces, headers or headers_of(body), encode_chunked=chunked)
    status = connection.getresponse().status
    connection.close()
    return status


class StubListener:
    """Answers 200 and keeps the requests: path, headers and body."""

    def __init__(self):
        kept = self.requests = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])) if "Content-Length" in self.headers \
                    else b"".join(iter(self.chunk, b""))
                kept.append((self.requestline.split()[1], self.headers, body))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def chunk(self):
                piece = self.rfile.read(int(self.rfile.readline(), 16))
                self.rfile.readline()
                return piece

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


class Listener:
    """The real one, on a free port. `lines` has what it writes to stdout so far."""

    def __init__(self, folder, *options):
        environment = {**os.environ, "SENTRY_CLIENT_SECRET": SECRET}
        for name in ("SENTRY_AUTH_TOKEN", "STATE_DIRECTORY"):
            environment.pop(name, None)
        self.process = subprocess.Popen(
            [LISTENER, "--listen", "127.0.0.1:0", "--health", "off", "--spool", folder / "spool", *options],
            env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        said = b""
        while not (found := re.search(rb"Listening on 127\.0\.0\.1:(\d+)", said)):
            line = self.process.stderr.readline()
            assert line, f"it has ended: {said.decode()}"
            said += line
        self.port = int(found[1])
        self.log = threading.Thread(target=self.process.stderr.read, daemon=True)
        self.log.start()

    def record(self, stream):
        """The next record of the stream."""
        for line in self.process.stdout:
            message = json.loads(line)
            if message["type"] == "RECORD" and message["record"]["stream"] == stream:
                return message["record"]["data"]
        raise AssertionError("it has ended")

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)
