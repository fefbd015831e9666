"""Links and redirects: only the cursor is taken from them, and the token goes to the configured origin alone."""

import json
import urllib.parse

import pytest
from support.connector import STREAMS, catalog, state
from support.fast_time import fast
from support.hostile import PROJECT, HostileServer, event, link, page_of, sentry_with

SAVED = state(events={"dateCreated": "2026-01-09T23:59:00Z"})


def read_events(connector, serve, respond, **more):
    return connector.read(serve(sentry_with("/events/", respond)).config(), catalog("events"), SAVED, **more)


@pytest.fixture
def thief(serve):
    """A server that must never hear of us."""
    server = serve(HostileServer(lambda target: {"body": [event(666)], "headers": link()}))
    yield server
    assert server.heads == []


@pytest.mark.parametrize("header", [
    None, "", "garbage", "<u", '<u>; rel="next"; results="true"', '<u>; rel="next"; cursor="0:10:0"',
    '<u>; rel="next"; results="true"; cursor=""', '<u>; rel="next"; results="true"; cursor="0:10:0',
    '<u>; rel=next results=true', '<u>; rel="prev"; results="true"; cursor="0:10:0"', "<>" * 5000,
], ids=["missing", "empty", "garbage", "no end", "no cursor", "no results", "empty cursor", "no closing quote",
        "no separators", "no next", "very long"])
@pytest.mark.parametrize("stream, path, rows", [("events", "/events/", 10), ("project_keys", "/keys/", 10)])
def test_a_full_page_whose_link_says_nothing_fails(connector, serve, stream, path, rows, header):
    page = {"body": [event(number) for number in range(rows)], "headers": {"Link": header}}
    server = serve(sentry_with(path, lambda target: page))
    process = connector.start("read", server.config(), catalog(stream))
    lines = [json.loads(line) for line in process.communicate(timeout=30)[0].splitlines()]
    assert process.returncode == 1
    errors = [line["trace"]["error"]["message"] for line in lines
              if line["type"] == "TRACE" and line["trace"]["type"] == "ERROR"]
    assert "Link header" in errors[0]


NOWHERE = ["", "garbage", '<u>; rel="next"; results="true"; cursor=""', '<u>; rel="next"; results="tru', '<u>; rel="next"',
           '<a>; rel=preload, <u>; rel="previous"; results="false"; cursor="0:0:1"']


@pytest.mark.parametrize("header", NOWHERE)
def test_a_link_that_leads_nowhere_is_the_end_of_no_list(connector, serve, header):
    """However short the page is: the marks stay where they were."""
    run = read_events(connector, serve, lambda target: {"body": [event(1)], "headers": {"Link": header}})
    assert run.code == 1 and "Link header" in run.errors("events")[0]["message"] and run.ids("events") == ["e1"]
    assert run.states("events")[-1]["dateCreated"] == "2026-01-09T23:59:00.000000Z"


