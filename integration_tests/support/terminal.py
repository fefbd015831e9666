"""A terminal for a program to run in."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import termios
import time

from .connector import EXECUTABLE


class Terminal:
    """A pseudo-terminal of a size; what is written to it comes as text."""

    def __init__(self, columns=80, rows=24):
        self.ours, self.its = pty.openpty()
        self.resize(columns, rows)
        self.text = b""

    def resize(self, columns, rows=24):
        fcntl.ioctl(self.its, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def start(self, *arguments, stdout=None, env=None):
        """Runs the connector with the terminal as stderr, and as stdout unless another is given."""
        environment = {**os.environ, "TERM": "xterm-256color", **(env or {})}
        environment = {name: value for name, value in environment.items() if value is not None}
        self.process = subprocess.Popen([EXECUTABLE, *arguments], stdin=subprocess.DEVNULL,
                                        stdout=self.its if stdout is None else stdout, stderr=self.its, env=environment)
        return self

    def run(self, *arguments, timeout=60, **more):
        self.start(*arguments, **more)
        return self.wait(timeout)

    def wait(self, timeout=60):
        """Reads until the program ends. Returns its exit code."""
        until = time.monotonic() + timeout
        while self.process.poll() is None:
            assert time.monotonic() < until, self.text
            self.take(0.05)
        while self.take(0):
            pass
        return self.process.returncode

    def take(self, patience):
        ready, _, _ = select.select([self.ours], [], [], patience)
        if ready:
            self.text += os.read(self.ours, 65536)
        return bool(ready)

    def lines(self):
        return self.text.decode().replace("\r\n", "\n").splitlines()

    def close(self):
        os.close(self.ours)
        os.close(self.its)
