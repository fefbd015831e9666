"""The Notion of the tests refuses what Notion refuses."""

import json
import urllib.error
import urllib.request

import pytest
from support.fake_notion import OLD, SOURCES, TOKEN, TRASH, FakeNotion


@pytest.fixture
def notion():
    fake = FakeNotion()
    yield fake
    fake.stop()


def call(notion, method, path, body=None, version=SOURCES, token=TOKEN):
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if version:
        headers["Notion-Version"] = version
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{notion.url}/v1/{path}", data, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def code(answer):
    return answer[0], answer[1]["code"]


def new_page(notion, values, kind="data_source_id", id_=None, **more):
    id_ = id_ or next(iter(notion.sources))
    return {"parent": {"type": kind, kind: id_}, "properties": values, **more}


def titled(text="T"):
    return {"Name": {"title": [{"text": {"content": text}}]}}


def test_versions_decide_who_has_the_columns(notion):
    source = next(iter(notion.sources))
    assert code(call(notion, "GET", "users/me", version=None)) == (400, "missing_version")
    assert code(call(notion, "GET", "users/me", token="wrong")) == (401, "unauthorized")
    new = call(notion, "GET", f"databases/{notion.database}")[1]
    assert new["data_sources"] == [{"id": source, "name": "Tasks"}] and "properties" not in new
    old = call(notion, "GET", f"databases/{notion.database.replace('-', '')}", version=OLD)[1]
    assert old["properties"]["ID"]["type"] == "unique_id" and "data_sources" not in old
    assert code(call(notion, "GET", f"data_sources/{source}", version=OLD)) == (400, "invalid_request_url")
    assert code(call(notion, "GET", f"data_sources/{notion.database}")) == (404, "object_not_found")
    assert code(call(notion, "POST", f"databases/{notion.database}/query", {})) == (400, "invalid_request_url")
    assert call(notion, "POST", f"databases/{notion.database}/query", {}, OLD)[1]["results"] == []
    page = call(notion, "POST", "pages", new_page(notion, titled(), "database_id", notion.database), OLD)[1]
    assert page["parent"]["type"] == "database_id" and page["archived"] is False
    assert "archived" not in call(notion, "GET", f"pages/{page['id']}", version=TRASH)[1]
    notion.sources["22222222-2222-4222-8222-222222222222"] = "Bugs"
    assert code(call(notion, "GET", f"databases/{notion.database}", version=OLD)) == (400, "validation_error")


@pytest.mark.parametrize(("values", "said"), [
    ({"Nme": {"title": []}}, "Nme is not a property that exists."),
    ({"ID": {"unique_id": {"number": 1}}}, "Cannot update read-only property ID."),
    ({"Assignee": {"rich_text": []}}, "Assignee is expected to be people."),
    ({"Assignee": {"people": [{"id": "11111111-1111-4111-8111-111111111111"}]}}, "could not find user"),
    ({"Sentry link": {"url": "x" * 2001}}, "Sentry link.url.length should be"),
    (titled("\U0001F440" * 1001), "content.length should be"),
])
def test_values_must_fit_their_columns(notion, values, said):
    status, answer = call(notion, "POST", "pages", new_page(notion, values))
    assert (status, answer["code"]) == (400, "validation_error") and said in answer["message"]
    assert notion.pages == {}


def test_lists_have_pages_and_cursors(notion):
    for number in range(250):
        notion.add_user(f"User {number}")
    seen, cursor = [], ""
    while cursor is not None:
        answer = call(notion, "GET", f"users?page_size=100{cursor and f'&start_cursor={cursor}'}")[1]
        seen += answer["results"]
        cursor = answer["next_cursor"]
    assert len({user["id"] for user in seen}) == 250 and len(notion.requests) == 3
    assert code(call(notion, "GET", "users?page_size=101")) == (400, "validation_error")
    for number in range(3):
        notion.add_page(f"Page {number} \U0001F440")
    query = f"data_sources/{next(iter(notion.sources))}/query"
    first = call(notion, "POST", query, {"page_size": 1})[1]
    assert first["has_more"]
    changed = {"page_size": 1, "start_cursor": first["next_cursor"],
               "filter": {"property": "title", "title": {"contains": "page"}}}
    assert code(call(notion, "POST", query, changed)) == (400, "validation_error")
    found = call(notion, "POST", query, {"filter": {"property": "Name", "title": {"contains": "2 \U0001F440"}}})[1]
    assert len(found["results"]) == 1


def test_faults_come_in_order(notion):
    notion.plan = [{"call": "POST /v1/pages", "status": 429, "headers": {"Retry-After": 2}},
                   {"call": "POST /v1/pages", "status": 409},
                   {"call": "POST /v1/pages", "status": 500, "done": True}]
    answers = [call(notion, "POST", "pages", new_page(notion, titled())) for _ in range(4)]
    assert [status for status, _ in answers] == [429, 409, 500, 200]
    assert len(notion.pages) == 2
    assert answers[3][1]["properties"]["ID"]["unique_id"] == {"prefix": "TASK", "number": 2}


def test_numbers_come_late_and_minutes_are_whole(notion):
    notion.numberless = 2
    page = call(notion, "POST", "pages", new_page(notion, titled()))[1]
    assert "ID" not in page["properties"] and page["last_edited_time"].endswith(":00.000Z")
    assert "ID" not in call(notion, "GET", f"pages/{page['id']}")[1]["properties"]
    assert "ID" in call(notion, "GET", f"pages/{page['id']}")[1]["properties"]
    notion.shared = False
    assert code(call(notion, "GET", f"pages/{page['id']}")) == (404, "object_not_found")
