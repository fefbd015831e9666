"""Sentry's form for issue links makes pages of Notion: the whole way, against a strict Notion."""

import json
import subprocess

import pytest
from support.fake_notion import FakeNotion
from support.listener import LISTEN, SECRET, Listener, body_of, issue_body, signature_of

ISSUE = "https://sentry.example.com/organizations/acme/issues/42/"


@pytest.fixture
def notion():
    fake = FakeNotion({"Name": "title", "Assignee": "people", "ID": "unique_id", "Sentry link": "url", "State": "status"})
    yield fake
    fake.stop()


@pytest.fixture
def bridge(start_listener, notion):
    """A listener whose bridge has `config` more; without a secret for webhooks of its own."""
    def start(*options, secret=None, env=None, **config):
        return start_listener("--health", "off", "--notion", *options, secret=secret,
                              env={**notion.environment(SECRET, **config), **(env or {})})
    return start


def form(number=42, **fields):
    return json.dumps({"fields": fields, "issueId": number, "installationId": "11111111-2222-3333-4444-555555555555",
                       "webUrl": ISSUE, "project": {"slug": "shop", "id": 7},
                       "actor": {"type": "user", "id": 3, "name": "Ada"}}, separators=(",", ":")).encode()


def post(listener, path, body, secret=SECRET):
    status, text = listener.request("POST", path, body, {"Content-Type": "application/json",
                                                         "Sentry-App-Signature": signature_of(body, secret)})
    return status, json.loads(text)


def get(listener, path):
    status, text = listener.request("GET", path, None, {"Content-Type": "application/json",
                                                        "Sentry-App-Signature": signature_of(b"")})
    return status, json.loads(text)


def test_a_page_is_made_once_and_linked_to_its_issue(bridge, notion):
    ada = notion.add_user("Ada Lovelace", "ada@example.com")
    listener = bridge()
    body = form(title="Made-up: 500 on übersicht", description="", owner_id=ada)
    status, made = post(listener, "/create", body)
    assert status in (200, 201) and made.keys() == {"webUrl", "identifier", "project"}
    assert made["identifier"].startswith("TASK-") and made["project"] == ""
    assert post(listener, "/create", body)[1] == made, "a second click"
    [page] = notion.pages.values()
    assert len(notion.asked("POST /v1/pages")) == 1 and ISSUE in json.dumps(page)
    assert listener.end() == 0
    again = bridge()
    assert post(again, "/create", body)[1] == made, "after a restart, too"
    assert len(notion.pages) == 1


def test_people_and_pages_are_found(bridge, notion):
    notion.add_user("Ada Lovelace", "ada@example.com")
    page = notion.add_page("Checkout \"breaks\" \U0001f440")
    listener = bridge()
    status, people = get(listener, "/users?installationId=1&query=lovelace")
    assert status == 200 and [one["label"] for one in people] == ["Ada Lovelace"]
    assert "ada@example.com" not in json.dumps(people)
    status, pages = get(listener, "/search?query=breaks")
    assert status == 200 and [(one["label"], one["default"]) for one in pages] == [("Checkout \"breaks\" \U0001f440", False)]
    status, linked = post(listener, "/link", form(page_id=pages[0]["value"]))
    assert status in (200, 201) and linked["identifier"].startswith("TASK-")
    assert page and ISSUE in json.dumps(list(notion.pages.values()))


def test_calls_need_a_signature(bridge, notion):
    listener = bridge()
    assert post(listener, "/create", form(title="x"), secret="another")[0] == 401
    assert listener.request("GET", "/users", None, {})[0] == 401
    assert not notion.pages


def test_what_is_wrong_is_told_at_the_start(tmp_path, notion):
    wrong = Listener(tmp_path, "--health", "off", "--notion", secret=None,
                     env={"SENTRY_NOTION_INTEGRATION_CLIENT_SECRET": SECRET})
    assert wrong.end(how=0) == 1
    assert "NOTION_TOKEN" in wrong.log() and "NOTION_CONFIG" in wrong.log()
    case = Listener(tmp_path, "--health", "off", "--notion", secret=None,
                    env=notion.environment(SECRET, column_names={"sentry_url": "Sentry Link"}))
    assert case.end(how=0) == 1
    assert "Sentry link" in case.log() and "Sentry Link" in case.log()
    assert notion.token not in wrong.log() + case.log()


def test_the_page_follows_its_issue(bridge, notion):
    listener = bridge(column_names={"status": "State"})
    assert post(listener, "/create", form(title="x"))[0] in (200, 201)
    body = body_of("resolved", {"issue": {"id": "42", "status": "resolved", "web_url": ISSUE,
                                          "lastSeen": "2026-01-03T03:04:05Z"}})
    assert listener.send(body) == 200
    listener.wait_for(lambda: "Resolved" in json.dumps(list(notion.pages.values())))
    assert listener.end() == 0


def test_slow_webhooks_are_not_made_slower_by_a_notion_that_is_down(bridge, notion):
    listener = bridge(column_names={"status": "State"})
    notion.plan += [{"call": "POST /v1/data_sources", "status": 0}] * 20
    assert all(listener.send(issue_body(number, "resolved")) == 200 for number in range(20))
    assert listener.wait_for(lambda: len(listener.records()) == 20)
    assert notion.token not in listener.log()


def test_the_schema_is_printed():
    for options, uri in ((["ui-schema"], "/create"), (["ui-schema", "--prefix", "/sentry"], "/sentry/create")):
        printed = json.loads(subprocess.run([LISTEN, *options], capture_output=True, check=True).stdout)
        [element] = printed["elements"]
        assert element["type"] == "issue-link" and element["create"]["uri"] == uri
