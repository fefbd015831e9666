#include "mapping/dialects/port.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "fakes/message_of.h"
#include "mapping/dialects/port_quotes.h"
#include "mapping/shaped.h"

namespace source_sentry {
namespace {

/// A file of one resource; `mappings` indented by no blanks.
std::string resource(const std::string& kind, const std::string& selector,
                     const std::string& mappings, const std::string& port = "") {
  std::string text = "resources:\n- kind: " + kind + "\n  selector:\n" + selector + "  port:\n" +
                     port + "    entity:\n      mappings:\n";
  for (std::size_t at = 0; at < mappings.size();) {
    const std::size_t end = mappings.find('\n', at) + 1;
    text.append(8, ' ').append(mappings, at, end - at);
    at = end;
  }
  return text;
}

constexpr const char* kAll = "    query: 'true'\n";
constexpr const char* kPlain = "identifier: .id\nblueprint: '\"b\"'\n";

Shaped only(const std::string& text) { return Shaped(streams_of(translate_port(text)).front()); }

std::string refusal(const std::string& text) {
  return message_of([&] {
    JqPrograms programs;
    for (const auto& stream : streams_of(translate_port(text)))
      check_expressions(*stream, programs);
  });
}

TEST(Port, ReplacesQuotesAsItsIntegrationsDo) {
  EXPECT_EQ(with_double_quotes("'text'"), "\"text\"");
  EXPECT_EQ(with_double_quotes("'a' + .id"), "\"a\" + .id");
  EXPECT_EQ(with_double_quotes("\"it's\""), "\"it's\"");
  EXPECT_EQ(with_double_quotes("test('Bo')"), "test('Bo')");
  EXPECT_EQ(with_double_quotes(".title + ' x'"), ".title + ' x\"");
  EXPECT_EQ(with_double_quotes("'\"x\"'"), "'\"x\"'");
  EXPECT_EQ(with_double_quotes(""), "");
}

/// Port's documented form of a webhook's mapping.
constexpr const char* kWebhookMapping = R"json([{
  "blueprint": "sentryIssue",
  "filter": ".body.action == 'created' and (.headers.\"sentry-hook-resource\" == \"issue\")",
  "entity": {
    "identifier": ".body.data.issue.id",
    "title": "New issue",
    "properties": {"action": ".body.action", "level": ".body.data.issue.level"},
    "relations": {"project": ".body.data.issue.project.slug"}
  }
}])json";

TEST(Port, MapsWebhooksAsTheyWereSent) {
  const auto streams = streams_of(translate_port(kWebhookMapping));
  ASSERT_EQ(streams.size(), 1U);
  EXPECT_EQ(streams[0]->name, "port_webhook");
  EXPECT_EQ(streams[0]->from, kWebhooksAsSent);
  Shaped shaped(streams[0]);
  const auto sent = [](const std::string& action) {
    return R"({"deliveryId":"d","body":{"action":")" + action +
           R"(","data":{"issue":{"id":"42","level":"error","project":{"slug":"shop"}}}},)"
           R"("headers":{"sentry-hook-resource":"issue"},"queryParams":{}})";
  };
  EXPECT_EQ(shaped(sent("created")),
            R"({"identifier":"42","title":"New issue","blueprint":"sentryIssue",)"
            R"("properties":{"action":"created","level":"error"},"relations":{"project":"shop"}})")
      << "a title that is no expression is a text";
  EXPECT_EQ(shaped(sent("resolved")), "");
}

TEST(Port, SaysWhatIsWrongWithAWebhooksMapping) {
  EXPECT_THAT(refusal(R"([{"blueprint": 1, "entity": {"identifier": ".id"}}])"),
              testing::HasSubstr("port_app_config.resources[0].blueprint must be a text"));
  EXPECT_THAT(refusal(R"([{"blueprint": "b", "entity": 1}])"),
              testing::HasSubstr(".entity must be"));
}

