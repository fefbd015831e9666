#include "sentry/streams/spec/children.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/error.h"
#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr std::string_view kMonitor =
    R"({"id":42,"slug":"a b/c","name":"Zoë's \"job\"","off":null,"flag":true,"list":["x"]})";

class ChildrenTest : public testing::Test {
 protected:
  ChildrenTest() {
    config_ = read_config(
        {{"auth_token", "t0ken"}, {"organization", "acme inc"}, {"project", "web"}}, false);
  }

  std::optional<std::string> filled_in(const std::string& text, bool encoded = true,
                                       std::string_view row = kMonitor) {
    return RowTemplate(text, scope(), encoded).of(row);
  }

  static StreamSpec checkins() {
    StreamSpec spec{.name = "monitor_checkins",
                    .things = "check-ins",
                    .scopes = "org:read",
                    .children = {{.paths = {"organizations/{org}/monitors/{row.slug}/checkins/",
                                            "monitors/{row.id}/checkins/"},
                                  .of = "monitor {row.name}",
                                  .injected = {{"monitorId", "{row.id}"},
                                               {"monitorName", "{row.name}"},
                                               {"project", "{project}"}}}}};
    return spec;
  }

  Expansion children(const StreamSpec& spec) { return children_of(*spec.children, spec, scope()); }

  StreamScope scope() { return {config_, facts_, kNow, lookup_, fields_}; }

  Config config_;
  ProjectFacts facts_{"web", "4507"};
  std::vector<std::string> fields_;
  FakeClock clock_;
  ProjectLookup lookup_{config_, clock_};
};

TEST_F(ChildrenTest, ATemplateTakesTextsAndNumbersFromTheRow) {
  EXPECT_THAT(filled_in("m/{row.id}/"), Optional(std::string("m/42/")));
  EXPECT_THAT(filled_in("{row.id}{row.id}-{org}-{project_id}"),
              Optional(std::string("4242-acme%20inc-4507")));
  EXPECT_THAT(filled_in("plain/"), Optional(std::string("plain/")));
  EXPECT_THAT(filled_in("{row.n}", true, R"({"n":-1})"), Optional(std::string("-1")));
}

TEST_F(ChildrenTest, ATemplateEncodesWhatItTakesWhereThatIsAPartOfAnAddress) {
  EXPECT_THAT(filled_in("{org}/{row.slug}/"), Optional(std::string("acme%20inc/a%20b%2Fc/")));
  EXPECT_THAT(filled_in("{org}: {row.slug}", false), Optional(std::string("acme inc: a b/c")));
  EXPECT_THAT(filled_in("{row.name}", false), Optional(std::string("Zoë's \"job\"")));
}

TEST_F(ChildrenTest, ATemplateMakesNothingOfARowThatLacksSomething) {
  for (const char* key : {"none", "off", "flag", "list"}) {
    EXPECT_EQ(filled_in("m/{row." + std::string(key) + "}/{row.id}/"), std::nullopt) << key;
  }
  EXPECT_EQ(filled_in("{row.slug}", true, R"({"slug":""})"), std::nullopt) << "it leads elsewhere";
}

TEST_F(ChildrenTest, ATemplateWithAnUnknownNameIsRefused) {
  EXPECT_THROW(filled_in("{row.id}/{team}/"), ConnectorError);
}

