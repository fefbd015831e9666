#include "sentry/streams/table.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "fakes/message_of.h"
#include "sentry/answers/answers.h"
#include "sentry/embedded.h"
#include "sentry/streams/plans.h"
#include "sentry/streams/spec/by_contents.h"
#include "sentry/streams/table_docs.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

const Instant kReadAt = *parse_instant("2026-01-15T12:00:00.25Z");

class StreamsTest : public testing::Test {
 protected:
  StreamsTest() {
    config_ = read_config(
        {{"auth_token", "t0ken"}, {"organization", "acme inc"}, {"project", "web"}}, false);
    config_.allow_writing_reads = true;
  }

  PartitionPlan plan(std::string_view name) {
    return plan_stream(*find_stream(name), config_, selection_, lookup_, fields_).plans.at(0);
  }

  Config config_;
  Selection selection_{{{"web", "4507"}}, kReadAt, {}};
  FakeClock clock_;
  ProjectLookup lookup_{config_, clock_};
  std::vector<std::string> fields_;
};

std::string target(const Route& route) {
  const Window window{*parse_instant("2026-01-01T00:00:00Z"),
                      *parse_instant("2026-01-02T00:00:00Z")};
  return route.target(route.query, &window, "0:100:0");
}

/// Airbyte selects those in a new connection, and we read them where nobody names any.
TEST_F(StreamsTest, AreSuggestedAsTheMetadataSays) {
  std::ifstream file(PROJECT_ROOT "/metadata.yaml");
  std::set<std::string> suggested;
  std::string line;
  while (std::getline(file, line) && line != "  suggestedStreams:") continue;
  while (std::getline(file, line) && line.starts_with("    ")) {
    if (const auto at = line.find("- "); at != line.npos) suggested.insert(line.substr(at + 2));
  }
  std::set<std::string> flagged;
  for (const StreamSpec& spec : stream_table()) {
    if (spec.suggested) flagged.insert(spec.name);
  }
  EXPECT_EQ(flagged, suggested);
  EXPECT_FALSE(suggested.empty());
}

TEST_F(StreamsTest, AskForWhatTheyHold) {
  EXPECT_EQ(target(plan("events").routes[0]),
            "projects/acme%20inc/web/events/?full=true&per_page=100"
            "&start=2026-01-01T00%3A00%3A00Z&end=2026-01-02T00%3A00%3A00Z&cursor=0%3A100%3A0");
  EXPECT_EQ(
      target(plan("issues").routes[0]),
      "organizations/acme%20inc/issues/?project=4507&sort=date&limit=100"
      "&query=lastSeen%3A%3E%3D2026-01-01T00%3A00%3A00Z%20lastSeen%3A%3C2026-01-02T00%3A00%3A00Z"
      "&start=2025-10-17T12%3A00%3A00Z&end=2026-01-15T12%3A00%3A00Z&cursor=0%3A100%3A0");
  EXPECT_EQ(
      target(plan("issues").routes[3]),
      "projects/acme%20inc/web/issues/?sort=date&limit=100"
      "&query=lastSeen%3A%3E%3D2026-01-01T00%3A00%3A00Z%20lastSeen%3A%3C2026-01-02T00%3A00%3A00Z"
      "&cursor=0%3A100%3A0");
  EXPECT_EQ(target(plan("projects").routes[0]),
            "organizations/acme%20inc/projects/?per_page=100&cursor=0%3A100%3A0");
  EXPECT_EQ(target(plan("projects").routes[1]), "projects/?per_page=100&cursor=0%3A100%3A0");
  EXPECT_EQ(target(plan("releases").routes[0]),
            "organizations/acme%20inc/releases/?project=-1&status=&per_page=100"
            "&start=2026-01-01T00%3A00%3A00Z&end=2026-01-02T00%3A00%3A00Z&cursor=0%3A100%3A0");
  EXPECT_EQ(target(plan("project_detail").routes[0]),
            "projects/acme%20inc/web/?cursor=0%3A100%3A0");
  EXPECT_EQ(target(plan("project_keys").routes[0]),
            "projects/acme%20inc/web/keys/?per_page=100&cursor=0%3A100%3A0");
}

