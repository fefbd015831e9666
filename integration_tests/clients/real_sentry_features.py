"""The real Sentry 9.1.2 with all that it can do switched on, and a small world that has something of everything."""

import contextlib
import copy
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.parse
import urllib.request

from real_sentry_world import World

SWITCHES = ["organizations:sentry-apps", "organizations:event-attachments", "organizations:monitors",
            "organizations:discover", "organizations:global-views", "projects:servicehooks"]


@contextlib.contextmanager
def everything_switched_on(sentry, folder):
    """One more web server over the data of `sentry`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    conf = folder / "conf"
    shutil.copytree(sentry.folder / "conf", conf)
    settings = re.sub(r"(?m)^SENTRY_WEB_PORT = \d+", f"SENTRY_WEB_PORT = {port}", (conf / "sentry.conf.py").read_text())
    settings += "".join(f"SENTRY_FEATURES['{switch}'] = True\n" for switch in SWITCHES)
    (conf / "sentry.conf.py").write_text(settings)
    started = copy.copy(sentry)
    started.url = f"http://127.0.0.1:{port}"
    with open(folder / "web.log", "wb") as log:
        process = subprocess.Popen([sentry.folder / "venv" / "bin" / "sentry", "run", "web"], cwd=sentry.folder,
                                   env={**os.environ, "SENTRY_CONF": str(conf), "PYTHONPATH": ""},
                                   stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
    try:
        wait_for(started.url, process)
        yield started
    finally:
        process.terminate()
        process.wait(timeout=60)


def wait_for(url, process):
    for _ in range(240):
        assert process.poll() is None, "the web server ended"
        try:
            with urllib.request.urlopen(url + "/_health/", timeout=10):
                return
        except OSError:
            time.sleep(0.5)
    raise AssertionError(f"{url} does not come up")


def world_of_everything(sentry):
    """All of it through Sentry's own API."""
    world = World(sentry)
    own, project = f"organizations/{world.slug}/", f"projects/{world.slug}/shop/"
    world.add_project("cellar")
    sent = world.send(*[f"failure {number}" for number in range(5)])
    commits = [{"id": f"{number:040x}", "repository": "acme/shop", "message": f"Change {number}",
                "author_name": "Bob", "author_email": "bob@example.com"} for number in range(3)]
    world.add_release("shop@2.0 beta#1", commits=commits)
    sentry.post(f"{own}releases/{urllib.parse.quote('shop@2.0 beta#1', safe='')}/deploys/", {"environment": "production"})
    world.post_file("shop@1.0.0", "~/app.js")
    issues = [number for [number] in sentry.rows(
        "select id from sentry_groupedmessage where project_id = :'project' order by id", project=world.project_id)]
    for number in range(102):  # more than a page
        sentry.rows("insert into sentry_activity (project_id, group_id, type, datetime, data) values (:'project', :'issue',"
                    " 8, now() - :'number' * interval '1 minute', '{\"text\": \"note\"}')",
                    project=world.project_id, issue=issues[0], number=number)
    sentry.rows("update sentry_groupedmessage set num_comments = 102 where id = :'issue'", issue=issues[0])
    sentry.post(f"issues/{issues[1]}/notes/", {"text": "looked at it"})
    sentry.post(f"{project}user-feedback/",
                {"event_id": sent[0], "name": "Jane", "email": "jane@example.com", "comments": "It broke"})
    sentry.post(f"{project}hooks/", {"url": "https://hooks.example.com/", "events": ["event.created"]})
    sentry.post(f"{project}rules/", {
        "name": "Rule", "actionMatch": "any", "frequency": 30,
        "conditions": [{"id": "sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"}],
        "actions": [{"id": "sentry.rules.actions.notify_event.NotifyEventAction"}]})
    sentry.post(f"{own}dashboards/", {"title": "Board"})
    sentry.post(f"{own}searches/", {"type": 0, "name": "Ours", "query": f"is:unresolved {world.slug}"})
    sentry.post(f"{own}api-keys/", {})
    for name in "Nightly", "Hourly":
        monitor = sentry.post(f"{own}monitors/", {"project": "shop", "name": name, "type": "cron_job", "config": {
            "schedule_type": "crontab", "schedule": "0 3 * * *"}})
        for duration in 1000, 2000:
            sentry.post(f"monitors/{monitor['id']}/checkins/", {"status": "ok", "duration": duration})
    sentry.post("sentry-apps/", {
        "name": f"App {world.slug}", "organization": world.slug, "scopes": ["event:read"], "events": ["issue"],
        "webhookUrl": "https://hooks.example.com/", "isAlertable": False, "schema": {}})
    world.settle()
    return world
