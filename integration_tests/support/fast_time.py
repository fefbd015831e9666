"""Lets the executable's time fly, so that its real waits, minutes and hours long, can be met in a test."""

import pytest

from .connector import EXECUTABLE
from .preload import library


def fast(factor, begin=None):
    """Environment variables with which the executable lives `factor` times as fast; its calendar begins at `begin`, in
    seconds since 1970, or as it is. The sanitizers' builds watch the very calls that are replaced, so there the test is
    skipped; the others run it."""
    if "asan" in EXECUTABLE or "tsan" in EXECUTABLE:
        pytest.skip("the sanitizers and the faster clock want the same calls")
    since = {} if begin is None else {"FAST_TIME_FROM": str(int(begin))}
    return {"LD_PRELOAD": library("fast_time").path, "FAST_TIME": str(factor), **since}
