"""A real Sentry of July 2023 sends its webhooks to a listener: each one is verified and becomes a record, which is held
against what was done and against the server's own database."""

import collections
import json
import types

import pytest
import real_sentry
from real_sentry_webhooks import (Integration, ServiceHook, add_rule, comparable, doctor, issue_as_read, listening,
                                  says_yes)
from real_sentry_world import World
from support.connector import Connector

pytestmark = pytest.mark.skipif(bool(real_sentry.NEW.missing()), reason=real_sentry.NEW.missing())

MESSAGE = "cannot pay in the café \U0001f440"
COMMENT = "looked at it: café \U0001f440"
EDITED = "nothing to see \\ \"here\""
FORM = {"type": "alert-rule-action", "title": "Tell", "settings": {
    "type": "alert-rule-settings", "uri": "/alert",
    "required_fields": [{"type": "text", "label": "Channel", "name": "channel"}]}}
SCOPES = ["org:read", "project:read", "project:releases", "team:read", "member:read", "event:read"]
PLAIN_RULE = {"id": "sentry.rules.actions.notify_event_service.NotifyEventServiceAction"}
FORM_RULE = {"id": "sentry.rules.actions.notify_event_sentry_app.NotifyEventSentryAppAction",
             "hasSchemaFormConfig": True, "settings": [{"name": "channel", "value": "alerts"}]}
EXPECTED = {"issue_webhooks": 4, "comment_webhooks": 3, "event_webhooks": 2 + 2 + 2, "alert_webhooks": 2,
            "installation_webhooks": 2}


@pytest.fixture(scope="module")
def sentry():
    with real_sentry.NEW.running() as running:
        yield real_sentry.RealSentry(*running["whole"])


@pytest.fixture(scope="module")
def scene(sentry, tmp_path_factory):
    """An organization whose internal integration, public integration, service hook and alert rules send nowhere yet."""
    scene = types.SimpleNamespace(world=World(sentry), sentry=sentry, folder=tmp_path_factory.mktemp("webhooks"))
    world, connector = scene.world, Connector(scene.folder)
    scene.bridge = Integration(world, "Bridge", isInternal=True, isAlertable=True, scopes=SCOPES,
                               events=["issue", "comment", "error"])
    scene.public = Integration(world, "Public", scopes=["event:read"], events=[])
    scene.hook = ServiceHook(world, "event.created", "event.alert")
    scene.installation = sentry.rows(
        "select i.uuid from sentry_sentryappinstallation as i join sentry_sentryapp as a on a.id = i.sentry_app_id"
        " where a.slug = :'slug'", slug=scene.bridge.slug)[0][0]
    add_rule(world, "Plain", service=scene.bridge.slug, **PLAIN_RULE)
    with says_yes() as url:  # a rule with a form is saved where the integration agrees to it
        scene.bridge.point_at(f"{url}/hook", schema={"elements": [FORM]})
        scene.form_rule = add_rule(world, "With a form", sentryAppInstallationUuid=scene.installation, **FORM_RULE)
    scene.secrets = [scene.bridge.secret, scene.public.secret, scene.hook.secret, scene.bridge.token()]
    scene.config = world.config(auth_token=scene.secrets[-1])
    scene.config_file = connector.file("listener.json", scene.config)
    for name, secret in ("public", scene.public.secret), ("hook", scene.hook.secret):
        connector.file(f"{name}.secret", secret.encode())
    scene.endpoints = connector.file("endpoints.json", [
        {"name": "public", "path": "/public", "kind": "integration", "secret_file": f"{scene.folder}/public.secret"},
        {"name": "hooks", "path": "/hooks", "kind": "service_hook", "secret_file": f"{scene.folder}/hook.secret"}])
    return scene


@pytest.fixture(scope="module")
def story(scene):
    """All that sends webhooks, one after the other, and what came of it. The server sends them before it answers."""
    world, ask = scene.world, scene.sentry.ask
    with listening(scene.folder, "--path", "/hook", "--endpoints", scene.endpoints, "--config", scene.config_file,
                   secret=scene.bridge.secret) as (listener, url):
        story = types.SimpleNamespace(listener=listener, url=f"{url}/hook")
        scene.bridge.point_at(story.url)
        scene.public.point_at(f"{url}/public")
        scene.hook.point_at(f"{url}/hooks")

        story.events = world.ingest_with_webhooks(MESSAGE, MESSAGE)
        [[story.issue]] = scene.sentry.rows("select id from sentry_groupedmessage where project_id = :'project'",
                                            project=world.project_id)
        path = f"issues/{story.issue}/"
        for change in ({"status": "resolved"}, {"status": "unresolved"}, {"status": "ignored"},
                       {"assignedTo": "admin@example.com"}, {"assignedTo": ""}):
            ask("PUT", path, change)
        comment = story.comment = ask("POST", f"{path}notes/", {"text": COMMENT})["id"]
        story.notes = scene.sentry.rows("select id from sentry_activity where type = 8 and group_id = :'issue'",
                                        issue=story.issue)
        ask("PUT", f"{path}notes/{comment}/", {"text": EDITED})
        ask("DELETE", f"{path}notes/{comment}/")
        story.rule, story.incident = scene.sentry.fire_metric_alert(world.project_id, scene.bridge.slug)
        story.installation = scene.public.install()
        [[story.grant]] = scene.sentry.rows(
            "select g.code from sentry_apigrant as g join sentry_sentryappinstallation as i on i.api_grant_id = g.id"
            " where i.uuid = :'uuid'", uuid=story.installation)
        scene.public.uninstall(story.installation)

        story.issue_now = listener.wait_for(
            lambda: issue_as_read(listener, scene.config, sum(EXPECTED.values())), 300)
        story.requests = scene.bridge.requests() + scene.public.requests()
        assert listener.end() == 0
        story.run = listener.run()
        yield story


