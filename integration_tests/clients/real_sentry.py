"""Real Sentries, as the shared folder's scripts install, start and fill them.

9.1.2 is the last one that needs no services beside PostgreSQL and Redis. Two web servers answer over the same data,
since old servers come in two kinds:
`org-issues` searches issues of the whole organization, as every later Sentry does;
`as-shipped` does so with an error only, and knows project=-1 nowhere.

23.7.1 comes with a stand-in for its event store, which evaluates the server's own queries over PostgreSQL:
`whole` has it; `no-events` has no event store at all, as where Snuba is down.
"""

import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import urllib.error
import urllib.request

from real_sentry_servers import Servers

OLD = Servers(version="9.1.2", folder="real-sentry", prefix="RS", python="2.7",
              kinds={"org-issues": {"RS_ORG_ISSUES": "1"}, "as-shipped": {"RS_ORG_ISSUES": "0"}},
              common=["venv", "seedenv", "pg", "files", "redis", "run/redis.pid"])
NEW = Servers(version="23.7.1", folder="real-sentry-23", prefix="RS23", python="3.8",
              kinds={"whole": {"RS23_EVENTS": "local"}, "no-events": {"RS23_EVENTS": "none"}},
              common=["venv", "pg", "files", "redis", "run/redis.pid"])


class RealSentry:
    """One web server, and the database behind it."""

    def __init__(self, folder, database_port):
        self.folder, self.database_port = folder, database_port
        self.announced = json.loads((folder / "instance.json").read_text())
        self.url = self.announced["url"]

    def config(self, **changes):
        return {"auth_token": self.announced["token"], "organization": "acme", "project": "web", "hostname": self.url,
                **changes}

    def rows(self, query, **values):
        """The rows of one query to PostgreSQL; `:'name'` in it stands for a value."""
        variables = [f"--set={name}={value}" for name, value in values.items()]
        done = subprocess.run(
            ["psql", "--host=127.0.0.1", f"--port={self.database_port}", "--username=postgres", "--dbname=sentry",
             "--no-psqlrc", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", *variables],
            input=query.encode(), capture_output=True, check=True)
        return [line.split("|") for line in done.stdout.decode().splitlines()]

    def forget_limits(self):
        """23.7.1 lets a person make five organizations an hour; tests make more."""
        [port] = re.findall(r"port: (\d+)", (self.folder / "conf" / "config.yml").read_text())
        forget = "for _, key in ipairs(redis.call('keys', 'rl:*')) do redis.call('del', key) end"
        subprocess.run(["redis-cli", "-p", port, "eval", forget, "0"], stdout=subprocess.DEVNULL, check=True)

    def post(self, path, body, kind="application/json"):
        return self.ask("POST", path, body, kind)

    def ask(self, method, path, body=None, kind="application/json"):
        """Through Sentry's own API, as an administrator. A body of bytes goes as it is."""
        request = urllib.request.Request(
            f"{self.url}/api/0/{path}", method=method,
            data=body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.announced['token_admin']}", "Content-Type": kind})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or "null")
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.code} {error.read()[:300]!r}") from None

    def send(self, dsn, messages):
        """Sends events through sentry-sdk; returns their hex ids. The server stores an event before it answers."""
        return self.run(self.folder / "seedenv", "real_sentry_sender.py", [dsn], messages)

    def ingest(self, project_id, messages, *options):
        """Hands events to 23.7.1's own event manager, as no Relay is there to take them; returns their hex ids. With
        `webhooks`, those that follow from them are sent before this returns."""
        return self.run_inside("real_sentry_ingest.py", [project_id, *options], messages)

    def fire_metric_alert(self, project_id, integration):
        """At an integration, and resolves it. The ids of the rule and the incident."""
        return self.run_inside("real_sentry_metric_alert.py", [project_id, integration], None)

    def run_inside(self, script, arguments, messages):
        """Runs it in the environment of 23.7.1."""
        return self.run(self.folder / "venv", script, arguments, messages, env={
            **os.environ, "SENTRY_CONF": str(self.folder / "conf"), "PYTHONPATH": str(NEW.tools)})

    @staticmethod
    def run(environment, script, arguments, messages, **options):
        done = subprocess.run([environment / "bin" / "python", pathlib.Path(__file__).parent / script, *arguments],
                              input=json.dumps(messages).encode(), stdout=subprocess.PIPE, check=True, timeout=300,
                              **options)
        return json.loads(done.stdout)


def main():
    """Installs and starts all of them ahead of the tests, and stops them when standard input ends."""
    with contextlib.ExitStack() as kept:
        for servers in NEW, OLD:
            if not servers.missing():
                kept.enter_context(servers.running())
        sys.stdin.read()


if __name__ == "__main__":
    main()