/// A query's parameters but those that say how much of a row, how many rows and of what time come.
std::set<std::string> selecting(const std::string& query) {
  std::set<std::string> found;
  std::istringstream parameters(query);
  for (std::string one; std::getline(parameters, one, '&');) {
    const bool of_size = one.starts_with("per_page=") || one.starts_with("limit=") ||
                         one.starts_with("full=") || one.starts_with("sort=") ||
                         one.starts_with("expand=") || one.starts_with("statsPeriod=");
    if (!of_size) found.insert(one);
  }
  return found;
}

TEST_F(StreamsTest, AskGlitchTipForWhatItUnderstands) {
  selection_.projects.front().glitchtip = true;
  const std::map<std::string, std::vector<std::string>> expected = {
      {"issues",
       {"organizations/acme%20inc/issues/?project=4507&sort=-last_seen&limit=100",
        "projects/acme%20inc/web/issues/?sort=-last_seen&limit=100"}},
      {"events", {"projects/acme%20inc/web/events/?limit=100"}},
      {"releases", {"organizations/acme%20inc/releases/?limit=100"}},
  };
  for (const auto& [stream, targets] : expected) {
    const auto routes = plan(stream).routes;
    ASSERT_EQ(routes.size(), targets.size()) << stream;
    for (std::size_t i = 0; i < routes.size(); ++i) {
      EXPECT_EQ(target(routes[i]), targets[i] + "&cursor=0%3A100%3A0");
    }
  }
}

TEST_F(StreamsTest, LookForTheSameRowsThatTheyRead) {
  for (const bool by_detail : {false, true}) {
    config_.event_bodies = by_detail ? EventBodies::kDetail : EventBodies::kList;
    for (const StreamSpec& row : stream_table()) {
      for (const Route& route : plan(row.name).routes) {
        EXPECT_EQ(selecting(route.probe_query), selecting(route.query)) << route.path;
      }
    }
  }
}

/// Whoever has seen a project's number has seen its organization.
TEST_F(StreamsTest, KnowTheOrganizationByItsProjects) {
  EXPECT_TRUE(plan("detectors").owner_seen);
  EXPECT_TRUE(plan("detectors").owner_unseen) << "an empty list proves nothing";
  EXPECT_FALSE(plan("service_hooks").owner_seen) << "it is the project's";
  selection_.projects[0].id.clear();
  EXPECT_FALSE(plan("detectors").owner_seen);
  EXPECT_TRUE(plan("detectors").owner_unseen);
}

TEST_F(StreamsTest, NameTheProjectBySlugWhenItsIdIsNotKnown) {
  selection_.projects[0].id.clear();
  EXPECT_THAT(target(plan("issues").routes[0]), HasSubstr("?project=web&"));
}

TEST_F(StreamsTest, WatchTheSecretsOfBatchesToo) {
  config_.project.clear();
  config_.mask_secrets = true;
  StreamSpec row = *find_stream("issues");
  row.holds_secrets = true;
  std::vector<std::string> found;
  const auto batching =
      plan_stream(row, config_, selection_, lookup_, fields_, [&](std::string_view secret) {
        found.emplace_back(secret);
      }).batching;
  EXPECT_EQ(batching->plan({"4507", "4508"}).transform(R"({"id":"1","secret":"s3cret"})").json(),
            R"({"id":"1","secret":"****"})");
  EXPECT_THAT(found, testing::ElementsAre("s3cret"));
}

