"""Runs commands in an image's files as Airbyte's pods do: as uid 1000 without any capability, everything read-only but
/tmp, files in a read-only mount at /config; or as a person does by `docker run --user`. Needs root."""

import pathlib
import subprocess

# In namespaces of its own for mounts and processes. $1: the image's files; $2: what is seen at /config; $3: the user;
# then triples of ro or rw, a file and the path where it is seen, up to --; then the command.
ENTER = """
root=$1
mount --bind "$root" "$root"
mount --bind "$2" "$root/config"
user=$3
shift 3
while [ "$1" != -- ]; do
  [ -e "$root$3" ] || mkdir "$root$3"
  mount --bind -o "$1" "$2" "$root$3"
  shift 3
done
shift
mount -o remount,bind,ro "$root"
mount -o remount,bind,ro "$root/config"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t proc proc "$root/proc"
exec chroot "$root" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all \
  --inh-caps=-all "$@"
"""


class Pod:
    """One unpacked image. `config` is its `config` as the image itself holds it, `files` the folder at /config."""

    def __init__(self, root, config, files):
        self.root, self.files = root, files
        self.environment = dict(entry.split("=", 1) for entry in config["Env"])

    def start(self, *command, binds=None, data=None, user=1000, **variables):
        """The command is process 1, as in a container. `binds`: path in the image -> file that is seen there. `data`:
        the folder that is seen at /data, to be written to."""
        binds = [("ro", str(file), path) for path, file in (binds or {}).items()]
        if data is not None:
            binds.append(("rw", str(data), "/data"))
        return subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-euc", ENTER, "pod", str(self.root),
             str(self.files), str(user), *[part for bind in binds for part in bind], "--", *command],
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
