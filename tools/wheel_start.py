"""Starts source-sentry: this is the module `source_sentry` of the wheel that tools/package makes."""

import os
import pathlib
import signal
import sys

EXECUTABLE = str(pathlib.Path(__file__).resolve().parent / "source-sentry")


def main():
    """Becomes the executable, with the same process id, streams and environment."""
    for name in ("SIGPIPE", "SIGXFSZ"):  # Python ignores them, and a process inherits that
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    os.execv(EXECUTABLE, ["source-sentry", *sys.argv[1:]])
