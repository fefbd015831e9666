"""The commands that the documentation gives people, and how they are run."""

import os
import re
import subprocess

from .connector import BUILD
from .protocol import ROOT


def block(document, *words):
    """The fenced block of a document that holds these words."""
    fenced = re.findall(r"^```\w*\n(.*?)^```$", (ROOT / document).read_text(), re.MULTILINE | re.DOTALL)
    [found] = [text for text in fenced if all(word in text for word in words)]
    return found


def shell(folder, commands, *arguments, programs=(), **environment):
    """Runs them in `folder`, as a person does who has built the connector. `programs`: more folders of programs.
    Returns what they print."""
    path = os.pathsep.join([*map(str, programs), str(BUILD.absolute()), os.environ["PATH"]])
    done = subprocess.run(["bash", "-c", commands, "bash", *map(str, arguments)], cwd=folder, capture_output=True,
                          env={**os.environ, "PATH": path, **environment}, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