TEST_F(ChildrenTest, EachPathIsAWayToTheChildrenOfARow) {
  StreamSpec spec = checkins();
  spec.children->record_path = "data";
  const Expansion expansion = children(spec);
  const auto today = expansion.route(kMonitor);
  ASSERT_TRUE(today);
  EXPECT_EQ(today->target(today->query, nullptr, ""),
            "organizations/acme%20inc/monitors/a%20b%2Fc/checkins/?per_page=100");
  EXPECT_EQ(today->what, "the check-ins of monitor Zoë's \"job\"");
  EXPECT_EQ(today->list_key, "data");
  EXPECT_EQ(today->scopes, "org:read") << "those of the parents";
  EXPECT_EQ(today->rate_group, kDefaultGroup);
  ASSERT_THAT(expansion.other_routes, SizeIs(1));
  EXPECT_EQ(expansion.other_routes[0](kMonitor)->path, "monitors/42/checkins/");

  constexpr std::string_view kOld = R"({"id":"42"})";
  EXPECT_FALSE(expansion.route(kOld)) << "it has no slug";
  EXPECT_TRUE(expansion.other_routes[0](kOld));
  spec.children->scopes = "project:read";
  EXPECT_EQ(children(spec).route(kMonitor)->scopes, "project:read");
}

TEST_F(ChildrenTest, OnlyRowsThatHaveWantedOnesAreVisited) {
  StreamSpec spec = checkins();
  spec.children->wanted = [](std::string_view row, const Config& config) {
    return config.organization == "acme inc" && row.find("busy") != std::string_view::npos;
  };
  const Expansion expansion = children(spec);
  EXPECT_FALSE(expansion.route(kMonitor));
  EXPECT_FALSE(expansion.other_routes[0](kMonitor));
  EXPECT_TRUE(expansion.route(R"({"id":"1","slug":"busy"})"));
}

TEST_F(ChildrenTest, AChildTakesWhatItLacksFromItsRow) {
  const auto record = children(checkins()).list->record;
  EXPECT_EQ(record(kMonitor, R"({"id":"c"})"),
            R"({"id":"c","monitorId":"42","monitorName":"Zoë's \"job\"","project":"web"})");
  EXPECT_EQ(record(kMonitor, R"({"monitorId":"own","monitorName":7,"project":null})"),
            R"({"monitorId":"own","monitorName":7,"project":"web"})")
      << "its own member wins, unless it says nothing";
  EXPECT_EQ(record(R"({"id":"42"})", R"({"id":"c"})"),
            R"({"id":"c","monitorId":"42","project":"web"})")
      << "what the row does not say is not made up";
}

TEST_F(ChildrenTest, ChildrenAreAskedForSinceATimeOnlyWhereTheirListKnowsTime) {
  EXPECT_FALSE(children(checkins()).list->window_query);
  StreamSpec spec = checkins();
  spec.children->overlap = std::chrono::minutes(90);
  const ChildList list = *children(spec).list;
  EXPECT_EQ(list.overlap, std::chrono::minutes(90));
  EXPECT_EQ(list.window_query({*parse_instant("2026-01-01T00:00:00Z"), kNow}),
            "start=2026-01-01T00%3A00%3A00Z&end=2026-01-15T12%3A00%3A00Z");
}

TEST_F(ChildrenTest, ChildrenAreToldApartByTheirOwnKey) {
  EXPECT_EQ(children(checkins()).list->shape.id_key, "id");
  StreamSpec spec = checkins();
  spec.children->id_key = "key";
  EXPECT_EQ(children(spec).list->shape.id_key, "key");
}

TEST_F(ChildrenTest, ParametersAreFilledInFromTheRowToo) {
  StreamSpec spec = checkins();
  spec.children->query = "monitor={row.slug}&per_page=100";
  const auto route = children(spec).route(kMonitor);
  ASSERT_TRUE(route);
  EXPECT_EQ(route->query, "monitor=a%20b%2Fc&per_page=100");
  EXPECT_FALSE(children(spec).route(R"({"id":1})"));
}

TEST_F(ChildrenTest, ChildrenThatAreNotTakenAreNotMeant) {
  StreamSpec spec = checkins();
  spec.children->taken = [](std::string_view child, const Config& config) {
    return child.find(config.project) != child.npos;
  };
  const auto route = children(spec).route(kMonitor);
  ASSERT_TRUE(route);
  EXPECT_TRUE(route->means(R"({"key":"web"})"));
  EXPECT_FALSE(route->means(R"({"key":"api"})"));
}

}  // namespace
}  // namespace source_sentry
