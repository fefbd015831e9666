"""The streams as the executable lists them: the table in src/sentry/streams is the only list of them that there is."""

import json
import subprocess
import tempfile


def discovered(executable):
    """The catalog's entries, in the table's order, for a configuration of one project."""
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:  # which nobody else can read
        json.dump({"auth_token": "none", "organization": "acme", "project": "web"}, config)
        config.flush()
        done = subprocess.run([executable, "discover", "--config", config.name], stdout=subprocess.PIPE, check=True)
    messages = [json.loads(line) for line in done.stdout.splitlines()]
    return next(message["catalog"]["streams"] for message in messages if message["type"] == "CATALOG")


def rows(executable):
    """Every stream of every group, as `streams --json` prints it, by name."""
    done = subprocess.run([executable, "streams", "--json"], stdout=subprocess.PIPE, check=True)
    return {stream["name"]: stream for stream in json.loads(done.stdout)["streams"]}


def cursors(streams):
    """Of the streams that have one, by name."""
    return {stream["name"]: stream["default_cursor_field"][0] for stream in streams if "default_cursor_field" in stream}
