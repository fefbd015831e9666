"""The connector asks only what Sentry's OpenAPI description, or a table beside it, allows.

support/sandbox.py holds every request of every other test against the same; here are all the ways of asking, and the
proof that the check refuses what is wrong."""

import contextlib
import urllib.error
import urllib.request

import pytest
from support.connector import catalog
from support.contract import BEYOND_OPENAPI, refusals, route_of
from support.protocol import needs_shared

pytestmark = needs_shared

RENAMED = {"rename_project": {"from": "web", "to": "website"}}
OLD = ["--quirk", "no-org-issues", "--quirk", "no-org-projects", "--quirk", "ignore-window"]
BAD_PROJECT = {"path": "/releases/", "times": 1, "status": 400, "body": '{"detail":"Invalid project parameter."}'}

# All that sends the connector other ways: options of the sandbox, the configuration, faults, changes of the world.
WAYS = {
    "plain": {},
    "an integration": {"config": {"auth_token": "sandbox-integration"}},
    "only issues": {"config": {"auth_token": "sandbox-scopes-event.read"}},
    "only projects": {"config": {"auth_token": "sandbox-scopes-project.read"}},
    "a CI token": {"config": {"auth_token": "sntrys_ci-token"}},
    "an expired token": {"config": {"auth_token": "sandbox-expired"}},
    "an unknown project": {"config": {"project": "wbe"}},
    "an unknown organization": {"config": {"organization": "acne"}},
    "a renamed project": {"world": RENAMED},
    "a path prefix": {"options": ["--prefix", "/sentry"]},
    "nothing there": {"options": ["--events", 0, "--issues", 0, "--releases", 0]},
    "many windows": {"options": ["--events", 3000, "--projects", 1, "--event-size", "small"]},
    "many pages": {"options": ["--issues", 1000, "--projects", 230, "--releases", 250, "--event-size", "small"]},
    "an old server": {"options": [*OLD, "--projects", 230, "--issues", 1000, "--event-size", "small"]},
    "an old server's errors": {"options": ["--quirk", "old-errors", "--quirk", "project-slug-strict"]},
    "long full pages": {"options": ["--quirk", "uncapped-full"]},
    "no links": {"options": ["--quirk", "no-link"]},
    "an error in the middle": {"faults": [{"path": "cursor=", "after": 5, "times": 1, "status": 502}]},
    "a parameter that is refused": {"faults": [BAD_PROJECT]},
    "a rate limit": {"faults": [{"path": "/issues/", "times": 1, "rate_limited": 1}]},
}


def ask_in_every_way(connector, sandbox, config, faults):
    """Every command: reads in both modes, and reads that go on from their end and from their middle."""
    sandbox.faults(*faults)
    connector.check(config)
    connector.discover(config)
    connector.read(config, catalog(sync_mode="full_refresh"))
    first = connector.read(config, catalog())
    on_the_way = [message["state"] for message in first.of("STATE")
                  if "position" in message["state"]["stream"]["stream_state"]]
    for saved in (first.state_file(), on_the_way[-1:]):
        connector.read(config, catalog(), saved)


@pytest.mark.parametrize("way", WAYS)
def test_the_connector_asks_only_what_sentry_knows(connector, start_sandbox, way):
    way = WAYS[way]
    sandbox = start_sandbox(*way.get("options", []))
    if "world" in way:
        sandbox.change(**way["world"])
    ask_in_every_way(connector, sandbox, sandbox.config(**way.get("config", {})), way.get("faults", []))
    assert sandbox.requests()
    sandbox.check_requests()


def ask_for_changes(connector, sandbox):
    config = sandbox.config(issues_refresh="PT1S", releases_refresh="P30D")
    first = connector.read(config, catalog("issues", "releases"))
    sandbox.change(delete_issue=first.ids("issues")[0])
    sandbox.advance(60)
    connector.read(config, catalog("issues", "releases"), first.state_file())


def test_every_row_of_the_table_is_used(connector, start_sandbox):
    used = set()
    for options in WAYS["many pages"]["options"], WAYS["an old server"]["options"]:
        sandbox = start_sandbox(*options)
        ask_in_every_way(connector, sandbox, sandbox.config(), [])
        connector.read(sandbox.config(event_bodies="detail"), catalog("events"))
        ask_for_changes(connector, sandbox)
        used |= {(route_of(request["path"].removeprefix("/api/0")), name)
                 for request in sandbox.requests() for name in request["params"]}
    for route, parameters, source in BEYOND_OPENAPI:
        for name in parameters:
            assert (route, name) in used, (route, name, source)


START, END = "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"
EVENTS, ISSUES = "/api/0/projects/acme/web/events/", "/api/0/organizations/acme/issues/"


@pytest.mark.parametrize("method, path, params, says", [
    ("GET", "/api/0/projects/acme/web/nonsense/", {}, "no such route"),
    ("GET", "/api/0/projects/acme/web", {}, "no such route"),
    ("GET", "/projects/acme/web/", {}, "no such route"),
    ("POST", EVENTS, {}, "no such route"),
    ("GET", EVENTS, {"limit": ["10"]}, "no parameter limit"),
    ("GET", EVENTS, {"full": ["yes"]}, "takes no full"),
    ("GET", EVENTS, {"full": ["true", "true"]}, "takes no full"),
    ("GET", EVENTS, {"per_page": ["101"]}, "takes no per_page"),
    ("GET", EVENTS, {"cursor": [""]}, "takes no cursor"),
    ("GET", EVENTS, {"start": [START]}, "belong together"),
    ("GET", EVENTS, {"start": [END], "end": [START]}, "range is empty"),
    ("GET", EVENTS, {"start": [START], "end": [START]}, "range is empty"),
    ("GET", EVENTS, {"start": ["2026-01-01T00:00:00"], "end": [END]}, "takes no start"),
    ("GET", ISSUES, {"sort": ["lastSeen"]}, "takes no sort"),
    ("GET", ISSUES, {"per_page": ["100"]}, "no parameter per_page"),
    ("GET", ISSUES, {"limit": ["many"]}, "takes no limit"),
    ("GET", ISSUES, {"query": ["lastSeen:>yesterday"]}, "no term of an issue search"),
])
def test_the_check_refuses_what_sentry_does_not_know(method, path, params, says):
    request = {"method": method, "path": path, "params": params, "query": "", "user_agent": "source-sentry/0"}
    assert says in " ".join(refusals(request))


@pytest.mark.parametrize("target", ["/api/0/organizations/acme/issues/?per_page=5", "/api/0/teams/", "/nowhere/"])
def test_a_sandbox_holds_every_request_against_it(start_sandbox, target):
    sandbox = start_sandbox()
    request = urllib.request.Request(sandbox.url + target, headers={"User-Agent": "source-sentry/0",
                                                                    "Authorization": "Bearer sandbox-token"})
    with contextlib.suppress(urllib.error.HTTPError):
        urllib.request.urlopen(request).close()
    with pytest.raises(AssertionError, match="no such route|no parameter"):
        sandbox.reset()
    sandbox.control("DELETE", "requests")  # or the end of this test would say it again


def test_the_check_takes_what_sentry_knows():
    good = {"method": "GET", "path": ISSUES, "user_agent": "source-sentry/0", "query": "", "params": {
        "project": ["4507", "web"], "start": [START], "end": [END], "sort": ["date"], "limit": ["100"],
        "query": [f"lastSeen:>={START} lastSeen:<{END}"], "cursor": ["1:0:0"]}}
    assert refusals(good) == []
    assert refusals({**good, "path": "/sentry" + ISSUES}, "/sentry") == []