# Every head says the same as Sentry's own: more follows at 0:1:0.
SENTRYS = '<u?a=1,2>; rel="previous"; results="false"; cursor="0:0:1", <u>; rel="next"; results="true"; cursor="0:1:0"'
HEADS = {
    "another's line before it": ["Link: </style.css>; rel=preload; as=style", f"Link: {SENTRYS}"],
    "another's line behind it": [f"Link: {SENTRYS}", "Link: </style.css>; rel=preload; as=style"],
    "a line for each entry": [f"Link: {part}" for part in SENTRYS.replace('1", <u>', '1"\n<u>').split("\n")],
    "folded": ["Link: " + SENTRYS.replace("; ", ";\r\n\t")],
    "folded before it begins": [f"Link:\r\n {SENTRYS}"],
    "in other cases": ["lInK: " + SENTRYS.replace("next", "Next").replace("true", "TRUE").replace("results", "RESULTS")],
    "with white space": ["Link:\t" + SENTRYS.replace("=", " = ").replace("1:0", "1:0 ") + " \t"],
    "early hints before it": [f"Link: {SENTRYS}"],
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("body", [
    'Content-Length: {0}\r\n\r\n{1}', 'Transfer-Encoding: chunked\r\n\r\n{0:x}\r\n{1}\r\n0\r\n\r\n',
    'Transfer-Encoding: chunked\r\nTrailer: X-Sum, Link\r\n\r\n{0:x}\r\n{1}\r\n0\r\nX-Sum: 9\r\nLink: <t>\r\n\r\n',
], ids=["whole", "chunked", "with a trailer"])
def test_a_link_is_read_as_http_writes_header_fields(connector, serve, head, body):
    page = json.dumps([event(1)])
    lines = ["HTTP/1.1 200 OK", "Connection: close", *HEADS[head]]
    if head == "early hints before it":
        lines = ["HTTP/1.1 103 Early Hints", "Link: </style.css>; rel=preload", "", *lines]
    first = ("\r\n".join(lines) + "\r\n" + body.format(len(page), page)).encode()
    run = read_events(connector, serve, lambda target: page_of(2) if "cursor=" in target else first)
    assert run.code == 0 and run.ids("events") == ["e1", "e2"] and not run.logs("WARN")


def test_an_unquoted_link_is_understood(connector, serve):
    """RFC 8288 allows it, and proxies write headers anew."""
    page = {**page_of(*range(10)), "headers": {"Link": "<u>; rel=next; results=true; cursor=0:10:0"}}
    run = read_events(connector, serve, lambda target: page_of(10) if "cursor=" in target else page)
    assert run.code == 0 and len(run.ids("events")) == 11


def test_an_empty_page_that_is_not_the_last_is_passed_over(connector, serve):
    pages = {"": page_of(1, cursor="0:1:0"), "0:1:0": page_of(cursor="0:2:0"), "0:2:0": page_of(cursor="0:3:0"),
             "0:3:0": page_of(2)}
    run = read_events(connector, serve, lambda target: pages[cursor_of(target)])
    assert run.code == 0 and run.ids("events") == ["e1", "e2"]


def cursor_of(target):
    return target.partition("cursor=")[2].replace("%3A", ":")


def test_empty_pages_without_end_are_given_up(connector, serve):
    calls = []

    def respond(target):
        calls.append(target)
        return page_of(cursor=f"0:{len(calls)}:0")

    run = read_events(connector, serve, respond)
    assert run.code == 1 and "one empty page after another" in run.errors("events")[0]["message"]
    assert 200 <= len(calls) < 210
    assert run.states("events")[-1]["dateCreated"] == "2026-01-09T23:59:00.000000Z"


@pytest.mark.parametrize("cycle", [1, 2, 7])
@pytest.mark.parametrize("path, stream", [("/keys/", "project_keys"), ("/issues/", "issues"),
                                          ("/releases/", "releases")])
def test_a_cursor_that_repeats_ends_every_list(connector, serve, path, stream, cycle):
    """Also where the pages are empty."""
    calls = []

    def respond(target):
        calls.append(target)
        return page_of(cursor=f"0:{len(calls) % cycle}:0")

    run = connector.read(serve(sentry_with(path, respond)).config(), catalog(stream))
    assert run.code == 1 and "circle" in run.errors(stream)[0]["message"]
    assert len(calls) <= cycle + 4


@pytest.mark.parametrize("cursor", ["//evil/", "http://127.0.0.1:1/", "0:1:0&project=2", "a b%0d%0aX: y", "../../..",
                                    "\u00fc"])
def test_a_cursor_is_nothing_but_a_parameter(connector, serve, cursor):
    targets = []

    def respond(target):
        targets.append(target)
        return page_of(2) if len(targets) > 1 else page_of(1, cursor=cursor)

    server = serve(HostileServer(
        lambda target: {"body": PROJECT} if target.endswith("/web/") else respond(target)))
    run = connector.read(server.config(), catalog("events"), SAVED)
    assert run.code == 0 and run.ids("events") == ["e1", "e2"]
    assert targets[1].partition("?")[0] == targets[0].partition("?")[0]
    assert urllib.parse.parse_qs(targets[1].partition("?")[2])["cursor"] == [cursor]
    headers = {head.count(b"\r\n") for head in server.heads}
    assert len(headers) == 1, "a header was smuggled in"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("command", ["read", "check"])
def test_a_redirect_to_another_host_does_not_carry_the_token_there(connector, serve, thief, status, command):
    """Not for a page, not for the project itself."""
    answer = {"status": status, "body": "", "headers": {"Location": f"{thief.url}/api/0/projects/acme/web/"}}
    server = serve(HostileServer(lambda target: answer))
    run = connector.run(*connector.arguments(command, server.config(), *([catalog()] if command == "read" else [])))
    if command == "check":
        assert run.connection_status()["status"] == "FAILED" and thief.url in run.connection_status()["message"]
        return
    assert run.code == 1 and not run.of("RECORD")
    for stream in STREAMS:
        assert thief.url in run.why(stream)
        assert run.errors(stream)[0]["failure_type"] == "config_error"


@pytest.mark.parametrize("location", ["//{thief}/api/0/projects/acme/web/events/", "http:\\\\{thief}/",
                                      "http://127.0.0.1@{thief}/"])
def test_a_redirect_of_a_page_in_any_spelling_stays_unfollowed(connector, serve, thief, location):
    where = location.format(thief=thief.url.removeprefix("http://"))
    run = read_events(connector, serve, lambda target: {"status": 302, "body": "", "headers": {"Location": where}})
    assert run.code == 1 and "redirects" in run.errors("events")[0]["message"]


@pytest.mark.parametrize("slug", ["web2", "../../../evil", "//{thief}/", "a/b", "a?b#c", "{url}"])
def test_a_renamed_project_leads_to_no_other_host(connector, serve, thief, slug):
    """Sentry tells a new slug in the body of a redirect; whatever stands there is one path segment of ours."""
    slug = slug.format(thief=thief.url.removeprefix("http://"), url=thief.url)
    moved = {"status": 302, "headers": {"Location": f"{thief.url}/x"},
             "body": {"slug": slug, "detail": {"code": "resource-moved", "extra": {"url": thief.url, "slug": slug}}}}
    server = serve(HostileServer(
        lambda target: moved if target == "/api/0/projects/acme/web/" else
        {"body": {**PROJECT, "slug": slug}} if target.count("/") == 6 and target.endswith("/") else page_of(1)))
    run = connector.read(server.config(), catalog("events"))
    assert run.code == 0 and run.ids("events") == ["e1"]
    own = [target for target in server.targets if "count()" not in target]
    assert all(target.startswith("/api/0/projects/acme/") and ".." not in target.split("/") and target.count("/") <= 7
               for target in own), own


def test_links_in_a_project_lead_nowhere(connector, serve, thief):
    """A regionUrl, and the address of the project itself."""
    project = {**PROJECT, "links": {"regionUrl": thief.url, "organizationUrl": thief.url}, "url": thief.url,
               "organization": {"slug": "acme", "links": {"regionUrl": thief.url}, "regionUrl": thief.url}}
    server = serve(HostileServer(
        lambda target: {"body": project} if target.endswith("/web/") else
        {"body": [project], "headers": link(where=thief.url)} if "/projects/?" in target else
        {**page_of(1), "headers": link(where=thief.url)}))
    process = connector.start("read", server.config(), catalog("events", "projects", "all_projects_detail"))
    stdout, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and stdout.count(b'"type":"RECORD"') == 3
    assert connector.check(server.config()).connection_status()["status"] == "SUCCEEDED"


def test_the_replacement_of_a_brown_out_leads_to_no_other_host(connector, serve, thief):
    gone = {"status": 410, "body": {"message": "This API no longer exists."},
            "headers": {"X-Sentry-Replacement-Endpoint": f"{thief.url}/api/0/x/", "Location": thief.url}}
    run = read_events(connector, serve, lambda target: gone, env=fast(300))
    assert run.code == 1


def test_the_next_link_of_a_server_behind_a_proxy_is_not_followed(connector, start_sandbox, thief):
    """A Sentry that takes itself for another host writes that into every link."""
    sandbox = start_sandbox("--public-url", thief.url, "--event-size", "small")
    run = connector.read(sandbox.config(), catalog("events"))
    assert run.code == 0 and sorted(run.ids("events")) == sorted(row["id"] for row in sandbox.truth()["events"])
