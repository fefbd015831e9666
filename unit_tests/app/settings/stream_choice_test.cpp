#include "app/settings/stream_choice.h"

#include <gmock/gmock.h>

#include "sentry/streams/families/core.h"

namespace source_sentry {
namespace {

using testing::HasSubstr;
using testing::Optional;

std::string chosen(std::vector<std::string> patterns, bool full_refresh = false) {
  Invocation invocation;
  invocation.streams = std::move(patterns);
  invocation.full_refresh = full_refresh;
  std::string list;
  for (const ConfiguredStream& stream : wanted_streams(invocation)) {
    list += stream.name + (stream.sync_mode == SyncMode::kIncremental ? "+ " : " ");
  }
  return list;
}

TEST(StreamChoiceTest, TakesTheSuggestedStreamsWhereNoneIsNamed) {
  EXPECT_EQ(chosen({}), "events+ issues+ projects+ releases+ ");
  EXPECT_EQ(chosen({}, true), "events issues projects releases ");
}

TEST(StreamChoiceTest, TakesPatternsAndTheLastMatchWins) {
  EXPECT_EQ(chosen({"issues", "events"}), "events+ issues+ ") << "in the table's order";
  EXPECT_EQ(chosen({"project*", "!project_*"}), "projects+ ");
  EXPECT_EQ(chosen({"!*", "teams"}), "teams+ ") << "named, though it is not in the core";
  std::size_t others = 0;
  for (const StreamSpec& spec : core_streams()) others += spec.name == "events" ? 0 : 1;
  Invocation invocation;
  invocation.streams = {"!events"};
  EXPECT_EQ(wanted_streams(invocation).size(), others);
}

TEST(StreamChoiceTest, NamesWhatMayHaveBeenMeant) {
  EXPECT_EQ(unknown_streams({"issues", "project*", "!events"}), std::nullopt);
  EXPECT_EQ(unknown_streams({"isues"}), "There is no stream \"isues\". Did you mean \"issues\"?");
  EXPECT_THAT(unknown_streams({"colours"}),
              Optional(HasSubstr("\"colours\". The streams are events, ")));
  EXPECT_THAT(unknown_streams({"!isue*"}), Optional(HasSubstr("\"isue*\"")));
  EXPECT_NE(unknown_streams({""}), std::nullopt);
}

}  // namespace
}  // namespace source_sentry