def of(story, stream, **values):
    return [row for row in story.run.records(stream) if all(row.get(key) == value for key, value in values.items())]


def test_each_webhook_becomes_one_record_of_its_stream(story):
    streams = [message["record"]["stream"] for message in story.run.of("RECORD")]
    assert collections.Counter(stream for stream in streams if stream != "issues") == EXPECTED
    assert [row["action"] for row in story.run.records("issue_webhooks")] == [
        "created", "resolved", "ignored", "assigned"]
    assert [row["action"] for row in story.run.records("comment_webhooks")] == ["created", "updated", "deleted"]
    assert [row["action"] for row in story.run.records("installation_webhooks")] == ["created", "deleted"]
    assert collections.Counter(row.get("resource") for row in story.run.records("event_webhooks")) == {
        "error": 2, "event_alert": 2, None: 2}


def test_all_are_verified_and_sentry_knows_of_no_failure(scene, story):
    rows = [row for row in story.run.records() if "deliveryId" in row]
    assert all(row["verified"] is True for row in rows)
    assert len({row["deliveryId"] for row in rows}) == len(rows)
    for stream in EXPECTED:  # streams that come together are written one after the other
        positions = [row["spoolPosition"] for row in story.run.records(stream)]
        assert positions == sorted(positions)
    for row in rows:
        assert row["sentAt"][:19] <= row["receivedAt"][:19]
        if row["kind"] == "integration":
            expected = story.installation if row["endpoint"] == "public" else scene.installation
            assert row["installationId"] == expected and len(row["requestId"]) == 32
    sent = [event for event, _ in story.requests if event != "alert_rule_action.requested"]  # when the rule was saved
    assert collections.Counter(sent) == collections.Counter(
        f"{row['resource']}.{row['action']}" for row in rows if row["kind"] == "integration")
    assert {status for _, status in story.requests} == {200}
    assert "mismatch" not in story.listener.log()


def test_issues(scene, story):
    [[admin]] = scene.sentry.rows("select id from auth_user where username = 'admin@example.com'")
    [[short, first_seen]] = scene.sentry.rows(
        "select short_id, first_seen at time zone 'UTC' from sentry_groupedmessage where id = :'id'", id=story.issue)
    assert short == "1"
    for row in story.run.records("issue_webhooks"):
        assert (row["issueId"], row["shortId"], row["projectId"], row["projectSlug"]) == (
            story.issue, "SHOP-1", scene.world.project_id, "shop")
        assert row["title"].endswith(MESSAGE) and row["issue"]["id"] == story.issue
        assert row["issue"]["firstSeen"][:19] == first_seen.replace(" ", "T")[:19]
        assert {key: row["issue"][key] for key in ("culprit", "level", "metadata", "type")} == {
            key: story.issue_now[key] for key in ("culprit", "level", "metadata", "type")}
    created, resolved, ignored, assigned = story.run.records("issue_webhooks")
    assert [row["status"] for row in (created, resolved, ignored)] == ["unresolved", "resolved", "ignored"]
    assert resolved["resolutionType"] == "now" and "resolutionType" not in ignored
    for row in resolved, ignored, assigned:
        assert row["actor"] == {"type": "user", "id": int(admin), "name": "Ada Admin"}
    assert created["actor"] == {"type": "application", "id": "sentry", "name": "Sentry"}
    assert assigned["assignee"] == {"type": "user", "id": int(admin), "name": "Ada Admin", "email": "admin@example.com"}


def test_comments(story):
    assert story.notes == [[story.comment]]
    rows = story.run.records("comment_webhooks")
    for row in rows:
        assert (row["commentId"], row["issueId"], row["projectSlug"]) == (story.comment, story.issue, "shop")
        assert row["actor"]["name"] == "Ada Admin"
    assert [row["comment"] for row in rows] == [COMMENT, EDITED, EDITED]


