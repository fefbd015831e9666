#include "sentry/streams/explore/configured.h"

#include <gmock/gmock.h>

#include "base/error.h"
#include "fakes/message_of.h"
#include "sentry/streams/table.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

ExploreStream chosen(std::string name) {
  return {.place = "explore_streams[0]",
          .name = std::move(name),
          .dataset = "spans",
          .fields = {"span.op"},
          .query = "span.op:db",
          .projects = {"web", "api"},
          .environments = {"prod"}};
}

Config config_with(const char* name) {
  Config config;
  config.organization = "acme";
  config.explore_streams = {chosen(name)};
  return config;
}

TEST(ConfiguredExploreStream, AsksForWhatWasChosenAndItsKey) {
  const StreamSpec spec = configured_explore_stream(chosen("mine"));
  for (const char* part : {"projectSlug=web&projectSlug=api&", "&environment=prod", "dataset=spans",
                           "&query=span.op%3Adb", "field=trace&field=id&field=timestamp",
                           "&sort=-timestamp&sort=-id&per_page=100"}) {
    EXPECT_THAT(spec.query, HasSubstr(part));
  }
  EXPECT_THAT(spec.primary_key, ElementsAre("trace", "id"));
  EXPECT_FALSE(spec.per_project());
}

TEST(ConfiguredExploreStream, BlamesWhatTheServerNames) {
  const StreamSpec spec = configured_explore_stream(chosen("mine"));
  EXPECT_EQ(spec.blamed("Invalid field: span.op"), "explore_streams[0].fields");
  EXPECT_EQ(spec.blamed("Invalid date"), "explore_streams[0].query");
}

TEST(StreamTable, HasTheConfigurationsStreamsAfterItsOwn) {
  const Config config = config_with("mine");
  const StreamTable table(config);
  ASSERT_NE(table.find("mine"), nullptr);
  EXPECT_EQ(table.find("mine")->group, kConfiguredGroup);
  EXPECT_TRUE(is_offered(*table.find("mine"), config)) << "whatever the groups are";
  EXPECT_EQ(static_cast<std::size_t>(table.end() - table.begin()), stream_table().size() + 1);
  EXPECT_EQ(StreamTable().find("mine"), nullptr);
}

TEST(StreamTable, HidesRowsButThoseOfTheCore) {
  const StreamTable table(config_with("logs"));
  EXPECT_THAT(table.hidden(), ElementsAre("logs"));
  EXPECT_THAT(table.find("logs")->query, HasSubstr("dataset=spans"));
  EXPECT_EQ(static_cast<std::size_t>(table.end() - table.begin()), stream_table().size());
  EXPECT_THAT(message_of([] { const StreamTable refused(config_with("issues")); }),
              HasSubstr("'explore_streams[0].name' is \"issues\""));
}

}  // namespace
}  // namespace source_sentry
