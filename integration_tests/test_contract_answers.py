"""The sandbox answers as Sentry's public OpenAPI description says, but for a table of what is known to differ."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Callable

import fastjsonschema
import pytest
from support.contract import ORGANIZATION, PROJECT, answer_schema, described_answer
from support.protocol import ROOT, needs_shared
from support.sandbox import Sandbox

pytestmark = needs_shared

ORGANIZATION_ISSUES = f"/organizations/{ORGANIZATION}/issues/"
PROJECT_ISSUES = f"/projects/{ORGANIZATION}/{PROJECT}/issues/"
EVENTS = f"/projects/{ORGANIZATION}/{PROJECT}/events/"
EXPLORE = f"/organizations/{ORGANIZATION}/events/"
PAGES = 4  # of each list

ORG, PROJ = f"/organizations/{ORGANIZATION}/", f"/projects/{ORGANIZATION}/{PROJECT}/"

# Route to the requests whose answers are taken; {issue}, {event} and {release} stand for what was listed.
ASKED = {
    "/organizations/": ["/organizations/"],
    f"/organizations/{ORGANIZATION}/": ["/organizations/acme/", "/organizations/acme/?detailed=0"],
    f"/organizations/{ORGANIZATION}/projects/": ["/organizations/acme/projects/?per_page=3"],
    f"/organizations/{ORGANIZATION}/project-keys/": ["/organizations/acme/project-keys/?project=-1"],
    ORGANIZATION_ISSUES: [
        "/organizations/acme/issues/?query=&limit=40", "/organizations/acme/issues/?query=level:error&limit=40",
        "/organizations/acme/issues/?query=issue.category:feedback",
        "/organizations/acme/issues/?query=&collapse=stats&collapse=base", "/organizations/acme/issues/?query={event}",
        "/organizations/acme/issues/?query=&expand=inbox&expand=owners&expand=integrationIssues&expand=sessions"
        "&expand=sentryAppIssues&expand=latestEventHasAttachments"],
    f"/organizations/{ORGANIZATION}/issues/{{issue_id}}/": ["/organizations/acme/issues/{issue}/"],
    f"/organizations/{ORGANIZATION}/releases/": [
        "/organizations/acme/releases/?status=&per_page=40",
        "/organizations/acme/releases/?status=&health=1&adoptionStages=1&per_page=40"],
    EXPLORE: [
        "/organizations/acme/events/?dataset=errors&field=id&field=project&field=timestamp&sort=timestamp&project=-1",
        "/organizations/acme/events/?dataset=errors&field=project.id&field=count()&project=-1&statsPeriod=14d"],
    f"/projects/{ORGANIZATION}/{PROJECT}/": ["/projects/acme/web/", "/projects/acme/api/"],
    EVENTS: ["/projects/acme/web/events/", "/projects/acme/api/events/"],
    EVENTS + "{event_id}/": ["/projects/acme/web/events/{event}/"],
    PROJECT_ISSUES: ["/projects/acme/web/issues/?query=&limit=40"],
    f"/projects/{ORGANIZATION}/{PROJECT}/keys/": ["/projects/acme/mobile/keys/"],
    f"/projects/{ORGANIZATION}/{PROJECT}/releases/": ["/projects/acme/web/releases/?per_page=40"],
    # Those of the streams beyond the core that the sandbox answers as it is described, word for word.
    ORG + "teams/": ["/organizations/acme/teams/?detailed=0"],
    ORG + "environments/": ["/organizations/acme/environments/?visibility=all&project=-1"],
    ORG + "repos/": ["/organizations/acme/repos/?status=active"],
    ORG + "workflows/": ["/organizations/acme/workflows/"],
    ORG + "notifications/actions/": ["/organizations/acme/notifications/actions/?project=-1"],
    ORG + "forwarding/": ["/organizations/acme/forwarding/"],
    ORG + "discover/saved/": ["/organizations/acme/discover/saved/"],
    ORG + "integrations/": ["/organizations/acme/integrations/"],
    ORG + "relay_usage/": ["/organizations/acme/relay_usage/"],
    ORG + "stats_v2/": ["/organizations/acme/stats_v2/?field=sum(quantity)&groupBy=category&groupBy=outcome"
                        "&groupBy=reason&interval=1d&project=-1&statsPeriod=1d"],
    ORG + "stats-summary/": ["/organizations/acme/stats-summary/?field=sum(quantity)&interval=1d&project=-1"
                             "&start=2026-01-14T00:00:00Z&end=2026-01-14T23:59:59Z"],
    ORG + "sessions/": ["/organizations/acme/sessions/?field=sum(session)&field=count_unique(user)"
                        "&field=crash_free_rate(session)&field=crash_free_rate(user)&groupBy=project&groupBy=release"
                        "&groupBy=environment&interval=1d&project=-1&statsPeriod=1d"],
    ORG + "issues/{issue_id}/events/": ["/organizations/acme/issues/{issue}/events/"],
    ORG + "issues/{issue_id}/events/{event_id}/": ["/organizations/acme/issues/{issue}/events/latest/"],
    ORG + "issues/{issue_id}/hashes/": ["/organizations/acme/issues/{issue}/hashes/"],
    ORG + "issues/{issue_id}/tags/{key}/values/": ["/organizations/acme/issues/{issue}/tags/level/values/"],
    ORG + "releases/{version}/commits/": ["/organizations/acme/releases/{release}/commits/"],
    ORG + "releases/{version}/deploys/": ["/organizations/acme/releases/{release}/deploys/"],
    ORG + "releases/{version}/files/": ["/organizations/acme/releases/{release}/files/"],
    PROJ + "environments/": ["/projects/acme/web/environments/"],
    PROJ + "files/dsyms/": ["/projects/acme/mobile/files/dsyms/"],
    PROJ + "hooks/": ["/projects/acme/api/hooks/"],
    PROJ + "ownership/": ["/projects/acme/web/ownership/"],
    PROJ + "symbol-sources/": ["/projects/acme/web/symbol-sources/"],
    PROJ + "teams/": ["/projects/acme/web/teams/"],
}


@dataclass(frozen=True)
class Deviation:
    """Something real that the OpenAPI does not say, and the section of sentry-api.md that does. `widen` changes the
    schema of one row in place."""

    route: str
    what: str
    source: str
    widen: Callable[[dict], None]


def adds(*names):
    return lambda row: row["properties"].update({name: {} for name in names})


def may_lack(*names):
    return lambda row: row.update(required=sorted(set(row["required"]) - set(names)))


def is_open(*path):
    def widen(row):
        for name in path:
            row = row["properties"][name]
        row.pop("oneOf", None)
        row["additionalProperties"] = True
    return widen


DEVIATIONS = [
    Deviation(f"/organizations/{ORGANIZATION}/", "teams and projects are there without detailed=0",
              "the OpenAPI's own words on `detailed`", adds("teams", "projects")),
    Deviation(ORGANIZATION_ISSUES, "what must be asked for with expand", "4.2",
              may_lack("inbox", "owners", "integrationIssues", "sentryAppIssues", "latestEventHasAttachments",
                       "sessionCount")),
    Deviation(ORGANIZATION_ISSUES, "the matching event is told only of a direct hit", "4.2",
              may_lack("matchingEventId", "matchingEventEnvironment")),
    Deviation(ORGANIZATION_ISSUES, "only id is guaranteed once collapse is used", "4.2",
              lambda row: row.update(required=sorted(set(row["required"]) & {
                  "id", "inbox", "owners", "integrationIssues", "sentryAppIssues", "latestEventHasAttachments",
                  "sessionCount", "matchingEventId", "matchingEventEnvironment"}))),
    Deviation(ORGANIZATION_ISSUES, "statusDetails.autoResolved, of an issue older than its project's resolveAge",
              "Sentry's serializer of issues (serializers/models/group.py)",
              lambda row: row["properties"]["statusDetails"]["properties"].update(autoResolved={"type": "boolean"})),
    Deviation(ORG + "stats_v2/", "the query is told, too", "Sentry's serializer of outcomes (snuba/outcomes.py)",
              adds("query")),
    Deviation(ORG + "stats-summary/", "a project's id is a number",
              "Sentry's endpoint (api/endpoints/organization_stats_summary.py)",
              lambda row: row["properties"]["projects"]["items"]["properties"].update(id={"type": "integer"})),
    Deviation(PROJECT_ISSUES, "fields that came after the route was deprecated", "4.2",
              adds("isUnhandled", "issueCategory", "issueType", "platform", "priority", "priorityLockedAt",
                   "seerAutofixLastTriggered", "seerExplorerAutofixLastTriggered", "seerFixabilityScore", "substatus",
                   "derivedData")),
    Deviation(PROJECT_ISSUES, "project.platform", "4.2", is_open("project")),
    Deviation(PROJECT_ISSUES, "annotations are objects", "4.2",
              lambda row: row["properties"]["annotations"].update(items={"type": "object"})),
    Deviation(PROJECT_ISSUES, "metadata is an open map", "4.2", is_open("metadata")),
]


class Answers:
    """Rows of a sandbox's answers, by route; each asked for once."""

    def __init__(self, sandbox):
        self.sandbox, self.known = sandbox, {}
        self.issues = [row["id"] for row in self.rows("/organizations/acme/issues/?query=&limit=30")]
        self.events = [row["id"] for row in self.rows("/projects/acme/web/events/?per_page=30")][:30]
        releases = self.rows("/organizations/acme/releases/?status=&per_page=10")[:20]
        self.releases = [urllib.parse.quote(row["version"], safe="") for row in releases]

    def of(self, route):
        if route not in self.known:
            self.known[route] = [row for target in ASKED[route] for one in self.filled_in(target)
                                 for row in self.rows(one)]
        return self.known[route]

    def filled_in(self, target):
        if "{issue}" in target:
            return [target.replace("{issue}", issue) for issue in self.issues]
        if "{release}" in target:
            return [target.replace("{release}", release) for release in self.releases]
        return [target.replace("{event}", event) for event in self.events] if "{event}" in target else [target]

    def rows(self, target):
        rows, url = [], f"{self.sandbox.url}/api/0{target}"
        for _ in range(PAGES):
            request = urllib.request.Request(url, headers={"Authorization": "Bearer sandbox-token"})
            with urllib.request.urlopen(request) as answer:
                body = json.load(answer)
                following = answer.headers.get("Link", "").partition(", ")[2]
            rows += body if isinstance(body, list) else [body]
            if 'results="true"' not in following:
                break
            url = following[1:following.index(">")]
        return rows


