"""A server that answers with exactly the bytes a test wants, also such that no real server would send."""

import json
import socket
import struct
import threading


class HostileServer:
    """Calls `respond(target)` for each request and sends what it returns: bytes as they are, the parts of an answer
    as a dictionary (status, headers, body), or whatever a function does with the connection. Closes the connection
    after each answer. None: closes it without a word. `tls`: the context to serve https with. `listener`: a socket to
    serve on. `heads` holds the requests as they came, also those of which the server has made nothing."""

    def __init__(self, respond, tls=None, listener=None):
        self.respond, self.tls = respond, tls
        self.targets, self.heads = [], []
        self.listener = listener or socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
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
        try:
            if self.tls:
                connection = self.tls.wrap_socket(connection, server_side=True)
            with connection:
                self._answer_on(connection)
        except OSError:
            connection.close()  # the client has gone, or wants no such certificate: its right

    def _answer_on(self, connection):
        request = b""
        while b"\r\n\r\n" not in request:
            piece = connection.recv(65536)
            if not piece:
                if request:
                    self.heads.append(request)
                return
            request += piece
            if request[0] < 0x20:  # no text: the client speaks TLS
                self.heads.append(request)
                return
        self.heads.append(request)
        target = request.split(b" ", 2)[1].decode()
        self.targets.append(target)
        answer = self.respond(target)
        if callable(answer):
            answer(connection)
        elif answer is not None:
            connection.sendall(answer if isinstance(answer, bytes) else encode(**answer))


def hang(connection):
    """Says nothing until the client has had enough."""
    connection.recv(1)


def then_hang(data):
    def answer(connection):
        connection.sendall(data)
        hang(connection)

    return answer


def reset_after(data):
    """Sends `data` and then a TCP reset in place of an end."""
    def answer(connection):
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    return answer


def drip(data, seconds, size=1):
    """Sends `data` in pieces of `size` bytes, `seconds` apart."""
    gone = threading.Event()

    def answer(connection):
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(0, len(data), size):
            connection.sendall(data[at:at + size])
            gone.wait(seconds)

    return answer


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


def link(cursor=None, where="u"):
    """A Link header: more follows at `cursor`, or, without one, nothing does."""
    follows = f'results="true"; cursor="{cursor}"' if cursor else 'results="false"; cursor="0:100:0"'
    return {"Link": f'<{where}>; rel="previous"; results="false"; cursor="0:0:1", <{where}>; rel="next"; {follows}'}


def event(number, **changes):
    return {"id": f"e{number}", "dateCreated": "2026-01-10T00:00:00Z", **changes}


def page_of(*numbers, cursor=None):
    """A page of events."""
    return {"body": [event(number) for number in numbers], "headers": link(cursor)}


PROJECT = {"id": "4507", "slug": "web", "name": "Web", "dateCreated": "2025-01-01T00:00:00Z"}


def sentry_with(path, respond, **more):
    """A server on which everything is empty and well, but for the targets that hold `path`. It counts no events."""

    def answer(target):
        if target.startswith("/api/0/organizations/acme/events/"):
            return {"status": 404, "body": ""}
        if path in target:
            return respond(target)
        if target == "/api/0/projects/acme/web/":
            return {"body": PROJECT}
        return {"headers": link()}

    return HostileServer(answer, **more)
