"""What stands before Sentry (a firewall, a login, a cache, a captive portal) is not taken for Sentry, and no answer of
its is taken for data."""

import pytest
from support.connector import catalog
from support.fast_time import fast
from support.hostile import HostileServer, sentry_with

PAGE = "<!DOCTYPE html><html><title>Denied</title></html>"
FRONTS = {  # an answer in place of the list of events, and what is said
    "a login by Basic": ({"status": 401, "headers": {"WWW-Authenticate": 'Basic realm="intern"'}, "body": ""},
                         "wants a login of its own"),
    "a login's page": ({"status": 401, "body": PAGE}, "wants a login of its own"),
    "a firewall": ({"status": 403, "body": PAGE}, "such as a firewall"),
    "a redirect to a login": ({"status": 302, "headers": {"Location": "/auth/login/?next=x"}, "body": ""},
                              "wants a login"),
    "a slash": ({"status": 301, "headers": {"Location": "/api/0/projects/acme/web/events"}, "body": ""},
                "changes addresses"),
    "a captive portal": ({"status": 511, "body": PAGE}, "network here wants a login"),
}


@pytest.mark.parametrize("command", ["read", "check"])
@pytest.mark.parametrize("front", FRONTS)
def test_a_front_is_told_from_sentry(connector, serve, command, front):
    answer, said = FRONTS[front]
    server = serve(sentry_with("/web/events/", lambda target: answer))
    if command == "read":
        run = connector.read(server.config(), catalog("events"))
        error, = run.errors("events")
        assert run.code == 1 and error["failure_type"] == "config_error"
        message = error["message"]
    else:
        message = connector.check(server.config()).connection_status()["message"]
    assert said in message, message
    assert "scope" not in message and "Create a new one" not in message, message


def test_a_front_before_a_projects_details_spoils_no_record(connector, serve):
    """Projects that the token may not see in detail are written as they were listed; this one it may."""
    listed = {"id": "4507", "slug": "web", "dateCreated": "2025-01-01T00:00:00Z"}

    def respond(target):
        if "/projects/?" in target:
            return {"body": [listed], "headers": {"Link": '<u>; rel="next"; results="false"; cursor="0:1:0"'}}
        return {"status": 403, "body": PAGE}

    server = serve(sentry_with("/projects/", respond))
    run = connector.read(server.config(), catalog("projects"))
    assert run.code == 1 and not run.records("projects")
    assert "such as a firewall" in run.errors("projects")[0]["message"]


@pytest.mark.parametrize("status", [202, 204, 206, 300, 304, 305])
def test_a_status_that_is_no_answer_is_no_empty_list(connector, serve, status):
    server = serve(sentry_with("/web/events/", lambda target: {"status": status, "body": ""}))
    run = connector.read(server.config(), catalog("events"), env=fast(100))
    error = run.errors("events")[0]
    assert run.code == 1 and run.statuses("events")[-1]["status"] == "INCOMPLETE"
    assert f"HTTP {status}" in error["message"] and "redirects" not in error["message"], error


def without_end(head, most=200_000_000):
    """An answer that goes on until nobody listens; `most`: what even the largest of them is given up before."""
    def answer(connection):
        connection.sendall(head)
        for _ in range(most // 65536):
            connection.sendall(b" " * 65536)
        connection.sendall(b'"}')  # it ends after all, and is something
    return answer


HEAD = b"HTTP/1.1 %d Whatever\r\nConnection: close\r\nDate: Thu, 15 Jan 2026 12:00:00 GMT\r\n\r\n"
DOCUMENTS = {"a project": "/api/0/projects/acme/web/", "a count": "field=count", "ids": "field=id",
             "an event": "/web/events/e1/"}


@pytest.mark.parametrize("document", DOCUMENTS)
def test_an_answer_that_is_no_list_of_records_is_held_to_its_size(connector, serve, document):
    """Each in its place; all else is a server with one event, whose bodies are asked for one by one."""
    row = b'{"id": "e1", "dateCreated": "2026-01-10T00:00:00Z"}'
    ids = b'{"data": [{"id": "e1", "timestamp": "2026-01-10T00:00:00+00:00"}]}'

    def respond(target):
        if DOCUMENTS[document] in target and not (document == "a project" and "events" in target):
            return without_end(HEAD % 200 + b'{"id": "')
        if "field=count" in target:
            return {"body": '{"data": [{"count()": 1}], "meta": {}}'}
        if "field=id" in target:
            return {"body": ids, "headers": {"Link": '<u>; rel="next"; results="false"; cursor="0:1:0"'}}
        if "/events/" in target:
            return {"body": row if "/web/events/e1/" in target else b"[" + row + b"]"}
        return {"body": '{"id": "4507", "slug": "web"}'}

    server = serve(HostileServer(respond))
    run = connector.read(server.config(event_bodies="detail"), catalog("events", "project_detail"), env=fast(20))
    said = " ".join(error["message"] for error in run.errors()) + " ".join(run.logs("INFO") + run.logs("WARN"))
    assert "larger than" in said, said  # and not cut, or too large for something else
    assert run.ids("events") == ["e1"] or document in ("ids", "an event")


@pytest.mark.parametrize("status, said", [(401, "does not accept the token"), (403, "may not read"),
                                          (400, "does not accept the request")])
def test_a_refusal_without_an_end_is_told_as_what_it_is(connector, serve, status, said):
    server = serve(sentry_with("/web/events/", lambda target: without_end(HEAD % status + b'{"detail": "no ')))
    run = connector.read(server.config(), catalog("events"))
    assert run.code == 1 and said in run.errors("events")[0]["message"], run.errors("events")
