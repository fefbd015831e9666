"""Bare Debians to install packages into: nothing but what debootstrap puts there, on this machine's network. Needs root
and debootstrap."""

import contextlib
import fcntl
import os
import pathlib
import shutil
import subprocess

from .protocol import ROOT

FOLDER = ROOT / "build" / "bare"
# In namespaces of its own for mounts and processes. $1: the machine's files; then the command.
ENTER = 'root=$1; shift; mount -t proc proc "$root/proc"; mount --rbind /dev "$root/dev"; exec chroot "$root" "$@"'
CLEAN = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LC_ALL": "C.UTF-8",
         "DEBIAN_FRONTEND": "noninteractive"}


def pristine(codename):
    """The folder with a bare Debian, which is made once."""
    root = FOLDER / codename
    FOLDER.mkdir(parents=True, exist_ok=True)
    with open(FOLDER / f"{codename}.busy", "w") as busy:
        fcntl.flock(busy, fcntl.LOCK_EX)
        if not root.exists():
            source = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Codename: bookworm",
                                     "Origin: Debian"], capture_output=True, text=True, check=True).stdout.split()[0]
            fresh = FOLDER / f"{codename}.new"
            shutil.rmtree(fresh, ignore_errors=True)
            subprocess.run(["debootstrap", "--variant=minbase", codename, fresh, source], check=True,
                           stdout=subprocess.DEVNULL)
            # How this machine reaches packages.
            subprocess.run(["cp", "-a", "/etc/apt/apt.conf.d/.", f"{fresh}/etc/apt/apt.conf.d/"], check=True)
            fresh.rename(root)
    return root


class Bare:
    def __init__(self, root):
        self.root = root

    def run(self, *command, check=True, **variables):
        """The finished process, whose output is text."""
        done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "bare",
                               str(self.root), *map(str, command)], capture_output=True, text=True,
                              env={**CLEAN, **variables}, timeout=600)
        assert not check or done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done

    def install(self, *packages):
        self.run("apt-get", "update")
        self.run("apt-get", "install", "-y", "--no-install-recommends", *packages)

    def give(self, file):
        """The path at which the machine sees a copy of it."""
        shutil.copy(file, self.root / "root")
        return f"/root/{pathlib.Path(file).name}"


@contextlib.contextmanager
def bare(codename, folder):
    """A machine of its own, while it is needed."""
    root = pathlib.Path(folder) / codename
    subprocess.run(["cp", "-a", "--reflink=auto", pristine(codename), root], check=True)
    try:
        yield Bare(root)
    finally:
        assert not os.path.ismount(root / "proc")
        subprocess.run(["rm", "-rf", "--one-file-system", root], check=True)
