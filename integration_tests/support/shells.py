"""Real shells that complete what was typed."""

import os
import pty
import re
import select
import shutil
import subprocess
import time

import pytest

from .connector import EXECUTABLE

END = "@end@"
# The command stands in for the real one and shows its arguments; a key inserts every completion that there is.
SHOW = "source-sentry() { printf '<%s>' \"$@\"; echo; echo @e''nd@; }"
BASH = ["set +H", "source 'SCRIPT'", SHOW, "echo @e''nd@"]
ZSH = ["setopt nobanghist nopromptsp", "autoload -Uz compinit && compinit -D -u", "source 'SCRIPT'", SHOW,
       "every() { _main_complete; compstate[insert]=all; }", "zle -C every complete-word every",
       "bindkey '^[*' every", "echo @e''nd@"]


def script_for(shell, folder):
    """The file of the completion, for a shell that is there."""
    if shutil.which(shell) is None:
        refuse = pytest.fail if "CI" in os.environ else pytest.skip
        refuse(f"there is no {shell} here: install the package {shell}")
    path = folder / f"completion.{shell}"
    path.write_bytes(subprocess.run([EXECUTABLE, "completion", shell], check=True, capture_output=True).stdout)
    return path


class Fish:
    """fish says by itself what it would complete."""

    def __init__(self, script, folder):
        self.script, self.folder = script, folder

    def complete(self, line):
        command = f"source {self.script}; complete -C {line!r}"
        done = subprocess.run(["fish", "--no-config", "-c", command], cwd=self.folder, capture_output=True, text=True,
                              timeout=60)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return {row.split("\t")[0] for row in done.stdout.splitlines()}

    def stop(self):
        pass


class Interactive:
    """bash or zsh in a terminal, where the line is typed and all its completions are inserted."""

    def __init__(self, arguments, begin, script, folder):
        self.ours, its = pty.openpty()
        environment = {**os.environ, "TERM": "dumb", "PS1": "", "PROMPT": "", "HISTFILE": "/dev/null",
                       "INPUTRC": "/dev/null", "COLUMNS": "2000"}
        self.process = subprocess.Popen(arguments, stdin=its, stdout=its, stderr=its, cwd=folder, env=environment,
                                        start_new_session=True)
        os.close(its)
        self.say("\n".join(begin).replace("SCRIPT", str(script)))

    def say(self, text):
        """What comes until the end of what it runs."""
        os.write(self.ours, text.encode() + b"\n")
        shown, until = b"", time.monotonic() + 60
        while f"\n{END}" not in shown.decode(errors="replace").replace("\r", ""):
            left = until - time.monotonic()
            assert left > 0 and select.select([self.ours], [], [], left)[0], shown
            shown += os.read(self.ours, 65536)
        return shown.decode().replace("\r", "")

    def complete(self, line):
        [shown] = re.findall(r"^<(.*)>$", self.say(line + "\x1b*"), re.MULTILINE)
        return set(shown.split("><")[len(line.split(" ")) - 2:])

    def stop(self):
        self.process.kill()
        self.process.wait()
        os.close(self.ours)


def start(shell, folder):
    """The shell, with our completions, in `folder`."""
    script = script_for(shell, folder)
    if shell == "fish":
        return Fish(script, folder)
    arguments = {"bash": ["bash", "--norc", "--noprofile", "-i"], "zsh": ["zsh", "-f", "-i"]}[shell]
    return Interactive(arguments, {"bash": BASH, "zsh": ZSH}[shell], script, folder)
