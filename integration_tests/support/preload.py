"""Libraries that are loaded before all others, so that the executable meets their calls in place of the system's."""

import functools
import pathlib
import subprocess
import tempfile


@functools.cache
def library(name):
    """The path of what `name`.c beside this file makes."""
    folder = tempfile.TemporaryDirectory(prefix=f"{name}-")
    path = pathlib.Path(folder.name) / f"{name}.so"
    source = pathlib.Path(__file__).with_name(f"{name}.c")
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", path, source, "-ldl"], check=True)
    return Library(path, folder)


class Library:
    def __init__(self, path, folder):
        self.path, self.folder = str(path), folder  # the folder goes when the process does


def preloaded(*environments):
    """Environments that preload a library each, as one."""
    merged = {key: value for one in environments for key, value in one.items()}
    return {**merged, "LD_PRELOAD": ":".join(one["LD_PRELOAD"] for one in environments)}
