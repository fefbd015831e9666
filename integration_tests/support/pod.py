"""Runs commands in an image's files as Airbyte's pods do: as uid 1000 without any capability, everything read-only but
/tmp, files in a read-only mount at /config. Needs root."""

import pathlib
import subprocess

# In namespaces of its own for mounts and processes. $1: the image's files; $2: what is seen at /config; then pairs of
# a file and the path where it is seen, up to --; then the command.
ENTER = """
root=$1
mount --bind "$root" "$root"
mount --bind "$2" "$root/config"
shift 2
while [ "$1" != -- ]; do mount --bind -o ro "$1" "$root$2"; shift 2; done
shift
mount -o remount,bind,ro "$root"
mount -o remount,bind,ro "$root/config"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
exec chroot "$root" setpriv --reuid 1000 --regid 1000 --clear-groups --no-new-privs --bounding-set=-all \
  --inh-caps=-all "$@"
"""


class Pod:
    """One unpacked image. `config` is its `config` as the image itself holds it, `files` the folder at /config."""

    def __init__(self, root, config, files):
        self.root, self.files = root, files
        self.environment = dict(entry.split("=", 1) for entry in config["Env"])

    def start(self, *command, binds=None, **variables):
        """The command is process 1, as in a container. `binds`: path in the image -> file that is seen there."""
        pairs = [part for path, file in (binds or {}).items() for part in (str(file), path)]
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "pod", str(self.root),
             str(self.files), *pairs, "--", *command],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**self.environment, **variables})

    def run(self, *command, timeout=120, **more):
        """What came out: code, stdout, stderr."""
        process = self.start(*command, **more)
        stdout, stderr = process.communicate(timeout=timeout)
        return process.returncode, stdout, stderr

    def platform(self, arguments):
        """A connector's command in the words of the platform's own script."""
        return self.run("sh", "-c", f'cd /config; eval "$AIRBYTE_ENTRYPOINT {arguments}"')


def first_process(process):
    """The pid of process 1 of a pod, as it is known outside."""
    return int(pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text())
