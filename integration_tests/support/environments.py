"""The clients' own Python environments: clients/requirements/<name>.txt says what one holds, <name>.lock the exact
versions of everything beneath it."""

import fcntl
import hashlib
import pathlib
import subprocess

from .protocol import ROOT

REQUIREMENTS = ROOT / "integration_tests" / "clients" / "requirements"
FOLDER = ROOT / "build" / "clients"


def environment(name, requirements=None):
    """The `bin` folder of the virtual environment `name`, which is made first where it is missing or out of date.
    `requirements`: where its .txt is, if not with the clients'. Safe to call from several processes at once."""
    folder = FOLDER / name
    wanted = requirements or REQUIREMENTS / f"{name}.txt"
    lock = wanted.with_suffix(".lock")
    constraints = ["--constraint", str(lock)] if lock.exists() else []
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in (wanted, lock) if path.exists())).hexdigest()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{name}.busy", "w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        stamp = folder / "made-from"
        if not stamp.exists() or stamp.read_text() != mark:
            subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", folder], check=True)
            subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check",
                            "--requirement", wanted, *constraints], check=True)
            stamp.write_text(mark)
    return pathlib.Path(folder) / "bin"