def test_errors_and_alerts(scene, story):
    errors = of(story, "event_webhooks", resource="error")
    assert [row["eventId"] for row in errors] == story.events
    alerts = of(story, "event_webhooks", resource="event_alert")
    assert [row["eventId"] for row in alerts] == story.events[:1] * 2, "a rule acts once in half an hour"
    for row in errors + alerts:
        assert row["issueId"] == story.issue and row["event"]["project"] == int(scene.world.project_id)
        assert row["event"]["exception"]["values"][0]["value"] == MESSAGE
    [plain] = [row for row in alerts if "issueAlert" not in row]
    [with_form] = [row for row in alerts if "issueAlert" in row]
    assert (plain["triggeredRule"], with_form["triggeredRule"]) == ("Plain", "With a form")
    [[app]] = scene.sentry.rows("select id from sentry_sentryapp where slug = :'slug'", slug=scene.bridge.slug)
    assert with_form["issueAlert"] == {"id": int(scene.form_rule), "title": "With a form", "sentry_app_id": int(app),
                                       "settings": [{"name": "channel", "value": "alerts"}]}


def test_metric_alerts(story):
    critical, resolved = story.run.records("alert_webhooks")
    for row in critical, resolved:
        assert row["resource"] == "metric_alert" and row["alertId"] == story.incident
        assert row["metricAlert"]["alert_rule"]["id"] == story.rule and row["metricAlert"]["projects"] == ["shop"]
        assert f"/alerts/rules/details/{story.rule}/" in row["webUrl"]
    assert [(row["action"], row["title"]) for row in (critical, resolved)] == [
        ("critical", "Critical: Too many"), ("resolved", "Resolved: Too many")]
    assert critical["text"] == "812 events in the last 10 minutes"


def test_service_hooks(scene, story):
    rows = of(story, "event_webhooks", kind="service_hook")
    assert [row["event"]["eventID"] for row in rows] == story.events
    for row in rows:
        assert row["endpoint"] == "hooks" and row["issueId"] == story.issue
        assert row["project"] == {"slug": "shop", "name": "shop"}


def test_service_hooks_have_the_id_of_their_event(story):
    assert [row.get("eventId") for row in of(story, "event_webhooks", kind="service_hook")] == story.events


def test_installations_without_their_grant(scene, story):
    for row in story.run.records("installation_webhooks"):
        assert (row["endpoint"], row["appSlug"], row["organizationSlug"]) == (
            "public", scene.public.slug, scene.world.slug)
        assert row["installation"]["uuid"] == story.installation and "code" not in row["installation"]
    written = story.listener.stdout.read_text() + story.listener.log()
    assert not [secret for secret in [story.grant, *scene.secrets] if secret in written]


def test_the_issue_is_written_as_a_read_gives_it(story):
    assert comparable(story.run.records("issues")[-1]) == comparable(story.issue_now)
    assert {row["id"] for row in story.run.records("issues")} == {story.issue}
    assert story.issue_now["status"] == "ignored" and story.issue_now["assignedTo"] is None


def test_the_doctor_finds_the_integration(scene, story):
    code, words = doctor(scene.config_file, story.url)
    assert code == 0, words
    assert f"{scene.bridge.name} ({scene.bridge.slug}) sends its webhooks to {story.url}." in words
    assert "subscribed to" in words and "Alert rules can use it" in words and "shows no failure" in words
    assert not [event for event in ("issue", "comment", "error") if event not in words.split("subscribed to ")[1]]
    assert "missing" not in words and "Public" not in words


def test_the_doctor_says_who_sends_elsewhere(scene, story):
    other = story.url.replace("/hook", "/elsewhere")
    code, words = doctor(scene.config_file, other)
    assert code == 1
    assert f"No integration sends its webhooks to {other}." in words
    assert f"{scene.bridge.name} sends them to {story.url}" in words and "Developer Settings" in words


def test_the_doctor_tells_of_failed_deliveries(scene, story):
    """First nobody listens, then somebody with another secret."""
    path = f"issues/{story.issue}/"
    scene.sentry.ask("PUT", path, {"status": "resolved"})
    code, words = doctor(scene.config_file, story.url)
    assert code == 1
    assert "1 failed request, 1 of them without an answer in time. The newest: issue.resolved at 2" in words, words
    assert "no answer." in words

    with listening(scene.folder / "other", "--path", "/hook", secret="of somebody else") as (listener, url):
        scene.bridge.point_at(f"{url}/hook")
        scene.sentry.ask("PUT", path, {"status": "ignored"})
        code, words = doctor(scene.config_file, f"{url}/hook")
        assert code == 1
        assert "2 failed requests, 1 of them without an answer in time. The newest: issue.ignored at 2" in words, words
        assert "HTTP 401." in words
        assert listener.end() == 0 and not listener.records()
    assert ("issue.ignored", 401) in scene.bridge.requests()


def test_the_doctor_asks_with_a_token_of_a_person(scene, story):
    file = Connector(scene.folder).file("person.json", scene.world.config(
        auth_token=scene.sentry.announced["token_admin"]))
    assert scene.bridge.slug in doctor(file, "")[1]
    assert json.dumps(scene.secrets[0]) not in doctor(file, "")[1]