@pytest.fixture(scope="module")
def answers(tmp_path_factory):
    sandbox = Sandbox(tmp_path_factory.mktemp("contract"), "--events", 2500, "--issues", 400, "--releases", 250,
                      "--projects", 8)
    yield Answers(sandbox)
    sandbox.stop()


def row_schema(route, deviations):
    schema = answer_schema(route)
    row = schema.get("items", schema)
    for deviation in deviations:
        deviation.widen(row)
    return row


def misfits(rows, schema):
    valid = fastjsonschema.compile(schema, use_default=False)
    found = []
    for row in rows:
        try:
            valid(row)
        except fastjsonschema.JsonSchemaValueException as error:
            found.append(f"{error.message}: {json.dumps(error.value)[:200]}")
    return found


@pytest.mark.parametrize("route", ASKED)
def test_the_sandbox_answers_as_sentry_describes_it(answers, route):
    known = [deviation for deviation in DEVIATIONS if deviation.route == route]
    rows = answers.of(route)
    assert rows and not misfits(rows, row_schema(route, known))


@pytest.mark.parametrize("deviation", DEVIATIONS, ids=lambda deviation: deviation.what)
def test_every_deviation_is_needed(answers, deviation):
    others = [one for one in DEVIATIONS if one.route == deviation.route and one is not deviation]
    assert misfits(answers.of(deviation.route), row_schema(deviation.route, others))


