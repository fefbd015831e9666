"""A real Sentry of 2019 sends all three kinds of its webhooks to a listener: those of an app, of a service hook, and of
the old plugin, which signs nothing. Each one becomes a record, which is held against the server's own database."""

import collections
import signal
import types

import pytest
import real_sentry
from real_sentry_features import everything_switched_on
from real_sentry_webhooks import Integration, ServiceHook, add_rule, comparable, issue_as_read, listening, within
from real_sentry_world import World
from support.connector import Connector

pytestmark = pytest.mark.skipif(bool(real_sentry.OLD.missing()), reason=real_sentry.OLD.missing())

MESSAGE = "cannot pay in the café \U0001f440"
TOKEN = "0123456789abcdef" * 2  # in the path of the plugin's URL
SERVICE_RULE = {"id": "sentry.rules.actions.notify_event_service.NotifyEventServiceAction"}


@pytest.fixture(scope="module")
def sentry(tmp_path_factory):
    with real_sentry.OLD.running() as running:
        shared = real_sentry.RealSentry(*running["org-issues"])
        with everything_switched_on(shared, tmp_path_factory.mktemp("web")) as everything:
            yield everything


@pytest.fixture(scope="module")
def app(sentry, tmp_path_factory):
    """What came of all that an app is told. The server sends it before it answers."""
    folder, world = tmp_path_factory.mktemp("app"), World(sentry)
    # The server with all features does not search issues of an organization; the other one over its data does.
    config, connector = world.config(hostname=sentry.announced["url"]), Connector(folder)
    secret_file = connector.file("secret", b"yet unknown")
    with listening(folder, "--path", "/hook", "--config", connector.file("listener.json", config), "--secret-file",
                   secret_file, secret=None) as (listener, url):
        # Where its webhooks go is said when it is made, and the server says its secret only then.
        integration = Integration(world, "App", scopes=["event:read", "org:read"], events=["issue"], isAlertable=True,
                                  webhookUrl=f"{url}/hook")
        connector.file("secret", integration.secret.encode())
        listener.process.send_signal(signal.SIGHUP)
        listener.wait_for(lambda: "read again" in listener.log())
        app = types.SimpleNamespace(world=world, listener=listener, integration=integration)
        app.installation = integration.install()
        [[app.grant]] = sentry.rows(
            "select g.code from sentry_apigrant as g join sentry_sentryappinstallation as i on i.api_grant_id = g.id"
            " where i.uuid = :'uuid'", uuid=app.installation)
        add_rule(world, "Plain", service=integration.slug, **SERVICE_RULE)
        [app.event] = world.send(MESSAGE)
        [[app.issue]] = sentry.rows("select id from sentry_groupedmessage where project_id = :'project'",
                                    project=world.project_id)
        for change in {"status": "resolved"}, {"status": "ignored"}, {"assignedTo": "admin@example.com"}:
            sentry.ask("PUT", f"issues/{app.issue}/", change)
        integration.uninstall(app.installation)

        listener.wait_for(lambda: len([row for row in listener.records() if "deliveryId" in row]) == 7)
        app.issue_now = within(30, lambda: issue_as_read(listener, config, 7))
        assert listener.end() == 0
        app.run = listener.run()
        yield app


def test_each_webhook_of_an_app_becomes_a_verified_record(app):
    rows = [row for row in app.run.records() if "deliveryId" in row]
    assert [f"{row['resource']}.{row['action']}" for row in rows if row["resource"] != "event_alert"] == [
        "installation.created", "issue.created", "issue.resolved", "issue.ignored", "issue.assigned",
        "installation.deleted"]
    assert collections.Counter(message["record"]["stream"] for message in app.run.of("RECORD")
                               if message["record"]["stream"] != "issues") == {
        "installation_webhooks": 2, "issue_webhooks": 4, "event_webhooks": 1}
    for row in rows:
        assert row["verified"] is True and row["kind"] == "integration"
        assert row["installationId"] == app.installation and len(row["requestId"]) == 32
        assert row["sentAt"][:19] <= row["receivedAt"][:19]


def test_issues_of_an_app(sentry, app):
    [[admin]] = sentry.rows("select id from auth_user where username = 'admin@example.com'")
    [[short]] = sentry.rows("select short_id from sentry_groupedmessage where id = :'id'", id=app.issue)
    assert short == "1"
    created, resolved, ignored, assigned = app.run.records("issue_webhooks")
    for row in created, resolved, ignored, assigned:
        assert (row["issueId"], row["shortId"], row["projectId"], row["projectSlug"]) == (
            app.issue, "SHOP-1", app.world.project_id, "shop")
        assert row["title"] == f"ValueError: {MESSAGE}"
    assert [row["status"] for row in (created, resolved, ignored)] == ["unresolved", "resolved", "ignored"]
    assert resolved["resolutionType"] == "resolved"
    assert assigned["assignee"] == {"type": "user", "id": int(admin), "name": "Ada Admin", "email": "admin@example.com"}
    for row in resolved, ignored, assigned:
        assert row["actor"] == {"type": "user", "id": int(admin), "name": "Ada Admin"}


