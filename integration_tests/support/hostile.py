"""A server that answers with exactly the bytes a test wants, also such that no real server would send."""

import json
import socket
import threading


class HostileServer:
    """Calls `respond(target)` for each request and sends what it returns: bytes as they are, or the parts of an
    answer as a dictionary (status, headers, body). Closes the connection after each answer. None: closes it without
    a word."""

    def __init__(self, respond):
        self.respond = respond
        self.targets = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def config(self, **changes):
        return {"auth_token": "t0ken-of-the-test", "organization": "acme", "project": "web", "hostname": self.url,
                **changes}

    def stop(self):
        self.listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        with connection:
            request = b""
            while b"\r\n\r\n" not in request:
                piece = connection.recv(65536)
                if not piece:
                    return
                request += piece
            target = request.split(b" ", 2)[1].decode()
            self.targets.append(target)
            answer = self.respond(target)
            if answer is None:
                return
            try:
                connection.sendall(answer if isinstance(answer, bytes) else encode(**answer))
            except OSError:
                pass  # the client has gone: its right


def encode(status=200, headers=None, body="[]"):
    """An answer's bytes."""
    if not isinstance(body, (bytes, str)):
        body = json.dumps(body)
    body = body.encode() if isinstance(body, str) else body
    lines = {"Content-Type": "application/json", "Content-Length": len(body), "Connection": "close",
             "Date": "Thu, 15 Jan 2026 12:00:00 GMT", **(headers or {})}
    head = f"HTTP/1.1 {status} Whatever\r\n" + "".join(f"{key}: {value}\r\n" for key, value in lines.items()
                                                      if value is not None)
    return head.encode() + b"\r\n" + body


PROJECT = {"id": "4507", "slug": "web", "name": "Web", "dateCreated": "2025-01-01T00:00:00Z"}


def sentry_with(path, respond):
    """A server on which everything is empty and well, but for the targets that hold `path`."""

    def answer(target):
        if path in target:
            return respond(target)
        if target == "/api/0/projects/acme/web/":
            return {"body": PROJECT}
        return {"headers": {"Link": '<u>; rel="previous"; results="false"; cursor="0:0:1", '
                                    '<u>; rel="next"; results="false"; cursor="0:100:0"'}}

    return HostileServer(answer)
