"""What a system may refuse to the executable: memory, sockets, connections, and an end to the look-up of a name."""

import functools
import pathlib
import subprocess
import tempfile

import pytest

from .connector import EXECUTABLE

SOURCE = pathlib.Path(__file__).with_name("hindrances.c")


@functools.cache
def library():
    folder = tempfile.TemporaryDirectory(prefix="hindrances-")
    path = pathlib.Path(folder.name) / "hindrances.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", path, SOURCE, "-ldl"], check=True)
    return path, folder  # the folder goes when the process does


def hindered(with_time=None, **variables):
    """Environment variables with which the executable is refused what the library's head says; `with_time`: those of
    a faster clock. The sanitizers' builds want the same calls, so there the test is skipped."""
    if "asan" in EXECUTABLE or "tsan" in EXECUTABLE:
        pytest.skip("the sanitizers and the hindrances want the same calls")
    others = dict(with_time or {})
    libraries = [str(library()[0]), *filter(None, [others.pop("LD_PRELOAD", None)])]
    return {"LD_PRELOAD": " ".join(libraries), **others, **{name: str(value) for name, value in variables.items()}}