TEST_F(StreamsTest, AskForTheIssuesOfManyProjectsInOneList) {
  EXPECT_FALSE(plan_stream(*find_stream("issues"), config_, selection_, lookup_, fields_).batching);
  config_.project.clear();
  EXPECT_FALSE(plan_stream(*find_stream("events"), config_, selection_, lookup_, fields_).batching);
  const auto batching =
      plan_stream(*find_stream("issues"), config_, selection_, lookup_, fields_).batching;
  ASSERT_TRUE(batching);
  const PartitionPlan batch = batching->plan({"4507", "4508"});
  ASSERT_EQ(batch.routes.size(), 1U);
  EXPECT_THAT(target(batch.routes[0]),
              testing::StartsWith("organizations/acme%20inc/issues/?project=4507&project=4508"
                                  "&sort=date&limit=100&query=lastSeen"));
  EXPECT_EQ(batch.routes[0].what, "the issues of 2 projects of the organization \"acme inc\"");
  EXPECT_EQ(batching->rate_group, batch.routes[0].rate_group);
  EXPECT_EQ(batch.name, "2 projects");
  EXPECT_EQ(batch.partition_of(R"({"id":"1","project":{"slug":"web","id":"4507"}})"), "4507");
  EXPECT_EQ(batch.partition_of(R"({"id":"1"})"), "");
  EXPECT_NE(batch.routes[0].name(), batching->plan({"4507", "4509"}).routes[0].name());
  // Proxies and servers refuse long addresses, some from 4 KB on.
  const std::vector<std::string> most(batching->most, "4611686018427387904");
  const PartitionPlan largest = batching->plan(most);
  EXPECT_LT(target(largest.routes[0]).size(), 2048U);
  EXPECT_LT(largest.routes[0].name().size(), 80U);
}

TEST_F(StreamsTest, AskForDetailsOnlyWhenTheirFieldsAreWanted) {
  const auto requests = [&] {
    const Expansion expansion = plan("projects").expansion;
    return expansion && expansion.route(R"({"id":"1","slug":"web"})") ? 1U : 0U;
  };
  EXPECT_EQ(requests(), 1U);
  fields_ = {"id", "slug"};
  EXPECT_EQ(requests(), 0U);
  fields_ = {"id", "organization"};
  EXPECT_EQ(requests(), 1U);
}

// The table as a promise: whoever adds a row is told here what it lacks.
TEST_F(StreamsTest, EveryRowIsComplete) {
  std::set<std::string> names;
  for (const StreamSpec& row : stream_table()) {
    SCOPED_TRACE(row.name);
    EXPECT_TRUE(names.insert(row.name).second) << "a name stands twice";
    EXPECT_FALSE(row.docs.empty());
    EXPECT_FALSE(row.path.empty());
    const PartitionPlan one = plan(row.name);
    ASSERT_FALSE(one.routes.empty());
    for (const Route& route : one.routes) {
      EXPECT_TRUE(route.path.ends_with('/')) << "Sentry answers 404 without the trailing slash";
      EXPECT_FALSE(route.rate_group.empty());
      EXPECT_FALSE(route.what.empty());
      EXPECT_FALSE(route.scopes.empty());
      // A list that is newest first and knows no time is read down to what is known.
      const bool knows_time = row.windows != WindowStyle::kNone || row.routes;
      EXPECT_EQ((row.in_windows || row.series) && knows_time && !route.unsearched,
                static_cast<bool>(route.window_query));
    }
    const std::string_view text = embedded_schema(row.name);
    ASSERT_FALSE(text.empty()) << "schemas/" << row.name << ".json is missing";
    const Json schema = Json::parse(text);
    for (const std::string& key : row.primary_key) {
      EXPECT_TRUE(schema["properties"].contains(key)) << "the primary key";
    }
    if (!row.cursor_key.empty()) {
      EXPECT_TRUE(schema["properties"].contains(row.cursor_key)) << "the cursor";
    }
    for (const std::string& field : row.personal) {
      EXPECT_TRUE(schema["properties"].contains(field)) << field;
    }
    EXPECT_TRUE(has_group({kStreamGroups.begin(), kStreamGroups.end()}, row.group)) << row.group;
    if (row.by_contents) {
      EXPECT_FALSE(row.id_key().empty());
      EXPECT_TRUE(schema["properties"].contains(kDeletedKey));
    }
  }
}

