"""PyAirbyte as the tests see it: the process of its driver."""

import json
import os
import pathlib
import subprocess

from support.connector import EXECUTABLE
from support.environments import environment

DRIVER = pathlib.Path(__file__).with_name("pyairbyte_driver.py")


def surroundings(folder):
    """The environment of a PyAirbyte that keeps to `folder`, asks no registry and reports to nobody."""
    return {**os.environ, "DO_NOT_TRACK": "1", "AIRBYTE_OFFLINE_MODE": "1", "AIRBYTE_PROJECT_DIR": str(folder),
            "AIRBYTE_TEMP_DIR": str(folder), "AIRBYTE_LOGGING_ROOT": str(folder / "logs"), "HOME": str(folder)}


class PyAirbyte:
    """One process of the driver."""

    def __init__(self, folder):
        self.folder = folder
        self.process = subprocess.Popen([environment("pyairbyte") / "python", DRIVER], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, cwd=folder, env=surroundings(folder))

    def stop(self):
        self.process.stdin.close()
        assert self.process.wait(timeout=60) == 0

    def ask(self, do, config=None, **more):
        """The answer: `result`, or `error` with its `text`; and what was `printed`."""
        request = {"do": do, "config": config, "executable": EXECUTABLE, **more}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return {**answer, "printed": joined(answer["printed"])}

    def expect(self, do, config=None, **more):
        """The result of a request that goes well."""
        answer = self.ask(do, config, **more)
        assert "result" in answer, answer
        return answer["result"]

    def read(self, config, cache, streams="*", **options):
        """Reads into the cache; the result is how many rows each stream has there now."""
        return self.ask("read", config, cache=cache, streams=streams, options=options)

    def source_log(self):
        """What the sources have logged so far: PyAirbyte keeps that in files."""
        files = (self.folder / "logs" / "source-sentry").glob("*.log")
        return "".join(file.read_text() for file in files)

    def children(self):
        """The command lines of the processes it has begun and not seen end; a zombie's is empty."""
        found = []
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if f"PPid:\t{self.process.pid}\n" in (folder / "status").read_text():
                    found.append((folder / "cmdline").read_text())
            except (FileNotFoundError, ProcessLookupError):
                pass  # it has ended meanwhile
        return found


def joined(printed):
    """Printed text as it was before it was wrapped to the width of a terminal."""
    return " ".join(printed.split())
