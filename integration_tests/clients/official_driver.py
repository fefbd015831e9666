"""Runs Airbyte's own connector once for each line of stdin, a JSON object with its arguments and the files for its
output, and answers with a line that holds the exit code.

Loading it takes seconds, reading from a small server hardly any: it is loaded once, and every run is a fork of that."""

import json
import os
import sys

import source_sentry.run


def run(arguments, stdout, stderr):
    for stream, path in ((1, stdout), (2, stderr)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
    sys.argv = ["source-sentry", *arguments]
    sys.exit(source_sentry.run.run())  # as the script does that pip installs


for line in sys.stdin:
    child = os.fork()
    if child == 0:
        run(**json.loads(line))
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