TEST_F(StreamsTest, TheSchemaHoldsWhatRecordsAreGiven) {
  const Json text = Json::parse(R"(["null","string"])");
  const Json number = Json::parse(R"(["null","integer"])");
  for (const StreamSpec& row : stream_table()) {
    SCOPED_TRACE(row.name);
    const Json properties = Json::parse(embedded_schema(row.name))["properties"];
    std::vector<InjectedMember> injected = row.injected;
    if (row.children) {
      injected.insert(injected.end(), row.children->injected.begin(), row.children->injected.end());
    }
    for (const InjectedMember& member : injected) {
      ASSERT_TRUE(properties.contains(member.key)) << member.key;
      EXPECT_EQ(properties[member.key]["type"], text) << member.key;
    }
    EXPECT_TRUE(row.project_key.empty() || properties.contains(row.project_key));
    if (!row.received_key.empty() && row.parents_cursor.empty()) {
      EXPECT_TRUE(properties.contains(row.received_key));
    }
    for (const std::string& key : row.only_ids) EXPECT_TRUE(properties.contains(key)) << key;
    // What is said of a row that is gone is made of its id, as a text or a number.
    if (row.by_contents) {
      ASSERT_TRUE(properties.contains(row.id_key()));
      EXPECT_EQ(properties[row.id_key()]["type"], row.id_is_number ? number : text);
      EXPECT_EQ(properties[kDeletedKey]["type"], Json::parse(R"(["null","boolean"])"));
    }
  }
}

/// How a later run tells what is new: by a time, by all that rows hold, or by a signal of theirs.
TEST_F(StreamsTest, EveryRowIsReadAgainInOneWay) {
  for (const StreamSpec& row : stream_table()) {
    SCOPED_TRACE(row.name);
    const int ways = (row.row_cursor().empty() ? 0 : 1) + (row.by_contents ? 1 : 0) +
                     (row.visits_changed ? 1 : 0);
    EXPECT_LE(ways, 1);
    EXPECT_EQ(row.incremental(), ways == 1);
    EXPECT_EQ(row.in_windows && row.row_cursor().empty(), false) << "windows are of times";
    EXPECT_TRUE(row.unstable.empty() || row.by_contents);
    EXPECT_TRUE(!row.visits_changed || row.children || row.split) << "a signal of what?";
    EXPECT_TRUE(row.parents_cursor.empty() || row.children || row.split);
    const PartitionPlan one = plan(row.name);
    EXPECT_EQ(static_cast<bool>(one.gone), row.by_contents);
    EXPECT_EQ(static_cast<bool>(one.fingerprint),
              row.by_contents || static_cast<bool>(row.visits_changed));
    if (one.fingerprint) {
      EXPECT_FALSE(one.shape.id_key.empty()) << "rows are remembered by their ids";
    }
  }
}

TEST_F(StreamsTest, EveryWayToChildrenCanBeGone) {
  constexpr std::string_view kRow =
      R"({"id":"7","slug":"s s","key":"environment","version":"a/b@1","name":"n","numComments":1})";
  std::size_t ways = 0;
  for (const StreamSpec& row : stream_table()) {
    if (!row.children) continue;
    SCOPED_TRACE(row.name);
    const Expansion expansion = plan(row.name).expansion;
    ASSERT_TRUE(expansion.list);
    std::vector<std::optional<Route>> routes = {expansion.route(kRow)};
    for (const auto& other : expansion.other_routes) routes.push_back(other(kRow));
    ASSERT_EQ(routes.size(), row.children->paths.size());
    for (const auto& route : routes) {
      ASSERT_TRUE(route);
      ++ways;
      EXPECT_TRUE(route->path.ends_with('/')) << route->path;
      EXPECT_EQ(route->path.find_first_of("{} @"), std::string::npos) << route->path;
      EXPECT_THAT(route->what, testing::StartsWith("the "));
      EXPECT_EQ(route->what.find('{'), std::string::npos) << route->what;
      EXPECT_FALSE(route->scopes.empty());
      EXPECT_FALSE(route->rate_group.empty());
    }
    const Json record = Json::parse(expansion.list->record(kRow, R"({"id":"c"})"));
    for (const InjectedMember& member : row.children->injected) {
      EXPECT_NE(record.value(member.key, ""), "") << member.key;
    }
  }
  EXPECT_GT(ways, 10U);
}

