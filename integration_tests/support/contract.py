"""Sentry's public OpenAPI description: what its answers look like, and which requests it takes. What it lacks of the
requests stands in one table, each row with the section of SHARED/reference/sentry-api.md that knows it."""

import copy
import functools
import json
import re
import urllib.parse
from datetime import datetime

from .protocol import SHARED, has_shared

BASE = "/api/0"
ORGANIZATION, PROJECT = "{organization_id_or_slug}", "{project_id_or_slug}"
DATE = {"type": "string", "format": "date-time"}
CURSOR = {"type": "string", "minLength": 1}

# What the OpenAPI lacks: path, parameters, section of sentry-api.md.
BEYOND_OPENAPI = [
    ("/projects/", {"per_page": {"type": "integer"}, "cursor": CURSOR}, "1.5, 4.1: deprecated, across organizations"),
    (f"/organizations/{ORGANIZATION}/releases/", {"status": {"type": "string", "enum": ["", "open", "archived"]}},
     "4.5: open unless asked otherwise, empty means both"),
    (f"/organizations/{ORGANIZATION}/releases/", {"start": DATE, "end": DATE}, "4.5: they filter dateCreated"),
    (f"/organizations/{ORGANIZATION}/events/", {"sort": {"type": "array", "items": {"type": "string"}}},
     "4.9: repeatable"),
    (f"/organizations/{ORGANIZATION}/issues/", {"group": {"type": "array", "items": {"type": "integer"}}},
     "4.2: exactly those ids, whatever the query and the dates say"),
    (f"/projects/{ORGANIZATION}/{PROJECT}/events/", {"per_page": {"type": "integer"}}, "2.3"),
    (f"/projects/{ORGANIZATION}/{PROJECT}/keys/", {"per_page": {"type": "integer"}}, "2.3"),
]
ORG, PROJ = f"/organizations/{ORGANIZATION}/", f"/projects/{ORGANIZATION}/{PROJECT}/"
PAGE = {"per_page": {"type": "integer"}, "cursor": CURSOR}
OF_ALL = {"project": {"type": "integer"}}
# The same of the streams beyond the core, whose paths are mostly private (all-streams.md 4): path, parameters.
BEYOND_THE_CORE = {
    # The log of an integration's webhooks, by its name of today and that of 23.7.1 (all-streams.md, 7.3).
    "/sentry-apps/{sentry_app}/webhook-requests/": {"errorsOnly": {"enum": ["true"]}},
    "/sentry-apps/{sentry_app}/requests/": {"errorsOnly": {"enum": ["true"]}},
    "/organizations/": PAGE,
    ORG + "members/": PAGE,
    ORG + "users/": OF_ALL,
    ORG + "repos/": PAGE,
    ORG + "environments/": OF_ALL,
    ORG + "detectors/": PAGE,
    ORG + "workflows/": PAGE,
    ORG + "workflows/{workflow_id}/group-history/": PAGE,
    ORG + "open-periods/": {**PAGE, "groupId": {"type": "integer"}},
    ORG + "monitors/": {**PAGE, "sort": {"enum": ["name"]}, "asc": {"enum": ["1"]}},
    ORG + "alert-rules/": {**PAGE, **OF_ALL},
    ORG + "incidents/": {**PAGE, **OF_ALL},
    ORG + "uptime/": {**PAGE, **OF_ALL},
    ORG + "notifications/actions/": PAGE,
    ORG + "dashboards/": {"sort": {"enum": ["dateCreated"]}},
    ORG + "searches/": {"use_org_level": {"enum": ["1"]}},
    ORG + "builds/": {**PAGE, **OF_ALL},
    ORG + "sessions/": {"cursor": CURSOR},
    # What keeps Sentry from answering from a sample.
    ORG + "events/": {"sampling": {"enum": ["HIGHEST_ACCURACY"]}, "disableAggregateExtrapolation": {"enum": ["1"]},
                      "projectSlug": {"type": "array", "items": {"type": "string"}}},
    ORG + "user-feedback/": {**PAGE, **OF_ALL, "status": {"enum": [""]}, "start": DATE, "end": DATE},
    ORG + "integrations/": {**PAGE, "includeConfig": {"enum": ["0"]}},
    ORG + "sentry-apps/": PAGE,
    ORG + "sentry-app-installations/": PAGE,
    ORG + "forwarding/": PAGE,
    ORG + "api-keys/": {},
    ORG + "audit-logs/": PAGE,
    ORG + "issues/{issue_id}/notes/": PAGE,
    ORG + "issues/{issue_id}/activities/": {},
    ORG + "issues/{issue_id}/tags/": {},
    ORG + "issues/{issue_id}/tags/{key}/values/": PAGE,
    ORG + "issues/{issue_id}/attachments/": PAGE,
    ORG + "issues/{issue_id}/hashes/": PAGE,
    ORG + "releases/{version}/deploys/": PAGE,
    ORG + "releases/{version}/commits/": PAGE,
    ORG + "releases/{version}/files/": PAGE,
    f"/teams/{ORGANIZATION}/{{team_id_or_slug}}/members/": PAGE,
    ORG + "monitors/{monitor_id_or_slug}/checkins/": {**PAGE, "start": DATE, "end": DATE},
    PROJ + "teams/": PAGE,
    PROJ + "users/": PAGE,
    PROJ + "hooks/": PAGE,
    PROJ + "plugins/": {},
    PROJ + "rules/": PAGE,
    PROJ + "codeowners/": {},
    PROJ + "files/dsyms/": PAGE,
    PROJ + "files/source-maps/": {**PAGE, "sortBy": {"enum": ["date_added"]}},
    PROJ + "files/artifact-bundles/": {**PAGE, "sortBy": {"enum": ["date_added"]}},
    PROJ + "tags/": {"includeValuesSeen": {"enum": ["0"]}},
    PROJ + "tags/{key}/values/": PAGE,
    # Servers before 2023 have an issue's lists here, and GlitchTip has its comments.
    "/issues/{issue_id}/notes/": PAGE,
    "/issues/{issue_id}/comments/": PAGE,
    "/issues/{issue_id}/activities/": {},
    "/issues/{issue_id}/tags/": {},
    "/issues/{issue_id}/tags/{key}/values/": {**PAGE, "sort": {"enum": ["date"]}},
    "/issues/{issue_id}/attachments/": PAGE,
    "/issues/{issue_id}/hashes/": {**PAGE, "full": {"type": "boolean"}},
    "/issues/{issue_id}/events/": {**PAGE, "full": {"type": "boolean"}, "start": DATE, "end": DATE},
    "/monitors/{monitor_id}/checkins/": {**PAGE, "start": DATE, "end": DATE},
}
# Page sizes are bounded everywhere, beyond which per_page is refused and limit is cut (sentry-api.md 2.3).
PAGE_SIZES = {"per_page": range(1, 101), "limit": range(1, 101)}
# But in these datasets of Explore (2.3).
LONG_PAGES = {"logs": range(1, 10_000), "tracemetrics": range(1, 10_000)}
# The terms of an issue search that the connector has a use for (sentry-api.md 4.2).
ISSUE_TERM = re.compile(r"(lastSeen:(>=|<)|firstSeen:<)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ|issue\.category:feedback")
# Those who talk to a sandbox beside the connector: the tests themselves, and other connectors to compare with.
OTHERS = ("Python-urllib/", "python-requests/", "curl/")


