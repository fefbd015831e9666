"""Runs the real executable and takes its output apart."""

import json
import os
import pathlib
import re
import subprocess

from . import protocol
from .table import cursors, discovered, rows

BUILD = pathlib.Path(os.environ.get("BUILD_DIR", protocol.ROOT / "build" / "release"))
EXECUTABLE = str(BUILD / "source-sentry")

TABLE = discovered(EXECUTABLE)
STREAMS = [stream["name"] for stream in TABLE]
INCREMENTAL = cursors(TABLE)
ALL = rows(EXECUTABLE)  # those of other groups, too


class Run:
    """What came out of one run."""

    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr.decode()
        self.messages = protocol.parse(stdout)

    def of(self, kind):
        return [message for message in self.messages if message["type"] == kind]

    def records(self, stream=None):
        return [message["record"]["data"] for message in self.of("RECORD")
                if stream in (None, message["record"]["stream"])]

    def ids(self, stream):
        return [record["id"] for record in self.records(stream)]

    def states(self, stream):
        return [message["state"]["stream"]["stream_state"] for message in self.of("STATE")
                if message["state"]["stream"]["stream_descriptor"]["name"] == stream]

    def state_file(self):
        """The last STATE of each stream, as Airbyte's platform keeps it."""
        last = {message["state"]["stream"]["stream_descriptor"]["name"]: message["state"]
                for message in self.of("STATE")}
        return list(last.values())

    def errors(self, stream=None):
        found = [message["trace"]["error"] for message in self.of("TRACE") if message["trace"]["type"] == "ERROR"]
        return [error for error in found
                if stream is None or error.get("stream_descriptor", {}).get("name") == stream]

    def why(self, stream):
        """What the stream's first error says; of a cause that another one told in full, what that one said."""
        message = self.errors(stream)[0]["message"]
        known = re.search(r"for the same reason as the stream (\w+)", message)
        if known is None:
            return message
        [full] = [error["message"] for error in self.errors(known[1]) if "for the same reason" not in error["message"]]
        return full

    def statuses(self, stream):
        found = [message["trace"]["stream_status"] for message in self.of("TRACE")
                 if message["trace"]["type"] == "STREAM_STATUS"]
        return [status for status in found if status["stream_descriptor"]["name"] == stream]

    def connection_status(self):
        statuses = self.of("CONNECTION_STATUS")
        assert len(statuses) == 1, self.messages
        return statuses[0]["connectionStatus"]

    def logs(self, level):
        return [message["log"]["message"] for message in self.of("LOG") if message["log"]["level"] == level]


class Connector:
    """The executable with files for its arguments in `folder`."""

    def __init__(self, folder):
        self.folder = folder

    def file(self, name, content):
        """Writes a file that nobody else can read, as one with a token should be."""
        path = self.folder / name
        path.touch(0o600)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
        return str(path)

    def arguments(self, command, config=None, catalog=None, state=None):
        arguments = [command]
        for flag, content in (("config", config), ("catalog", catalog), ("state", state)):
            if content is not None:
                arguments += [f"--{flag}", self.file(f"{flag}.json", content)]
        return arguments

    def run(self, *arguments, env=None, timeout=120):
        done = subprocess.run([EXECUTABLE, *arguments], capture_output=True, timeout=timeout,
                              env={**os.environ, **(env or {})})
        return Run(done.returncode, done.stdout, done.stderr)

    def check(self, config, **more):
        return self.run(*self.arguments("check", config), **more)

    def discover(self, config):
        return self.run(*self.arguments("discover", config))

    def read(self, config, catalog, state=None, **more):
        return self.run(*self.arguments("read", config, catalog, state), **more)

    def start(self, command, config, catalog, state=None, **more):
        return subprocess.Popen([EXECUTABLE, *self.arguments(command, config, catalog, state)],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)


def catalog(*streams, sync_mode=None):
    """A configured catalog; each stream as incremental as it can be, or all in `sync_mode`."""
    names = streams or STREAMS
    entries = []
    for name in names:
        modes = ALL[name]["sync_modes"] if name in ALL else ["full_refresh"]
        entries.append({"stream": {"name": name, "json_schema": {}, "supported_sync_modes": modes},
                        "sync_mode": sync_mode or modes[-1], "destination_sync_mode": "append"})
    return {"streams": entries}


def state(**streams):
    """A state file that holds the given state of each stream."""
    return [{"type": "STREAM", "stream": {"stream_descriptor": {"name": name}, "stream_state": value}}
            for name, value in streams.items()]