TEST_F(StreamsTest, AreListedByTheirGroupsAndWrittenForOnlyWhereThatIsAllowed) {
  const auto offered = [&](std::vector<std::string> groups, bool writing) {
    config_.stream_groups = std::move(groups);
    config_.allow_writing_reads = writing;
    std::set<std::string> names;
    for (const StreamSpec& row : stream_table()) {
      if (is_offered(row, config_)) names.insert(row.name);
    }
    return names;
  };
  EXPECT_THAT(offered({"core"}, false),
              testing::UnorderedElementsAre("events", "issues", "projects", "project_detail",
                                            "releases", "project_keys", "all_projects_detail"));
  EXPECT_THAT(offered({"people"}, false), testing::Contains("teams"));
  EXPECT_EQ(offered({"all"}, true).size(), stream_table().size());
  const auto usage = offered({"usage"}, false);
  EXPECT_THAT(usage, testing::Contains("saved_queries"));
  EXPECT_THAT(usage, testing::Not(testing::Contains("dashboards")));
  EXPECT_THAT(offered({"usage"}, true), testing::Contains("dashboards"));
}

/// Also one that is named: to choose it is no consent to that.
TEST_F(StreamsTest, AreNotReadWhereSentryWritesUnlessThatIsAllowed) {
  config_.allow_writing_reads = false;
  for (const char* stream : {"dashboards", "dashboard_widgets"}) {
    EXPECT_THAT(message_of([&] { plan(stream); }),
                testing::AllOf(HasSubstr(stream), HasSubstr("allow_writing_reads")));
  }
  EXPECT_EQ(message_of([&] { plan("saved_queries"); }), "nothing was wrong");
}

/// Airbyte's rules for schemas, at any depth.
void expect_lawful(const Json& schema, const std::string& place) {
  if (!schema.is_object()) return;
  for (const char* forbidden : {"$ref", "allOf", "not", "anyOf", "enum"}) {
    EXPECT_FALSE(schema.contains(forbidden)) << place << " has " << forbidden;
  }
  if (schema.contains("additionalProperties")) {
    EXPECT_EQ(schema["additionalProperties"], true) << place;
  }
  if (schema.contains("type") && place != "root") {
    EXPECT_TRUE(schema["type"].is_array() && schema["type"][0] == "null")
        << place << " is not nullable";
  }
  if (schema.contains("items")) expect_lawful(schema["items"], place + "[]");
  if (schema.contains("properties")) {
    for (const auto& [key, value] : schema["properties"].items()) {
      expect_lawful(value, place + "." + key);
    }
  }
}

TEST_F(StreamsTest, SchemasKeepAirbytesRules) {
  for (const StreamSpec& row : stream_table()) {
    SCOPED_TRACE(row.name);
    const Json schema = Json::parse(embedded_schema(row.name));
    EXPECT_EQ(schema["$schema"], "http://json-schema.org/draft-07/schema#");
    EXPECT_EQ(schema["type"], "object");
    EXPECT_EQ(schema["additionalProperties"], true);
    EXPECT_FALSE(schema.contains("id"));
    expect_lawful(schema, "root");
  }
}

TEST_F(StreamsTest, BothDetailStreamsHaveOneSchema) {
  EXPECT_EQ(embedded_schema("project_detail"), embedded_schema("all_projects_detail"));
}

