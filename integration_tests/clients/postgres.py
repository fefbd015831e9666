"""A PostgreSQL server of the tests' own: new data, a free port, nobody else's tables."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

VERSIONS = pathlib.Path("/usr/lib/postgresql")
COLUMNS = """SELECT json_object_agg(table_name, columns) FROM (
    SELECT table_name, json_object_agg(column_name, data_type) AS columns FROM information_schema.columns
    WHERE table_schema = 'public' GROUP BY table_name) AS described"""


class Postgres:
    """One running server."""

    def __init__(self):
        # PostgreSQL refuses to run as root; Debian's package brings a user for it, who cannot enter pytest's folders.
        self.identity = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
        self.binaries = max(VERSIONS.glob("*/bin"), key=lambda path: int(path.parent.name))
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="postgres-"))
        if self.identity:
            shutil.chown(self.folder, "postgres", "postgres")
        self._run("initdb", "--username", "tester", "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8",
                  "--no-sync")
        self._start()

    def stop(self):
        self._run("pg_ctl", "stop", "--wait", "--mode", "fast")
        shutil.rmtree(self.folder)

    def create(self, database):
        """A new empty database; how to reach it, in PyAirbyte's words."""
        self.query("postgres", f'CREATE DATABASE "{database}"')
        return {"host": "127.0.0.1", "port": self.port, "username": "tester", "password": "", "database": database,
                "schema_name": "public"}

    def tables(self, database):
        """Each table's columns with their types, and its rows."""
        columns = json.loads(self.query(database, COLUMNS) or "{}")
        return {name: {"columns": types, "rows": self._rows(database, name)} for name, types in columns.items()}

    def query(self, database, text):
        """What psql prints of it: the bare values."""
        done = subprocess.run([self.binaries / "psql", "--no-psqlrc", "--tuples-only", "--no-align", "--quiet",
                               "--host", "127.0.0.1", "--port", str(self.port), "--username", "tester",
                               "--dbname", database, "--set", "ON_ERROR_STOP=1", "--command", text],
                              capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def _rows(self, database, table):
        lines = self.query(database, f'SELECT row_to_json(one) FROM "{table}" AS one')
        return [json.loads(line) for line in lines.split("\n") if line]

    def _start(self):
        # Between the choice of a port and its use another process may take it.
        for attempt in range(5):
            self.port = free_port()
            try:
                return self._run("pg_ctl", "start", "--wait", "--log", str(self.folder / "log"), "--options",
                                 f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories='' "
                                 "-c fsync=off")
            except subprocess.CalledProcessError:
                if attempt == 4:
                    raise

    def _run(self, program, *arguments):
        # The server inherits what it is started with, so pipes would stay open.
        subprocess.run([self.binaries / program, *arguments], check=True, cwd=self.folder,
                       env={**os.environ, "PGDATA": str(self.folder / "data")}, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, **self.identity)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]
