#include "sentry/streams/spec/stream_spec.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <tuple>

#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"
#include "fakes/partition_reading.h"
#include "sentry/streams/plans.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

/// A stream such as a configuration may add one day.
StreamSpec tag_values() {
  return {.name = "tag_values",
          .docs = "The values of a tag.",
          .path = "projects/{org}/{project}/tags/user/values/",
          .record_path = "values",
          .things = "values of the tag user",
          .scopes = "project:read",
          .primary_key = {"project", "value"},
          .injected = {{"project", "{project}"}, {"source", "{org}/{project_id}"}},
          .schema = R"({"type":"object","properties":{"value":{"type":["null","string"]}}})"};
}

class StreamSpecTest : public testing::Test {
 protected:
  StreamSpecTest() {
    config_ = read_config(
        {{"auth_token", "t0ken"}, {"organization", "acme inc"}, {"project", "web"}}, false);
  }

  StreamScope scope() { return {config_, facts_, kNow, lookup_, fields_}; }

  PartitionPlan plan(const StreamSpec& spec) {
    return plan_stream(spec, config_, {{facts_}, kNow, {}}, lookup_, fields_).plans.at(0);
  }

  Config config_;
  ProjectFacts facts_{"web site", "4507"};
  std::vector<std::string> fields_;
  FakeClock clock_;
  ProjectLookup lookup_{config_, clock_};
};

TEST_F(StreamSpecTest, SaysWhatARequestBrings) {
  const auto cost = [](const char* name) {
    const PageCost of = page_cost(*find_stream(name));
    return std::tuple(of.least, of.most, of.one_each, of.per_project);
  };
  EXPECT_EQ(cost("events"), std::tuple(10U, 100U, false, true));
  EXPECT_EQ(cost("issues"), std::tuple(100U, 100U, false, true));
  EXPECT_EQ(cost("projects"), std::tuple(100U, 100U, true, false));
  EXPECT_EQ(cost("project_detail"), std::tuple(1U, 1U, false, true));
  EXPECT_THAT(scopes_of(*find_stream("all_projects_detail")),
              ElementsAre("org:read", "project:read"));
}

TEST_F(StreamSpecTest, TemplatesAreFilledFromThePartition) {
  EXPECT_EQ(expand("a/{org}/{project}/{project_id}/", scope(), true),
            "a/acme%20inc/web%20site/4507/");
  EXPECT_EQ(expand("{org}: {project}", scope(), false), "acme inc: web site");
  facts_.id.clear();
  EXPECT_EQ(expand("project={project_id}", scope(), true), "project=web%20site");
  for (const char* bad : {"a/{team}/", "a/{}/", "a/{project"}) {
    try {
      expand(bad, scope(), true);
      ADD_FAILURE() << bad;
    } catch (const ConnectorError& error) {
      EXPECT_EQ(error.kind(), FailureKind::kConfig);
      EXPECT_THAT(error.message(), HasSubstr("Use {org}, {project} or {project_id}."));
    }
  }
}

TEST_F(StreamSpecTest, APlainStreamTakesAFewWords) {
  const StreamSpec spec{.name = "teams",
                        .docs = "Teams.",
                        .path = "organizations/{org}/teams/",
                        .scopes = "team:read"};
  EXPECT_FALSE(spec.per_project());
  const std::vector<Route> routes = routes_of(spec, scope());
  ASSERT_EQ(routes.size(), 1U);
  EXPECT_EQ(routes[0].target(routes[0].query, nullptr, ""),
            "organizations/acme%20inc/teams/?per_page=100");
  EXPECT_EQ(routes[0].what, "the teams of the organization \"acme inc\"");
  EXPECT_EQ(routes[0].rate_group, kDefaultGroup);
  EXPECT_EQ(routes[0].scopes, "team:read");
  EXPECT_FALSE(routes[0].window_query);
  EXPECT_EQ(plan(spec).shape.id_key, "id");
}

TEST_F(StreamSpecTest, AWindowIsAskedForInItsStyle) {
  StreamSpec spec = tag_values();
  spec.windows = WindowStyle::kStartEnd;
  const Route route = plain_route(spec, scope());
  const Window hour{*parse_instant("2026-01-01T00:00:00Z"), *parse_instant("2026-01-01T01:00:00Z")};
  EXPECT_EQ(route.window_query(hour),
            "start=2026-01-01T00%3A00%3A00Z&end=2026-01-01T01%3A00%3A00Z");
}

TEST_F(StreamSpecTest, AKeyOfSeveralFieldsKnowsWhichOfThemTellsRowsApart) {
  StreamSpec spec = tag_values();
  EXPECT_TRUE(spec.per_project());
  EXPECT_EQ(spec.id_key(), "value");
  spec.primary_key = {"project", "key", "value"};
  EXPECT_EQ(spec.id_key(), "");  // rows are told apart by all that they say
  EXPECT_THAT(primary_key(spec, config_), ElementsAre("project", "key", "value"));
  spec.project_key = "projectID";
  EXPECT_THAT(primary_key(spec, config_), ElementsAre("project", "key", "value"));
  config_.project.clear();
  EXPECT_THAT(primary_key(spec, config_), ElementsAre("projectID", "project", "key", "value"));
}

TEST_F(StreamSpecTest, TheCatalogHasTheSpecsOwnSchemaAndWhatIsInjected) {
  const Json entry = catalog_entry(tag_values(), config_);
  EXPECT_EQ(entry["source_defined_primary_key"], Json::parse(R"([["project"],["value"]])"));
  const Json text = Json::parse(R"({"type":["null","string"]})");
  EXPECT_EQ(entry["json_schema"]["properties"],
            Json({{"value", text}, {"project", text}, {"source", text}}));
}

TEST_F(StreamSpecTest, RecordsGetWhatIsInjectedWhereTheyLackIt) {
  const auto server = [](const std::string&) {
    return answer(200, R"({"values":[{"value":"a"},{"value":"b","project":"kept"}]})",
                  {{"link", R"(<u>; rel="next"; results="false"; cursor="0:100:0")"}});
  };
  const Json source = "acme inc/4507";
  EXPECT_THAT(read(plan(tag_values()), server).records,
              ElementsAre(Json({{"value", "a"}, {"project", "web site"}, {"source", source}}),
                          Json({{"value", "b"}, {"project", "kept"}, {"source", source}})));
}

}  // namespace
}  // namespace source_sentry
