"""A real Sentry: 9.1.2, the last one that needs no services beside PostgreSQL and Redis. `up.sh` of the shared folder
installs it, starts it and fills it through sentry-sdk; here it gets its ports and folders.

Two web servers answer over the same data, since old servers come in two kinds:
`org-issues` searches issues of the whole organization, as every later Sentry does;
`as-shipped` does so with an error only, and knows project=-1 nowhere.
"""

import contextlib
import fcntl
import glob
import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import urllib.error
import urllib.request

from support import protocol

TOOLS = protocol.SHARED / "tools" / "real-sentry"
KINDS = {"org-issues": "1", "as-shipped": "0"}
# What the second web server shares with the first.
COMMON = ["venv", "seedenv", "pg", "files", "redis", "run/redis.pid"]
LONGEST_FOLDER = 80  # of a Unix socket's path there may be 107 bytes


def missing():
    """What this machine lacks to run it; empty when nothing."""
    pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
    if glob.glob(f"{pyenv}/versions/2.7.*/bin/python") or shutil.which("python2.7"):
        return ""
    return "Sentry 9.1.2 needs a Python 2.7, and there is none on PATH or under pyenv"


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

    def post(self, path, body):
        """Writes through Sentry's own API, as an administrator."""
        request = urllib.request.Request(
            f"{self.url}/api/0/{path}", method="POST", data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.announced['token_admin']}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise AssertionError(f"POST {path}: {error.code} {error.read()[:300]!r}") from None

    def send(self, dsn, messages):
        """Sends events through sentry-sdk; returns their hex ids. The server stores an event before it answers."""
        done = subprocess.run(
            [self.folder / "seedenv" / "bin" / "python", pathlib.Path(__file__).parent / "real_sentry_sender.py", dsn],
            input=json.dumps(messages).encode(), stdout=subprocess.PIPE, check=True, timeout=300)
        return json.loads(done.stdout)


@contextlib.contextmanager
def running():
    """Both web servers by their kind. Several processes may want them at once: the first starts them, the last one
    stops them. What they hold stays for the next time."""
    base = base_folder()
    base.mkdir(parents=True, exist_ok=True)
    with open(base / "users", "w") as users, open(base / "busy", "w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        first = alone(users)
        fcntl.flock(users, fcntl.LOCK_SH)
        try:
            if first:
                stop(base)  # what a run that was killed left behind
                choose_ports(base)
                for kind in KINDS:
                    script(base, kind)
            fcntl.flock(busy, fcntl.LOCK_UN)
            yield {kind: RealSentry(folder_of(base, kind), ports_of(base)["database"]) for kind in KINDS}
        finally:
            fcntl.flock(busy, fcntl.LOCK_EX)
            if alone(users):
                stop(base)


def alone(users):
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def base_folder():
    """Below build/, unless PostgreSQL's own user may not go there or the path is too long."""
    folder = protocol.ROOT / "build" / "real-sentry"
    open_to_all = all(parent.stat().st_mode & 0o001 for parent in folder.parents if parent.exists())
    if open_to_all and len(str(folder)) <= LONGEST_FOLDER:
        return folder
    return pathlib.Path(tempfile.gettempdir()) / "source-sentry-real-sentry"


def folder_of(base, kind):
    """The second web server has a folder of its own, in which links lead to what is common to both."""
    folder = base / kind
    if kind == "as-shipped":
        (folder / "run").mkdir(parents=True, exist_ok=True)
        for name in COMMON:
            link = folder / name
            if not link.is_symlink():
                link.symlink_to(base / "org-issues" / name)
    return folder


def choose_ports(base):
    """Ports that are free now. PostgreSQL keeps its port in its own settings."""
    with contextlib.ExitStack() as held:
        listeners = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(4)]
        ports = [listener.getsockname()[1] for listener in listeners]
    names = ["database", "redis", *KINDS]
    (base / "ports.json").write_text(json.dumps(dict(zip(names, ports))))
    settings = base / "org-issues" / "pg" / "postgresql.conf"
    if settings.exists():
        settings.write_text(re.sub(r"(?m)^port=\d+", f"port={ports[0]}", settings.read_text()))


def ports_of(base):
    return json.loads((base / "ports.json").read_text())


def stop(base):
    if not (base / "ports.json").exists():
        return
    for kind in KINDS:
        for note in [*folder_of(base, kind).glob("run/*.pid"), folder_of(base, kind) / "pg" / "postmaster.pid"]:
            forget_stranger(base, note)
        script(base, kind, "stop")


def forget_stranger(base, note):
    """Removes a note of a process id which by now is somebody else's, or nobody's."""
    try:
        number = int(note.read_text().split()[0])
        ours = os.readlink(f"/proc/{number}/cwd").startswith(str(base))
    except (OSError, ValueError, IndexError):
        ours = False
    if not ours:
        note.unlink(missing_ok=True)


def script(base, kind, *arguments):
    ports = ports_of(base)
    settings = {"RS_ROOT": str(folder_of(base, kind)), "RS_ORG_ISSUES": KINDS[kind], "RS_PORT": str(ports[kind]),
                "RS_PG_PORT": str(ports["database"]), "RS_REDIS_PORT": str(ports["redis"])}
    log = base / f"{kind}.log"
    with open(log, "wb") as output:
        done = subprocess.run(["bash", TOOLS / "up.sh", *arguments], env={**os.environ, **settings},
                              stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    assert done.returncode == 0, f"Sentry 9.1.2 does not come up; logs lie in {base}:\n{log.read_text()[-2000:]}"
