"""Lets the executable's time fly, so that its real waits, minutes and hours long, can be met in a test."""

import functools
import pathlib
import subprocess
import tempfile

import pytest

from .connector import EXECUTABLE

SOURCE = pathlib.Path(__file__).with_name("fast_time.c")


@functools.cache
def library():
    folder = tempfile.TemporaryDirectory(prefix="fast-time-")
    path = pathlib.Path(folder.name) / "fast_time.so"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", path, SOURCE], check=True)
    return path, folder  # the folder goes when the process does


def fast(factor):
    """Environment variables with which the executable lives `factor` times as fast. The sanitizers' builds watch the
    very calls that are replaced, so there the test is skipped; the others run it."""
    if "asan" in EXECUTABLE or "tsan" in EXECUTABLE:
        pytest.skip("the sanitizers and the faster clock want the same calls")
    return {"LD_PRELOAD": str(library()[0]), "FAST_TIME": str(factor)}