def test_the_issue_of_an_app_is_written_as_a_read_gives_it(app):
    assert app.issue_now and app.issue_now["status"] == "ignored"
    assert comparable(app.run.records("issues")[-1]) == comparable(app.issue_now)


def test_an_alert_of_an_app(app):
    [row] = app.run.records("event_webhooks")
    assert (row["resource"], row["action"], row["triggeredRule"]) == ("event_alert", "triggered", "Plain")
    assert row["eventId"] == app.event and row["event"]["issue_url"].endswith(f"/api/0/issues/{app.issue}/")


def test_installations_without_their_grant(app):
    for row in app.run.records("installation_webhooks"):
        assert (row["appSlug"], row["organizationSlug"]) == (app.integration.slug, app.world.slug)
        assert "code" not in row["installation"]
    written = app.listener.stdout.read_text() + app.listener.log()
    assert app.grant not in written and app.integration.secret not in written


@pytest.fixture(scope="module")
def hooks(sentry, tmp_path_factory):
    """What came of an event that a service hook and the old plugin tell of, and of a test of the plugin."""
    folder, world = tmp_path_factory.mktemp("hooks"), World(sentry)
    hook, connector = ServiceHook(world, "event.created"), Connector(folder)
    connector.file("hook", hook.secret.encode())
    connector.file("token", TOKEN.encode())
    endpoints = connector.file("endpoints.json", [
        {"name": "hooks", "path": "/hooks", "kind": "service_hook", "secret_file": str(folder / "hook")},
        {"name": "plugin", "path": "/old", "kind": "legacy", "secret_file": str(folder / "token")}])
    with listening(folder, "--endpoints", endpoints, secret=None) as (listener, url):
        hooks = types.SimpleNamespace(world=world, listener=listener)
        hook.point_at(f"{url}/hooks")
        plugin = f"projects/{world.slug}/shop/plugins/webhooks/"
        sentry.ask("PUT", plugin, {"urls": f"{url}/old/{TOKEN}\n{url}/old/{TOKEN[::-1]}"})
        sentry.post(plugin, {"enabled": True})
        add_rule(world, "By plugin", service="webhooks", **SERVICE_RULE)
        [hooks.event] = world.send(MESSAGE)
        [[hooks.issue]] = sentry.rows("select group_id from sentry_message where message_id = :'event'",
                                      event=hooks.event)
        listener.wait_for(lambda: len(listener.records()) >= 2)
        sentry.post(plugin, {"test": True})
        listener.wait_for(lambda: len([row for row in listener.records() if row["kind"] == "legacy"]) >= 2)
        assert listener.end() == 0
        hooks.run = listener.run()
        yield hooks


def test_a_service_hook_is_verified_by_its_own_secret(hooks):
    [row] = [row for row in hooks.run.records("event_webhooks") if row["kind"] == "service_hook"]
    assert (row["endpoint"], row["verified"]) == ("hooks", True)
    assert row["issueId"] == hooks.issue and row["event"]["eventID"] == hooks.event
    assert row["project"]["slug"] == "shop"


def test_what_the_plugin_sends_is_marked_as_unverified(hooks):
    rows = [row for row in hooks.run.records("event_webhooks") if row["kind"] == "legacy"]
    assert {(row["endpoint"], row["verified"]) for row in rows} == {("plugin", False)}
    assert rows[0]["eventId"] == hooks.event and rows[0]["project"] == "shop"
    assert rows[0]["triggeringRules"] == ["Send a notification for new issues", "By plugin"]
    assert rows[1]["triggeringRules"] == [] and rows[1]["event"]["title"] == "This is an example Python exception"
    assert TOKEN not in hooks.listener.log() and TOKEN not in hooks.listener.stdout.read_text()


def test_what_the_plugin_sends_has_the_id_of_its_issue(hooks):
    row = [row for row in hooks.run.records("event_webhooks") if row["kind"] == "legacy"][0]
    assert row.get("issueId") == hooks.issue


def test_a_service_hook_has_the_id_of_its_event(hooks):
    [row] = [row for row in hooks.run.records("event_webhooks") if row["kind"] == "service_hook"]
    assert row.get("eventId") == hooks.event


def test_the_plugin_with_another_token_is_refused(hooks):
    """It was told two URLs, the second of which has a wrong token."""
    assert len([row for row in hooks.run.records() if row["kind"] == "legacy"]) == 2
    assert TOKEN[::-1] not in hooks.listener.log()
