"""Sends an event of the release shop@1.0.0 for each message to a DSN through sentry-sdk, and prints their ids. Runs in
the environment of the server's own seeding; the messages come as a JSON list on standard input."""

import json
import sys

import sentry_sdk


def main():
    sentry_sdk.init(dsn=sys.argv[1], release="shop@1.0.0", default_integrations=False,
                    auto_enabling_integrations=False)
    ids = [send(message) for message in json.load(sys.stdin)]
    sentry_sdk.flush(timeout=240)
    json.dump(ids, sys.stdout)


def send(message):
    with sentry_sdk.push_scope() as scope:
        scope.fingerprint = [message]  # an issue for each text, though all come from the same line
        try:
            raise ValueError(message)
        except ValueError:
            return sentry_sdk.capture_exception()


main()
