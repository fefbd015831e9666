"""Integrations, service hooks and alert rules inside a world of a real Sentry, which send to a listener."""

import contextlib
import http.server
import subprocess
import threading
import time

from support.connector import Connector, catalog
from support.listener import LISTEN, Listener

NOWHERE = "http://127.0.0.1:10"  # nobody listens there; for Sentry a port has two digits at least


class Integration:
    """One that is made with `settings`. It sends nowhere before it is pointed at a listener: Sentry says its secret
    only once it is there."""

    def __init__(self, world, name, **settings):
        self.world, self.sentry = world, world.sentry
        self.name = f"{name} {world.slug}"
        self.slug = self.sentry.post("sentry-apps/", {
            "name": self.name, "organization": world.slug, "author": "Tests", "overview": "for tests",
            "webhookUrl": f"{NOWHERE}/hook", "isInternal": False, "isAlertable": False, "verifyInstall": False,
            "schema": {}, **settings})["slug"]

    @property
    def secret(self):
        [app] = [app for app in self.sentry.ask("GET", f"organizations/{self.world.slug}/sentry-apps/")
                 if app["slug"] == self.slug]
        return app["clientSecret"]

    def point_at(self, url, **settings):
        self.sentry.ask("PUT", f"sentry-apps/{self.slug}/", {"webhookUrl": url, **settings})

    def install(self):
        """The installation's uuid. An internal integration needs none."""
        path = f"organizations/{self.world.slug}/sentry-app-installations/"
        return self.sentry.post(path, {"slug": self.slug})["uuid"]

    def uninstall(self, installation):
        self.sentry.ask("DELETE", f"sentry-app-installations/{installation}/")

    def token(self):
        """A token of an internal integration."""
        return self.sentry.post(f"sentry-apps/{self.slug}/api-tokens/", {})["token"]

    def requests(self):
        """Sentry's log of what it has sent, the newest first: event and status."""
        return [(row["eventType"], row["responseCode"])
                for row in self.sentry.ask("GET", f"sentry-apps/{self.slug}/requests/")]


class ServiceHook:
    def __init__(self, world, *events):
        self.sentry, self.path = world.sentry, f"projects/{world.slug}/shop/hooks/"
        made = self.sentry.post(self.path, {"url": f"{NOWHERE}/", "events": list(events)})
        self.id, self.secret = made["id"], made["secret"]

    def point_at(self, url):
        self.sentry.ask("PUT", f"{self.path}{self.id}/", {"url": url})


def add_rule(world, name, **action):
    """An alert rule that acts at every event; its id."""
    return world.sentry.post(f"projects/{world.slug}/shop/rules/", {
        "name": name, "actionMatch": "any", "filterMatch": "all", "frequency": 30,
        "conditions": [{"id": "sentry.rules.conditions.every_event.EveryEventCondition"}], "actions": [action]})["id"]


@contextlib.contextmanager
def says_yes():
    """The URL of a server that answers 200 to every POST."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def listening(folder, *options, **more):
    """A listener and its URL; killed at the end unless it has ended."""
    folder.mkdir(exist_ok=True)
    listener = Listener(folder, "--health", "off", *options, **more)
    try:
        listener.wait()
        yield listener, f"http://127.0.0.1:{listener.ports['listen']}"
    finally:
        listener.process.kill()
        listener.process.wait()


def issue_as_read(listener, config, count):
    """The row of the only issue as a read gives it, once `count` webhooks have become records and the last record of
    `issues` beside them is that row; None before."""
    rows = listener.records("issues")
    if not rows or len(listener.records()) - len(rows) < count:
        return None
    run = Connector(listener.folder).read(config, catalog("issues"))
    assert run.code == 0, run.errors()
    [row] = run.records()
    return row if comparable(rows[-1]) == comparable(row) else None


def within(seconds, what):
    """What `what()` gives as soon as it gives something; None if it does not in time."""
    deadline = time.monotonic() + seconds
    while not (found := what()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def comparable(issue):
    """A row without what depends on how it is asked for: only a search has `filtered`, and a search over a span of time
    has the first event's time from the event store, in whole seconds."""
    return {**issue, "filtered": None, "firstSeen": issue["firstSeen"][:19]}


def doctor(config, public_url):
    """Exit code and words of the doctor. `config`: the path of a configuration."""
    done = subprocess.run([LISTEN, "doctor", "--public-url", public_url, "--config", config], capture_output=True,
                          text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr
