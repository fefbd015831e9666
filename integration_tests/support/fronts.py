"""nginx and Caddy in front of a listener, by the configurations of examples/listen."""

import contextlib
import http.client
import http.server
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from .certificates import openssl
from .listener import headers_of
from .protocol import ROOT

EXAMPLES = ROOT / "examples" / "listen"
NGINX = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


def needed(name, found):
    """Skips where a program is missing; in CI that is a failure."""
    if not found:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse(f"{name} is missing: tools/install-packages clients installs it")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


class Front:
    """A proxy process that takes connections at `port`."""

    def __init__(self, folder, upstream):
        self.folder, self.upstream = folder, upstream
        self.start("run")
        while not self.is_ready():
            # Between the choice of a port and its use another process may take it.
            assert "address already in use" in self.said().lower(), self.said()
            self.start("run")

    @classmethod
    def check(cls, folder):
        """The proxy's own word on its configuration: exit code and text."""
        one = cls.__new__(cls)
        one.folder, one.upstream = folder, 8080
        one.start("check")
        return one.process.wait(timeout=60), one.said()

    def start(self, what):
        self.port = free_port()
        command = self.command(what)
        with open(self.folder / "front.log", "wb") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, env=self.environment())

    def said(self):
        return (self.folder / "front.log").read_text()

    def is_ready(self):
        """Waits until it takes connections. False: it has ended instead."""
        while self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=20).close()
                return self.process.poll() is None
            except ConnectionRefusedError:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self.process.wait(timeout=0.05)
        return False

    def make_certificate(self):
        key, certificate = self.folder / "key.pem", self.folder / "cert.pem"
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", 2,
                "-subj", "/CN=localhost")
        return key, certificate

    def environment(self):
        return {**os.environ, "HOME": str(self.folder)}

    def said(self):
        return (self.folder / "front.log").read_text()

    def ready(self):
        """Waits until it takes connections."""
        while True:
            assert self.process.poll() is None, self.said()
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=20).close()
                return self
            except ConnectionRefusedError:
                try:
                    self.process.wait(timeout=0.05)
                except subprocess.TimeoutExpired:
                    continue

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)


class Nginx(Front):
    """By nginx.conf, with a certificate of the test's own, and all of its files in `folder`."""

    def command(self, what):
        needed("nginx", NGINX)
        key, certificate = self.make_certificate()
        site = (EXAMPLES / "nginx.conf").read_text()
        for old, new in ((r"listen 443 ssl;", f"listen 127.0.0.1:{self.port} ssl;"),
                         (r"    listen \[::\]:443 ssl;\n", ""),
                         (r"/etc/letsencrypt/\S+/fullchain.pem", str(certificate)),
                         (r"/etc/letsencrypt/\S+/privkey.pem", str(key)),
                         (r"127\.0\.0\.1:8080", f"127.0.0.1:{self.upstream}")):
            site, count = re.subn(old, new, site)
            assert count == 1, old
        (self.folder / "site.conf").write_text(site)
        files = "".join(f"{name}_temp_path {self.folder}/{name};\n"
                        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        (self.folder / "nginx.conf").write_text(
            f"daemon off;\nuser {'root' if os.geteuid() == 0 else 'nobody'};\npid {self.folder}/pid;\n"
            f"error_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{files}include site.conf;\n}}\n")
        options = ["-t"] if what == "check" else []
        return [NGINX, "-p", self.folder, "-e", "stderr", "-c", self.folder / "nginx.conf", *options]


class Caddy(Front):
    """By the Caddyfile, with a certificate of the test's own."""

    def command(self, what):
        needed("caddy", shutil.which("caddy"))
        text = (EXAMPLES / "Caddyfile").read_text()
        key, certificate = self.make_certificate()
        for old, new in (("{\n\tservers {", "{\n\tadmin off\n\tauto_https disable_redirects\n\tservers {"),
                         ("\trequest_body {", f"\tbind 127.0.0.1\n\ttls {certificate} {key}\n\trequest_body {{")):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        (self.folder / "Caddyfile").write_text(text)
        return ["caddy", "validate" if what == "check" else "run", "--config", "Caddyfile", "--adapter", "caddyfile"]

    def environment(self):
        return {**super().environment(), "XDG_DATA_HOME": str(self.folder), "XDG_CONFIG_HOME": str(self.folder),
                "DOMAIN": f"https://localhost:{self.port}", "LISTENER": f"127.0.0.1:{self.upstream}"}


def post(port, body, path="/", headers=None, chunked=False):
    """Sends it to a proxy, by https; the status of the answer."""
    connection = http.client.HTTPSConnection("localhost", port, timeout=60, context=ssl._create_unverified_context())
    pieces = iter([body[:7], body[7:]]) if chunked else body
    try:
        connection.request("POST", path, pieces, headers or headers_of(body), encode_chunked=chunked)
        return connection.getresponse().status
    finally:
        connection.close()


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