TEST_F(StreamsTest, CatalogEntriesLookLikeTheOfficialOnes) {
  std::vector<std::string> names;
  for (const StreamSpec& row : stream_table()) {
    const Json entry = catalog_entry(row, config_);
    names.push_back(entry["name"]);
    if (row.group == kCoreGroup) {
      EXPECT_EQ(entry["source_defined_primary_key"], Json::parse(R"([["id"]])"));
    }
    EXPECT_EQ(entry.contains("default_cursor_field"), !row.cursor_key.empty());
    EXPECT_EQ(entry["is_file_based"], false);
    if (row.name == "issues") {
      EXPECT_EQ(entry["supported_sync_modes"], Json::parse(R"(["full_refresh","incremental"])"));
      EXPECT_EQ(entry["default_cursor_field"], Json::parse(R"(["lastSeen"])"));
      EXPECT_EQ(entry["source_defined_cursor"], true);
      EXPECT_EQ(entry["is_resumable"], true);
    }
    if (row.name == "project_keys") {
      EXPECT_EQ(entry["supported_sync_modes"], Json::parse(R"(["full_refresh"])"));
      EXPECT_EQ(entry["is_resumable"], false);
      EXPECT_FALSE(entry.contains("default_cursor_field"));
      EXPECT_FALSE(entry.contains("source_defined_cursor"));
    }
  }
  names.resize(7);  // ours follow
  EXPECT_THAT(names, ElementsAre("events", "issues", "projects", "project_detail", "releases",
                                 "project_keys", "all_projects_detail"));
}

TEST_F(StreamsTest, TheKeyFollowsTheFormOfTheConfiguration) {
  const Json form = {{"auth_token", "t0ken"}, {"organization", "acme"}};
  const Json id = Json::parse(R"([["id"]])");
  const Json of_project = Json::parse(R"([["projectID"],["id"]])");
  const std::vector<std::pair<Json, Json>> forms = {
      {{{"project", "web"}}, id},
      {{{"project", "web"}, {"projects", Json::array()}}, id},
      {{{"project", "web"}, {"projects", {"web"}}}, of_project},
      {{{"projects", {"web"}}}, of_project},
      {Json::object(), of_project},
      {{{"project", ""}}, of_project},
  };
  for (const auto& [more, key_of_events] : forms) {
    Json document = form;
    document.update(more);
    config_ = read_config(document, false);
    for (const StreamSpec& row : stream_table()) {
      if (row.group != kCoreGroup) continue;
      const Json& key = row.name == "events" ? key_of_events : id;
      EXPECT_EQ(Json(catalog_entry(row, config_)["source_defined_primary_key"]), key)
          << row.name << " of " << document;
      const bool fills = key.size() > 1;
      const auto filled = plan(row.name).filled;
      ASSERT_EQ(filled.size(), fills ? 1U : 0U) << row.name;
      for (const FilledMember& member : filled) {
        EXPECT_EQ(member.key + "=" + member.value, "projectID=4507") << row.name;
      }
      for (const Json& part : key) {
        EXPECT_TRUE(Json::parse(embedded_schema(row.name))["properties"].contains(part[0]));
      }
    }
  }
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_F(StreamsTest, DocsArePrintedFromTheTable) {
  const bool update = std::getenv("UPDATE_DOCS") != nullptr;
  const std::string folder = std::string(PROJECT_ROOT) + "/docs/";
  if (update) std::ofstream(folder + "streams.md") << stream_docs();
  EXPECT_EQ(text_of(folder + "streams.md"), stream_docs())
      << "run the unit tests once with UPDATE_DOCS=1";

  std::string page = text_of(folder + "airbyte.md");
  const std::size_t begin = page.find("| stream |");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t end = page.find("\n\n", begin) + 1;
  if (update) {
    page.replace(begin, end - begin, stream_table_of_page());
    std::ofstream(folder + "airbyte.md") << page;
    return;
  }
  EXPECT_EQ(page.substr(begin, end - begin), stream_table_of_page())
      << "run the unit tests once with UPDATE_DOCS=1";
}

}  // namespace
}  // namespace source_sentry