def test_full_events_are_those_of_the_single_event(answers):
    """The OpenAPI describes the list without `full` only. What a full row lacks of the single event needs queries of
    its own (sentry-api.md 4.4)."""
    rows = answers.rows("/projects/acme/web/events/?full=true") + answers.rows("/projects/acme/api/events/?full=true")
    single = row_schema(EVENTS + "{event_id}/", [])
    assert len(rows) > 50 and misfits(rows, single)
    may_lack("release", "userReport", "sdkUpdates", "resolvedWith", "nextEventID", "previousEventID")(single)
    assert not misfits(rows, single)


# Streams to the routes whose answers they emit, as the description calls them.
EMITTED = [
    ("events", EVENTS), ("events", EVENTS + "{event_id}/"), ("issues", ORGANIZATION_ISSUES), ("issues", PROJECT_ISSUES),
    ("projects", f"/organizations/{ORGANIZATION}/projects/"), ("project_detail", f"/projects/{ORGANIZATION}/{PROJECT}/"),
    ("all_projects_detail", f"/projects/{ORGANIZATION}/{PROJECT}/"), ("releases", f"/organizations/{ORGANIZATION}/releases/"),
    ("project_keys", f"/projects/{ORGANIZATION}/{PROJECT}/keys/"),
    ("organizations", "/organizations/"), ("teams", ORG + "teams/"), ("organization_members", ORG + "members/"),
    ("team_members", f"/teams/{ORGANIZATION}/{{team_id_or_slug}}/members/"), ("project_members", PROJ + "members/"),
    ("project_users", PROJ + "users/"), ("environments", ORG + "environments/"),
    ("project_environments", PROJ + "environments/"), ("repositories", ORG + "repos/"),
    ("project_ownership", PROJ + "ownership/"), ("symbol_sources", PROJ + "symbol-sources/"),
    ("debug_files", PROJ + "files/dsyms/"), ("detectors", ORG + "detectors/"), ("workflows", ORG + "workflows/"),
    ("dashboards", ORG + "dashboards/"), ("saved_queries", ORG + "discover/saved/"),
    ("relay_usage", ORG + "relay_usage/"), ("notification_actions", ORG + "notifications/actions/"),
    ("forwarders", ORG + "forwarding/"),
    ("integrations", ORG + "integrations/"),
    ("sentry_app_installations", ORG + "sentry-app-installations/"), ("service_hooks", PROJ + "hooks/"),
    ("issue_events", ORG + "issues/{issue_id}/events/"), ("issue_hashes", ORG + "issues/{issue_id}/hashes/"),
    ("issue_tag_values", ORG + "issues/{issue_id}/tags/{key}/values/"), ("feedback", ORGANIZATION_ISSUES),
    ("project_tag_values", PROJ + "tags/{key}/values/"), ("user_feedback", PROJ + "user-feedback/"),
    ("replays", ORG + "replays/"), ("release_commits", ORG + "releases/{version}/commits/")]


@pytest.mark.parametrize("stream, route", EMITTED)
def test_the_descriptions_own_examples_fit_our_schemas(stream, route):
    content = described_answer(route)
    examples = [example["value"] for example in content.get("examples", {}).values()]
    examples += [content["example"]] if "example" in content else []
    assert examples
    schema = json.loads((ROOT / "schemas" / f"{stream}.json").read_text())
    validate = fastjsonschema.compile(schema, use_default=False)
    for example in examples:
        if isinstance(example, dict) and set(example) == {"data"}:  # some lists are wrapped
            example = example["data"]
        for record in example if isinstance(example, list) else [example]:
            validate(record)
            assert not set(record) - set(schema["properties"])