@functools.cache
def openapi():
    return json.loads((SHARED / "data" / "sentry-openapi.json").read_text())


@functools.cache
def routes():
    """What may be asked: path (with {names}) to its parameters and their schemas."""
    found = {path.removeprefix(BASE): {parameter["name"]: parameter["schema"]
                                       for parameter in methods["get"].get("parameters", [])
                                       if parameter["in"] == "query"}
             for path, methods in openapi()["paths"].items() if "get" in methods}
    for path, parameters, _ in BEYOND_OPENAPI:
        found[path] = {**found.get(path, {}), **parameters}
    for path, parameters in BEYOND_THE_CORE.items():
        found[path] = {**found.get(path, {}), **parameters}
    # A list that lacks rows is asked for in GlitchTip's page size too, which Sentry ignores (2.3).
    for path, parameters in found.items():
        if "per_page" in parameters and not path.endswith("/events/"):
            parameters.setdefault("limit", {"type": "integer"})
    return found


@functools.cache
def route_of(path):
    """The route that a path belongs to. Fixed parts go before {names}, as in Sentry's own table."""
    fitting = [route for route in routes()
               if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(route)), path)]
    return min(fitting, key=lambda route: route.count("{"), default=None)


def refusals(request, prefix=""):
    """What is wrong with one request of a sandbox's log: texts, none where it is allowed."""
    if request["user_agent"].startswith(OTHERS):
        return []
    path = request["path"].removeprefix(prefix + BASE)
    route = route_of(path) if path != request["path"] else None
    if request["method"] != "GET" or route is None:
        return [f"no such route: {request['method']} {request['path']}"]
    known = routes()[route]
    wrong = []
    for name, values in request["params"].items():
        sizes = LONG_PAGES.get(request["params"].get("dataset", [""])[0]) or PAGE_SIZES.get(name)
        if name not in known:
            wrong.append(f"{route} has no parameter {name}")
        elif not fits(values, known[name]) or (name in PAGE_SIZES and int(values[0]) not in sizes):
            wrong.append(f"{route} takes no {name}={values}: {known[name]}")
    return wrong + bad_range(request["params"]) + bad_search(route, request["params"])


