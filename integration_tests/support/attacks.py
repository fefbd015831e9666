"""Clients that do not mean well: slow ones, endless ones, and any that come from an address of their own."""

import contextlib
import http.client
import selectors
import socket
import threading
import time


def sender(address, port):
    """A connection from that address of this machine."""
    return socket.create_connection(("127.0.0.1", port), timeout=60, source_address=(address, 0))


def head_of(headers, path="/"):
    lines = [f"POST {path} HTTP/1.1", "Host: h", *(f"{name}: {value}" for name, value in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def request_from(address, port, body, headers, path="/"):
    """Posts; the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60, source_address=(address, 0))
    try:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def endless_chunks(address, port, headers):
    """Sends chunks until the connection is ended for it; how many bytes of them."""
    headers = {name: value for name, value in headers.items() if name != "Content-Length"}
    chunk, sent = b"10000\r\n" + b"x" * 0x10000 + b"\r\n", 0
    with sender(address, port) as connection:
        connection.sendall(head_of(headers | {"Transfer-Encoding": "chunked"}))
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            while True:
                connection.sendall(chunk)
                sent += len(chunk)
    return sent


class SlowClients:
    """So many connections, from one address for each 30 of them. Each sends a byte of a request now and then, and where
    it is closed another one comes in its place. Every tenth sends nothing at all."""

    def __init__(self, port, count, pause=0.05):
        self.port, self.count, self.pause = port, count, pause
        self.selector, self.came = selectors.DefaultSelector(), 0
        self.ended, self.all_came = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join(60)
        for key in list(self.selector.get_map().values()):
            key.fileobj.close()

    def wait_until_all_came(self):
        assert self.all_came.wait(60), f"only {self.came} came"

    def open(self):
        return len(self.selector.get_map())

    def run(self):
        text = head_of({"Content-Type": "application/json", "Content-Length": "400"}) + b"{" * 400
        numbers = set(range(self.count))
        while not self.ended.is_set():
            for number in sorted(numbers):
                with contextlib.suppress(OSError):
                    connection = sender(f"127.0.1.{1 + number // 30}", self.port)
                    connection.setblocking(False)
                    self.selector.register(connection, selectors.EVENT_READ, [number, 0])
                    numbers.discard(number)
                    self.came += 1
            if self.came >= self.count:
                self.all_came.set()
            for key, _ in self.selector.select(0):  # it was answered, or closed
                self.leave(key, numbers)
            for key in list(self.selector.get_map().values()):
                number, place = key.data
                if number % 10 == 0:
                    continue
                try:
                    key.data[1] += key.fileobj.send(text[place:place + 1])
                except OSError:
                    self.leave(key, numbers)
            time.sleep(self.pause)

    def leave(self, key, numbers):
        self.selector.unregister(key.fileobj)
        key.fileobj.close()
        numbers.add(key.data[0])