TEST(Port, MapsAProject) {
  Shaped project =
      only(resource("project", kAll,
                    "identifier: .slug\ntitle: .name\nblueprint: '\"svcProject\"'\n"
                    "properties:\n  platform: .platform\n  status: .status\n"
                    "  link: .organization.links.organizationUrl + \"/projects/\" + .name\n"));
  EXPECT_EQ(
      project(R"({"id":"4500000000000001","slug":"billing","name":"Billing","platform":"go",)"
              R"("status":"active","organization":{"slug":"orbit","links":)"
              R"({"organizationUrl":"https://orbit.sentry.io"}}})"),
      R"({"identifier":"billing","title":"Billing","blueprint":"svcProject","properties":)"
      R"({"platform":"go","status":"active","link":"https://orbit.sentry.io/projects/Billing"}})");
  EXPECT_EQ(project.warnings(), "");
}

TEST(Port, MapsProjectsAndIssuesOfOneFile) {
  const Translation file = translate_port(R"(
createMissingRelatedEntities: true
deleteDependentEntities: true
resources:
  - kind: project
    selector:
      query: 'true'
    port:
      entity:
        mappings:
          identifier: .slug
          title: .name
          blueprint: '"sentryProject"'
          properties:
            dateCreated: .dateCreated
            access: .access
  - kind: issue
    selector:
      query: "true"
    port:
      entity:
        mappings:
          identifier: ".id"
          title: .title
          blueprint: "'sentryIssue'"
          properties:
            link: ".permalink"
            count: .count
            assigned: .assignedTo
            statusDetails: .statusDetails
            firstTransaction: .firstTransactionEvent
            day: .stats["24h"]
          relations:
            project: .project.slug
)");
  const auto streams = streams_of(file);
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_EQ(streams[0]->name + " " + streams[1]->name, "port_project port_issue");
  EXPECT_EQ(streams[1]->primary_key, (std::vector<std::string>{"blueprint", "identifier"}));
  EXPECT_EQ(file.notes, std::vector<std::string>{
                            "port_app_config: for the destination, and without effect here: "
                            "createMissingRelatedEntities true, deleteDependentEntities true."});
  Shaped project(streams[0]);
  EXPECT_EQ(project(R"({"id":"4500000000000001","slug":"shop","name":"Shop","access":[],)"
                    R"("dateCreated":"2026-01-02T03:04:05.123456Z"})"),
            R"({"identifier":"shop","title":"Shop","blueprint":"sentryProject","properties":)"
            R"({"dateCreated":"2026-01-02T03:04:05.123456Z","access":[]}})");
  Shaped issue(streams[1]);
  EXPECT_EQ(
      issue(R"({"id":"4500000000000099","title":"x","permalink":"None","count":"12",)"
            R"("assignedTo":"None","statusDetails":{},"firstTransactionEvent":false,)"
            R"("stats":{"24h":[[1767323045,3]]},"project":{"id":"1","slug":"shop"}})"),
      R"({"identifier":"4500000000000099","title":"x","blueprint":"sentryIssue","properties":)"
      R"({"link":"None","count":"12","assigned":"None","statusDetails":{},)"
      R"("firstTransaction":false,"day":[[1767323045,3]]},"relations":{"project":"shop"}})");
  EXPECT_EQ(project.warnings() + issue.warnings(), "");
}

TEST(Port, MapsTagsOfProjectsAndIssues) {
  const auto streams = streams_of(translate_port(R"yaml(
resources:
- kind: project-tag
  selector: {query: "true", tag: release}
  port: {entity: {mappings: {identifier: .slug + "-" + .__tags.name, blueprint: '"sentryProject"'}}}
- kind: issue-tag
  selector: {query: "true", includeArchived: false}
  port:
    entity:
      mappings:
        identifier: .id
        blueprint: '"sentryIssue"'
        relations:
          projectEnvironment: '[(.project.slug as $slug | .__tags[] | "\($slug)-\(.name)")]'
          assignedTo: .assignedTo.email
)yaml"));
  EXPECT_EQ(streams[0]->name + " " + streams[0]->from + " " + streams[0]->tag,
            "port_project_tag projects_with_tag release");
  EXPECT_EQ(streams[1]->name + " " + streams[1]->from + " " + streams[1]->tag,
            "port_issue_tag issues_with_tag environment");
  Shaped project(streams[0]);
  EXPECT_EQ(project(R"({"slug":"shop","__tags":{"name":"prod"}})"),
            R"({"identifier":"shop-prod","blueprint":"sentryProject"})");
  Shaped issue(streams[1]);
  EXPECT_EQ(
      issue(R"({"id":"1","status":"resolved","project":{"slug":"shop"},"__tags":[{"name":"prod"},)"
            R"({"name":"dev"}],"assignedTo":{"email":"a@x.io"}})"),
      R"({"identifier":"1","blueprint":"sentryIssue","relations":{"projectEnvironment":)"
      R"(["shop-prod","shop-dev"],"assignedTo":"a@x.io"}})");
  EXPECT_EQ(issue(R"({"id":"2","status":"unresolved","project":{"slug":"shop"},"__tags":[]})"),
            R"({"identifier":"2","blueprint":"sentryIssue","relations":{"projectEnvironment":[],)"
            R"("assignedTo":null}})");
  EXPECT_EQ(issue(R"({"id":"3","status":"ignored","__tags":[]})"), "") << "archived";
}

TEST(Port, MapsTeamsAndUsers) {
  const std::string members =
      "identifier: .slug\nblueprint: '\"t\"'\nrelations:\n"
      "  members: if .__members != null then .__members | map(select(.user.email != null) | "
      ".user.email) "
      "else [] end\n";
  Shaped team = only(resource("team", "    query: 'true'\n    includeMembers: true\n", members));
  EXPECT_EQ(team.shaper.stream().from, "teams_with_members");
  EXPECT_EQ(team(R"({"slug":"a","__members":[{"user":{"email":"a@x.io"}},{"user":{"email":null}},)"
                 R"({"user":null}]})"),
            R"({"identifier":"a","blueprint":"t","relations":{"members":["a@x.io"]}})");
  Shaped plain = only(resource("team", kAll, members));
  EXPECT_EQ(plain.shaper.stream().from, "teams_with_projects");
  EXPECT_EQ(plain(R"({"slug":"a"})"),
            R"({"identifier":"a","blueprint":"t","relations":{"members":[]}})");
  EXPECT_EQ(only(resource("user", kAll, kPlain)).shaper.stream().from, "organization_members");
}

TEST(Port, MapsSearches) {
  const std::string search =
      "identifier: .slug\nblueprint: '\"p\"'\nrelations:\n  team:\n    combinator: '\"and\"'\n"
      "    rules:\n    - property: '\"projects\"'\n      operator: '\"contains\"'\n      value: "
      ".slug\n";
  EXPECT_EQ(
      only(resource("project", kAll, search))(R"({"slug":"shop"})"),
      R"({"identifier":"shop","blueprint":"p","relations":{"team":{"combinator":"and","rules":)"
      R"([{"property":"projects","operator":"contains","value":"shop"}]}}})");
  const auto by_search =
      streams_of(translate_port(resource(
                     "project", kAll,
                     "identifier:\n  combinator: '\"and\"'\n  rules: []\nblueprint: '\"p\"'\n")))
          .front();
  EXPECT_FALSE(by_search->primary_key.has_value());
  EXPECT_NE(refusal(resource("project", kAll, "identifier: {a: b}\nblueprint: '\"p\"'\n"))
                .find("identifier must be a jq expression, or a search"),
            std::string::npos);
}

TEST(Port, MakesTextsOfKeysAndRelations) {
  Shaped shaped = only(resource("issue", kAll,
                                "identifier: .n\ntitle: .b\nblueprint: .p\nproperties:\n  n: .n\n"
                                "relations:\n  list: '[.a, .b, .n]'\n  one: .n\n"));
  EXPECT_EQ(shaped(R"({"n":12,"b":true,"p":"x","a":"y"})"),
            R"({"identifier":"12","title":"true","blueprint":"x","properties":{"n":12},)"
            R"("relations":{"list":["y","true","12"],"one":"12"}})");
  EXPECT_EQ(shaped(R"({"n":0,"p":"x"})"),
            R"({"identifier":"0","title":null,"blueprint":"x","properties":{"n":0},)"
            R"("relations":{"list":["0"],"one":"0"}})");
  EXPECT_NE(shaped.warnings().find("map.relations.list"), std::string::npos)
      << "null in a list counts";
  for (const char* none : {R"({"p":"x"})", R"({"n":false,"p":"x"})", R"({"n":"","p":"x"})",
                           R"({"n":[],"p":"x"})", R"({"n":{},"p":"x"})", R"({"n":1})"}) {
    EXPECT_EQ(shaped(none), "") << none;
  }
  EXPECT_NE(shaped.warnings().find("s, key: 6 of 8 records left out"), std::string::npos);
}

TEST(Port, WarnsOfIdentifiersThatItsApiRefuses) {
  Shaped shaped = only(resource("issue", kAll, kPlain));
  EXPECT_EQ(shaped(R"({"id":"größe-1@x/y\\z="})"),
            R"({"identifier":"größe-1@x/y\\z=","blueprint":"b"})");
  EXPECT_EQ(shaped.warnings(), "");
  EXPECT_EQ(shaped(R"({"id":"a b"})"), R"({"identifier":"a b","blueprint":"b"})");
  EXPECT_EQ(shaped.warnings(),
            "s, map.identifier: 1 of 2 records may be refused by the destination. First: record 7: "
            "Port takes no blanks and few signs in \"a b\".");
}

TEST(Port, NamesStreamsOfTheSameKind) {
  const std::string twice = resource("issue", "    query: .a == 1\n", kPlain) +
                            resource("issue", "    query: .a != 1\n", kPlain).substr(11);
  const auto streams = streams_of(translate_port(twice));
  ASSERT_EQ(streams.size(), 2U);
  EXPECT_EQ(streams[0]->name + " " + streams[1]->name, "port_issue port_issue_2");
  for (const char* issue : {R"({"id":"1","a":1})", R"({"id":"1","a":2})"}) {
    Shaped first(streams[0]);
    Shaped second(streams[1]);
    EXPECT_EQ(first(issue) + second(issue), R"({"identifier":"1","blueprint":"b"})");
  }
  std::string named = resource("issue", kAll, kPlain);
  named.insert(named.find("  selector"), "  stream: mine\n");
  EXPECT_EQ(streams_of(translate_port(named)).front()->name, "mine");
}

TEST(Port, ExpandsItems) {
  const std::string mapping =
      "identifier: .id + '-' + .entry.type\nblueprint: '\"b\"'\n"
      "properties:\n  n: .entries | length\n";
  const std::string port = "    itemsToParse: .entries\n    itemsToParseName: entry\n";
  const std::string selector = "    query: .entry.type == \"exception\"\n";
  std::string fixed = mapping;
  fixed.replace(fixed.find("'-'"), 3, "\"-\"");
  const std::string record =
      R"({"id":"1","entries":[{"type":"exception"},{"type":"breadcrumbs"}]})";
  EXPECT_EQ(only(resource("issue", selector, fixed, port))(record),
            R"({"identifier":"1-exception","blueprint":"b","properties":{"n":0}})");
  EXPECT_EQ(only(resource("issue", selector, fixed,
                          port + "    itemsToParseTopLevelTransform: false\n"))(record),
            R"({"identifier":"1-exception","blueprint":"b","properties":{"n":2}})");
}

TEST(Port, TakesWhatYamlMakesOfLiterals) {
  EXPECT_EQ(
      only(resource("issue", "    query: true\n",
                    "identifier: 5\nblueprint: '\"b\"'\nproperties:\n  x: 1.5\n  y: false\n"))(
          "{\"a\":1}"),
      R"({"identifier":"5","blueprint":"b","properties":{"x":1.5,"y":false}})");
  EXPECT_EQ(only(resource("issue", "    query: false\n", kPlain))("{\"id\":\"1\"}"), "");
}

TEST(Port, TakesListsOfResourcesAndOfMappings) {
  std::string list = resource("issue", kAll, kPlain);
  EXPECT_EQ(streams_of(translate_port(list.substr(11))).front()->name, "port_issue");
  const auto streams =
      streams_of(translate_port("resources:\n- kind: issue\n  port: {entity: {mappings: "
                                "[{identifier: .id, blueprint: '\"a\"'}, "
                                "{identifier: .id, blueprint: '\"b\"'}]}}"));
  ASSERT_EQ(streams.size(), 2U) << "and no selector means all";
  EXPECT_EQ(Shaped(streams[1])(R"({"id":"1"})"), R"({"identifier":"1","blueprint":"b"})");
}

TEST(Port, TellsOfUnknownKeysOnce) {
  std::string text = resource("issue", "    query: 'true'\n    a: 1\n",
                              "identifier: .id\nblueprint: '\"b\"'\nb: .x\n", "    c: 1\n");
  text += "d: 1\n";
  const Translation translation = translate_port(text);
  EXPECT_EQ(translation.notes,
            std::vector<std::string>{"port_app_config: unknown keys are ignored: d, c, a, b."});
  EXPECT_EQ(translation.mapped_streams,
            translate_port(resource("issue", kAll, kPlain)).mapped_streams);
  EXPECT_EQ(translate_port(
                resource("issue", "    query: 'true'\n    exportEnvVariables: [HOME]\n", kPlain))
                .warnings.size(),
            1U);
}

TEST(Port, IsRefusedWithItsPlace) {
  EXPECT_EQ(refusal(resource("issues", kAll, kPlain)),
            "port_app_config.resources[0].kind: there is no kind \"issues\" (project, issue, "
            "project-tag, issue-tag, team, user).");
  EXPECT_EQ(refusal(resource("issue", kAll, "identifier: .id\n")),
            "port_app_config.resources[0].port.entity.mappings.blueprint must be given.");
  EXPECT_EQ(refusal("resources:\n- kind: issue\n  selector: all\n  port: {entity: {mappings: "
                    "{identifier: .id, blueprint: .b}}}\n"),
            "port_app_config.resources[0].selector must be a mapping.");
  EXPECT_EQ(
      refusal(resource("issue", kAll, std::string(kPlain) + "properties:\n  a:\n    b: .c\n")),
      "port_app_config.resources[0].port.entity.mappings.properties.a must be a jq expression.");
  EXPECT_EQ(
      refusal(resource("issue", kAll, std::string(kPlain) + "properties:\n  a:\n")),
      "port_app_config.resources[0].port.entity.mappings.properties.a must be a jq expression, "
      "and it is empty.");
  EXPECT_EQ(
      refusal(resource("issue", kAll, std::string(kPlain) + "title: .title + ' x'\n")),
      "port_app_config.resources[0] \"port_issue\", leaf \"map.title\": jq wants double quotes "
      "around a text, not ' (line 1, column 10 of: .title + ' x\").");
}

TEST(Port, GivesTheSameFedBackAsNative) {
  const Translation translation = translate_port(resource(
      "team", "    query: .a\n    includeMembers: true\n", "identifier: .n\nblueprint: '\"b\"'\n"));
  const std::string printed = translation.mapped_streams.dump();
  const auto again = read_mapped_streams(nlohmann::ordered_json::parse(printed), kSources, false);
  const std::string record = R"({"n":7,"a":true})";
  EXPECT_EQ(Shaped(again.front())(record), Shaped(streams_of(translation).front())(record));
}

TEST(Port, MapsBodiesOfWebhooks) {
  Shaped issue = only(resource("issue", kAll,
                               "identifier: .body.data.issue.id\nblueprint: '\"b\"'\nproperties:\n"
                               "  action: .body.action\n  level: .body.data.issue.level\n"
                               "  projectID: .body.data.issue.project.id\n"));
  EXPECT_EQ(
      issue(
          R"({"body":{"action":"created","data":{"issue":{"id":"9101","title":"NameError: total",)"
          R"("level":"error","project":{"id":"4500000000000001"}}}}})"),
      R"({"identifier":"9101","blueprint":"b","properties":{"action":"created","level":"error",)"
      R"("projectID":"4500000000000001"}})");
  Shaped comment = only(resource("issue", kAll,
                                 "identifier: .body.data.comment_id\nblueprint: '\"b\"'\n"
                                 "relations:\n  issue: .body.data.issue_id | tostring\n"));
  for (const char* id : {"9101", "\"9101\""}) {
    EXPECT_EQ(
        comment(std::string(R"({"body":{"data":{"comment_id":"77","issue_id":)") + id + "}}}"),
        R"({"identifier":"77","blueprint":"b","relations":{"issue":"9101"}})");
  }
}

}  // namespace
}  // namespace source_sentry
