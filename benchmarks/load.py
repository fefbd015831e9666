"""Sends signed webhooks as quickly as they are answered, or at a steady rate: one thread, many connections that are
kept open. What it costs itself is told with each run, so that it can be seen not to be what is measured."""

import collections
import contextlib
import hmac
import resource
import select
import socket
import time

from support.listener import SECRET, headers_of, issue_body

CULPRIT = "checkout.views.pay in capture_payment " * 40  # an issue's webhook has one or two kilobytes


class Requests:
    """Webhooks of issues, no two the same, as quickly as they can be made: only what differs is put in."""

    def __init__(self, marker):
        self.body = issue_body("NUMBER", culprit=CULPRIT).decode()
        headers = headers_of(b"") | {"Host": "127.0.0.1", "Request-ID": "ATTEMPT", "Sentry-Hook-Signature": "SIGNATURE"}
        self.head = "POST / HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.marker, self.number = marker, 0

    def next(self):
        self.number += 1
        body = self.body.replace("NUMBER", f"{self.marker}-{self.number}").encode()
        signature = hmac.digest(SECRET.encode(), body, "sha256").hex()
        head = self.head.replace("SIGNATURE", signature).replace("ATTEMPT", f"{self.number:032x}")
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Outcome:
    """Of one run: statuses, and the seconds that each answer took."""

    def __init__(self):
        self.statuses, self.times, self.seconds, self.cpu = collections.Counter(), [], 0.0, 0.0

    def per_second(self):
        return self.statuses[200] / self.seconds

    def percentile(self, percent):
        """Milliseconds within which so many were answered."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Load:
    def __init__(self, port, connections, marker):
        self.port, self.connections, self.marker, self.runs = port, connections, marker, 0
        self.sockets = {}

    def run(self, most, seconds=float("inf"), rate=None):
        """Sends up to `most` webhooks within the seconds. `rate`: as many a second, and each one's time begins when it
        was due, whether or not a connection was free for it by then."""
        self.runs += 1
        requests = Requests(f"{self.marker}-{self.runs}")
        opened = [self.connect(number) for number in range(self.connections)]
        self.sockets = {one.fileno(): one for one in opened}
        with select.epoll() as poll, contextlib.ExitStack() as stack:
            for one in opened:
                stack.enter_context(one)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                poll.register(one, select.EPOLLIN)
            return self.send(requests, poll, most, seconds, rate)

    def connect(self, number):
        """From many addresses, since one may have only so many connections."""
        address = f"127.0.1.{1 + number // 16}"
        return socket.create_connection(("127.0.0.1", self.port), timeout=60, source_address=(address, 0))

    def send(self, requests, poll, most, seconds, rate):
        outcome, idle, since = Outcome(), collections.deque(self.sockets), {}
        cpu, begin = processor_time(), time.perf_counter()
        due, left = begin, most
        while True:
            now = time.perf_counter()
            if now - begin >= seconds:
                left = 0
            while left and idle and (rate is None or due <= now):
                number = idle.popleft()
                self.sockets[number].sendall(requests.next())
                since[number] = now if rate is None else due
                left -= 1
                due += 1 / rate if rate else 0
            if not left and not since:
                break
            wait = max(0.0, due - now) if rate and left and idle else 60
            for number, _ in poll.poll(wait):
                outcome.statuses[self.answer(number)] += 1
                outcome.times.append(time.perf_counter() - since.pop(number))
                idle.append(number)
        outcome.seconds, outcome.cpu = time.perf_counter() - begin, processor_time() - cpu
        return outcome

    def answer(self, number):
        """Reads one; its status."""
        text = self.sockets[number].recv(4096)
        while b"\r\n\r\n" not in text:
            piece = self.sockets[number].recv(4096)
            assert piece, f"a connection has ended: {text!r}"
            text += piece
        head, _, body = text.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        while len(body) < int(length or 0):
            body += self.sockets[number].recv(4096)
        return int(head.split(b" ", 2)[1])


def processor_time():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
