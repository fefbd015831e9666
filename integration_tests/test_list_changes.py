"""Lists without a time are read in increments: what changed, what is new, and what is gone."""

import pytest
from support.all_streams import BY_CONTENTS, config_of, keys
from support.connector import ALL, catalog

# The sandbox keeps them among what all else is made from, and knows no such change.
FIXED = {"organizations", "teams"}
CHANGING = [name for name in BY_CONTENTS if name not in FIXED]
SMALL = ("--events", 200, "--issues", 30, "--releases", 20)


def owner_of(stream, row):
    return row["projectId"] if "projectId" in ALL[stream]["primary_key"] else ""


def own_id(stream, row):
    """What the shelf calls the row."""
    [key] = [key for key in ALL[stream]["primary_key"] if key != "projectId"]
    return key, row[key]


@pytest.mark.parametrize("stream", CHANGING)
def test_what_changed_comes_again_and_what_is_gone_leaves_its_key(connector, start_sandbox, stream):
    sandbox = start_sandbox(*SMALL)
    changed = connector.read(config_of(sandbox), catalog(stream)).records()[0]
    key, name = own_id(stream, changed)
    made_up = 987654321 if isinstance(name, int) else "987654321"
    own = {name: value for name, value in changed.items() if name not in ("projectId", "projectSlug")}
    sandbox.change(put_row={"shelf": stream, "owner": owner_of(stream, changed), "row": {**own, key: made_up}})
    first = connector.read(config_of(sandbox), catalog(stream))
    [gone] = [row for row in first.records() if row[key] == made_up]
    sandbox.change(put_row={"shelf": stream, "owner": owner_of(stream, changed), "row": {key: name, "made_up": "new"}})
    sandbox.change(remove_row={"shelf": stream, "owner": owner_of(stream, gone), "id": "987654321"})
    sandbox.advance(60)
    second = connector.read(config_of(sandbox), catalog(stream), first.state_file())
    assert second.code == 0 and not second.errors()
    news = [row for row in second.records() if not row.get("_deleted")]
    assert keys(stream, news) == keys(stream, [changed]) and news[0]["made_up"] == "new"
    [marker] = [row for row in second.records() if row.get("_deleted")]
    injected = {"projectId", "projectSlug"} & gone.keys()
    assert set(marker) == {*ALL[stream]["primary_key"], "_deleted"} | (injected if "projectId" in marker else set())
    assert keys(stream, [marker]) == keys(stream, [gone]) and marker[key] == made_up
    third = connector.read(config_of(sandbox), catalog(stream), second.state_file())
    assert third.code == 0 and not third.records()


@pytest.mark.parametrize("fault, code", [
    ({"status": 403, "body": '{"detail":"You do not have permission to perform this action."}'}, 1),
    ({"status": 404, "body": ""}, 1),
    ({"status": 200, "body": "[]"}, 0),
], ids=["refused", "off", "empty"])
@pytest.mark.parametrize("stream", ["teams", "issue_alert_rules", "sentry_apps"])
def test_a_list_that_shows_nothing_says_nothing_of_its_rows(connector, start_sandbox, stream, fault, code):
    sandbox = start_sandbox(*SMALL)
    first = connector.read(config_of(sandbox), catalog(stream))
    path = {"teams": "acme/teams/", "issue_alert_rules": "/rules/", "sentry_apps": "/sentry-apps/"}[stream]
    sandbox.faults({"path": path, "times": -1, **fault})
    second = connector.read(config_of(sandbox), catalog(stream), first.state_file())
    assert second.code == code and not second.records()
    sandbox.control("DELETE", "faults")
    third = connector.read(config_of(sandbox), catalog(stream), second.state_file())
    assert third.code == 0 and not third.records()


def test_a_list_that_fails_on_its_second_page_says_nothing_of_the_rows_behind(connector, start_sandbox):
    sandbox = start_sandbox(*SMALL)
    for number in range(250):
        sandbox.change(put_row={"shelf": "repositories", "owner": "", "row": {
            "id": str(5000 + number), "name": f"acme/more-{number:03}", "status": "active"}})
    first = connector.read(config_of(sandbox), catalog("repositories"))
    assert len(first.records()) > 250
    sandbox.faults({"path": "cursor=", "times": -1, "status": 403, "body": '{"detail":"no"}'})
    second = connector.read(config_of(sandbox), catalog("repositories"), first.state_file())
    assert second.code == 1 and not second.records()
    sandbox.control("DELETE", "faults")
    third = connector.read(config_of(sandbox), catalog("repositories"), second.state_file())
    assert third.code == 0 and not third.records()


def renamed_after(connector, sandbox):
    """Two runs, a row that goes and a project that is renamed between them: the row, its project, the second run."""
    first = connector.read(config_of(sandbox), catalog("project_environments"))
    gone = first.records()[0]
    sandbox.change(remove_row={"shelf": "project_environments", "owner": gone["projectId"], "id": gone["id"]})
    sandbox.change(rename_project={"from": gone["projectSlug"], "to": "another-name"})
    sandbox.advance(60)
    second = connector.read(config_of(sandbox), catalog("project_environments"), first.state_file())
    assert second.code == 0
    return gone, second


def test_what_is_gone_from_a_project_that_was_renamed_leaves_its_key(connector, start_sandbox):
    gone, second = renamed_after(connector, start_sandbox(*SMALL))
    assert keys("project_environments", [row for row in second.records() if row.get("_deleted")]) == keys(
        "project_environments", [gone])


def test_the_records_of_a_project_that_was_renamed_come_with_its_name(connector, start_sandbox):
    gone, second = renamed_after(connector, start_sandbox(*SMALL))
    left = [row for row in second.records() if row["projectId"] == gone["projectId"] and not row.get("_deleted")]
    assert left and {row["projectSlug"] for row in left} == {"another-name"}