def bad_range(params):
    """Both ends or none, and in order: all else is HTTP 400 (sentry-api.md 1.4)."""
    if ("start" in params) != ("end" in params):
        return ["start and end belong together"]
    ends = [time_of(params[name][0]) for name in ("start", "end") if name in params]
    return ["the range is empty"] if None not in ends and ends != sorted(set(ends)) else []


def bad_search(route, params):
    terms = params.get("query", [""])[0].split() if route.endswith("/issues/") else []
    return [f"no term of an issue search: {term}" for term in terms if not ISSUE_TERM.fullmatch(term)]


def fits(values, schema):
    """Whether the texts of a query string can stand for a parameter of this schema."""
    if schema.get("type") == "array":
        return all(fits([value], schema["items"]) for value in values)
    if len(values) != 1:
        return False
    if "anyOf" in schema:
        return any(fits(values, one) for one in schema["anyOf"])
    value, kind = values[0], schema.get("type", "string")
    if kind == "boolean":
        return value in ("true", "false")
    if kind == "integer":
        return re.fullmatch(r"-?\d+", value) is not None
    return (value in schema.get("enum", [value]) and len(value) >= schema.get("minLength", 0)
            and (schema.get("format") != "date-time" or time_of(value) is not None))


def time_of(text):
    """The time that an RFC 3339 text with a zone means; none where it is none."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", text):
        return None
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def check_requests(requests, prefix=""):
    """Raises for the first request of a sandbox's log that Sentry does not know; none without the description."""
    if not has_shared():
        return
    for request in requests:
        wrong = refusals(request, prefix)
        assert not wrong, f"{request['method']} {urllib.parse.unquote(request['path'])}?{request['query']}: {wrong}"


def answer_schema(route):
    """The JSON schema of a route's answer, closed: an object may have no property that is not described."""
    return as_json_schema(copy.deepcopy(described_answer(route)["schema"]))


def described_answer(route):
    """What the description says of a route's answer. One list is described as an answer 201 to a POST, with one row."""
    answers = openapi()["paths"][BASE + route]["get"]["responses"]
    return answers["200" if "200" in answers else "201"]["content"]["application/json"]


def as_json_schema(schema):
    """OpenAPI 3.0 has a keyword where JSON schema has a type."""
    if isinstance(schema, list):
        return [as_json_schema(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    # `properties` maps names to schemas, and a name may be "nullable" too.
    schema = {key: {name: as_json_schema(one) for name, one in inner.items()} if key == "properties"
              else inner if key in ("enum", "example", "default") else as_json_schema(inner)
              for key, inner in schema.items()}
    if schema.get("format") == "double":
        del schema["format"]  # says no more than the type
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    return {"anyOf": [schema, {"type": "null"}]} if schema.pop("nullable", False) else schema
