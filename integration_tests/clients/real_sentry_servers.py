"""Brings real Sentries up: chooses ports and folders for the scripts of the shared folder, and shares one installation
among the processes that want it."""

import contextlib
import dataclasses
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

from support import protocol

LONGEST_FOLDER = 80  # of a Unix socket's path there may be 107 bytes


@dataclasses.dataclass(frozen=True)
class Servers:
    """One version, and the web servers that answer over its data. The first kind keeps what is `common` to all."""

    version: str
    folder: str  # below the shared tools, and below build/
    prefix: str  # of the script's environment variables
    python: str  # which one the script needs
    kinds: dict  # each web server's own settings
    common: list

    @property
    def tools(self):
        return protocol.SHARED / "tools" / self.folder

    def missing(self):
        """What this machine lacks to run it; empty when nothing."""
        if not self.tools.is_dir():
            return f"Sentry {self.version} is started by {self.tools}, which is not there"
        pyenv = os.environ.get("PYENV_ROOT", os.path.expanduser("~/.pyenv"))
        if glob.glob(f"{pyenv}/versions/{self.python}.*/bin/python") or shutil.which(f"python{self.python}"):
            return ""
        return f"Sentry {self.version} needs a Python {self.python}, and there is none on PATH or under pyenv"

    @contextlib.contextmanager
    def running(self):
        """All web servers: kind, folder and the database's port. Several processes may want them at once: the first
        starts them, the last one stops them. What they hold stays for the next time."""
        base = self.base_folder()
        base.mkdir(parents=True, exist_ok=True)
        with open(base / "users", "w") as users, open(base / "busy", "w") as busy:
            fcntl.flock(busy, fcntl.LOCK_EX)
            first = alone(users)
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                if first:
                    self.stop(base)  # what a run that was killed left behind
                    self.choose_ports(base)
                    for kind in self.kinds:
                        self.script(base, kind)
                fcntl.flock(busy, fcntl.LOCK_UN)
                yield {kind: (self.folder_of(base, kind), ports_of(base)["database"]) for kind in self.kinds}
            finally:
                fcntl.flock(busy, fcntl.LOCK_EX)
                if alone(users):
                    self.stop(base)

    def base_folder(self):
        """Below build/, unless PostgreSQL's own user may not go there or the path is too long."""
        folder = protocol.ROOT / "build" / self.folder
        open_to_all = all(parent.stat().st_mode & 0o001 for parent in folder.parents if parent.exists())
        if open_to_all and len(str(folder)) <= LONGEST_FOLDER:
            return folder
        return pathlib.Path(tempfile.gettempdir()) / f"source-sentry-{self.folder}"

    def folder_of(self, base, kind):
        """Every web server has a folder of its own; from the second on links lead to what is common to all."""
        folder = base / kind
        first = next(iter(self.kinds))
        if kind != first:
            (folder / "run").mkdir(parents=True, exist_ok=True)
            for name in self.common:
                link = folder / name
                if not link.is_symlink():
                    link.symlink_to(base / first / name)
        return folder

    def choose_ports(self, base):
        """Ports that are free now. PostgreSQL keeps its port in its own settings."""
        names = ["database", "redis", *self.kinds]
        with contextlib.ExitStack() as held:
            listeners = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in names]
            ports = [listener.getsockname()[1] for listener in listeners]
        (base / "ports.json").write_text(json.dumps(dict(zip(names, ports))))
        settings = base / next(iter(self.kinds)) / "pg" / "postgresql.conf"
        if settings.exists():
            settings.write_text(re.sub(r"(?m)^port=\d+", f"port={ports[0]}", settings.read_text()))

    def stop(self, base):
        if not (base / "ports.json").exists():
            return
        for kind in self.kinds:
            folder = self.folder_of(base, kind)
            for note in [*folder.glob("run/*.pid"), folder / "pg" / "postmaster.pid"]:
                forget_stranger(base, note)
            self.script(base, kind, "stop")

    def script(self, base, kind, *arguments):
        ports = ports_of(base)
        settings = {"ROOT": self.folder_of(base, kind), "PORT": ports[kind], "PG_PORT": ports["database"],
                    "REDIS_PORT": ports["redis"]}
        settings = {f"{self.prefix}_{name}": str(value) for name, value in settings.items()}
        log = base / f"{kind}.log"
        with open(log, "wb") as output:
            done = subprocess.run(["bash", self.tools / "up.sh", *arguments],
                                  env={**os.environ, **settings, **self.kinds[kind]},
                                  stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        assert done.returncode == 0, (
            f"Sentry {self.version} does not come up; logs lie in {base}:\n{log.read_text()[-2000:]}")


def alone(users):
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False


def ports_of(base):
    return json.loads((base / "ports.json").read_text())


def forget_stranger(base, note):
    """Removes a note of a process id which by now is somebody else's, or nobody's."""
    try:
        number = int(note.read_text().split()[0])
        ours = os.readlink(f"/proc/{number}/cwd").startswith(str(base))
    except (OSError, ValueError, IndexError):
        ours = False
    if not ours:
        note.unlink(missing_ok=True)
