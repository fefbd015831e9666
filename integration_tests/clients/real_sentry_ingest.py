"""Hands an event for each message to Sentry 23.7.1's own event manager, through the shared folder's event.py, and
prints their ids. Runs in the server's own environment; the messages come as a JSON list on standard input. Arguments:
the project's id, and `webhooks` where what follows from an event is to be done, too."""

import json
import os
import sys

answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # the server logs to standard output

from sentry.runner import configure

configure()

from event import ingest, python_event
from sentry.models import Project


def main():
    project = Project.objects.get(id=int(sys.argv[1]))
    events = []
    for message in json.load(sys.stdin):
        number = sum(message.encode())  # an issue for each text
        event = python_event(number, message, release="shop@1.0.0")
        events.append(ingest(project, event, hooks="webhooks" in sys.argv[2:]).event_id)
    json.dump(events, answer)


main()
