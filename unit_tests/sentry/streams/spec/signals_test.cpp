#include "sentry/streams/spec/signals.h"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using std::chrono::days;
using std::chrono::hours;

constexpr std::string_view kRelease =
    R"({"id":"7","commitCount":3,"lastCommit":{"id":"abc","at":1},"newGroups":0})";

TEST(Signals, MoveWithTheMembersThatTheyWatch) {
  const Signal signal = members_moved({"commitCount", "lastCommit.id"});
  const auto moves = [&](std::string_view row) {
    return signal(row, kNow) != signal(kRelease, kNow);
  };
  EXPECT_FALSE(moves(R"({"commitCount":3,"lastCommit":{"at":2,"id":"abc"},"newGroups":9})"));
  for (const char* after :
       {R"({"commitCount":4,"lastCommit":{"id":"abc"}})",
        R"({"commitCount":3,"lastCommit":{"id":"abd"}})", R"({"commitCount":3,"lastCommit":null})",
        R"({"commitCount":3,"lastCommit":{}})", R"({"lastCommit":{"id":"abc"}})",
        R"({"commitCount":"abc","lastCommit":{"id":3}})"}) {
    EXPECT_TRUE(moves(after)) << after;
  }
}

TEST(Signals, TellWhichMemberHoldsAValue) {
  const Signal signal = members_moved({"a", "b"});
  EXPECT_NE(signal(R"({"a":1})", kNow), signal(R"({"b":1})", kNow));
  EXPECT_NE(signal(R"({"a":1,"b":23})", kNow), signal(R"({"a":12,"b":3})", kNow));
}

TEST(Signals, StayWhileTimeGoesByUnlessRowsAreToBeVisitedAgain) {
  const Signal never = members_moved({"commitCount"});
  EXPECT_EQ(never(kRelease, kNow), never(kRelease, kNow + days(1000)));
}

TEST(Signals, MoveOnceInSoLongWithRowsTakingTurns) {
  const Signal weekly = members_moved({"n"}, days(7));
  std::size_t most_at_once = 0;
  constexpr int kRows = 200;
  std::vector<int> moved(kRows, 0);
  for (int hour = 0; hour < 7 * 24; ++hour) {
    std::size_t at_once = 0;
    for (int id = 0; id < kRows; ++id) {
      const std::string row = R"({"id":")" + std::to_string(id) + R"(","n":1})";
      const Instant before = kNow + hours(hour);
      if (weekly(row, before) == weekly(row, before + hours(1))) continue;
      ++moved[static_cast<std::size_t>(id)];
      ++at_once;
    }
    most_at_once = std::max(most_at_once, at_once);
  }
  EXPECT_THAT(moved, testing::Each(1)) << "each row once in a week";
  EXPECT_LT(most_at_once, 20U) << "not all of them by one run";
}

TEST(Signals, OfYoungRowsMoveEveryDayAndOfOldOnesNever) {
  const Signal signal = row_is_young("dateCreated", days(30));
  const auto row = [](Instant created) {
    return R"({"id":"1","dateCreated":")" + format_instant(created) + R"("})";
  };
  const std::string young = row(kNow - days(3));
  EXPECT_EQ(signal(young, kNow), signal(young, kNow + hours(11))) << "of the same day";
  EXPECT_NE(signal(young, kNow), signal(young, kNow + hours(13)));
  EXPECT_NE(signal(young, kNow), signal(young, kNow + days(40))) << "once more when it grows old";
  EXPECT_EQ(signal(young, kNow + days(40)), signal(young, kNow + days(90)));
  const std::string old = row(kNow - days(31));
  EXPECT_EQ(signal(old, kNow), signal(old, kNow + days(1)));
  for (const char* odd :
       {R"({"id":"1"})", R"({"dateCreated":null})", R"({"dateCreated":"soon"})"}) {
    EXPECT_EQ(signal(odd, kNow), signal(old, kNow)) << "of unknown age: " << odd;
  }
}

}  // namespace
}  // namespace source_sentry
