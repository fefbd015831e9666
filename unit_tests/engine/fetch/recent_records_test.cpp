#include "engine/fetch/recent_records.h"

#include <gtest/gtest.h>

#include <string>

namespace source_sentry {
namespace {

TEST(RecentRecords, KnowsARecordAgainByIdAndCursor) {
  RecentRecords recent;
  EXPECT_FALSE(recent.seen_before("1", "a"));
  EXPECT_TRUE(recent.seen_before("1", "a"));
  EXPECT_FALSE(recent.seen_before("1", "b"));
  EXPECT_FALSE(recent.seen_before("a", "1"));
}

TEST(RecentRecords, LooksWithoutRemembering) {
  RecentRecords recent;
  EXPECT_FALSE(recent.contain("1", "a"));
  EXPECT_FALSE(recent.seen_before("1", "a"));
  EXPECT_TRUE(recent.contain("1", "a"));
  EXPECT_FALSE(recent.contain("1", "b"));
  EXPECT_FALSE(recent.seen_before("", "a"));
  EXPECT_FALSE(recent.contain("", "a"));
}

TEST(RecentRecords, TakesRecordsWithoutIdAsNew) {
  RecentRecords recent;
  EXPECT_FALSE(recent.seen_before("", "a"));
  EXPECT_FALSE(recent.seen_before("", "a"));
}

TEST(RecentRecords, ForgetsTheOldest) {
  RecentRecords recent;
  for (int i = 0; i < 30'000; ++i) EXPECT_FALSE(recent.seen_before(std::to_string(i), ""));
  EXPECT_FALSE(recent.contain("0", ""));
  for (int i = 20'000; i < 30'000; ++i) EXPECT_TRUE(recent.contain(std::to_string(i), "")) << i;
  EXPECT_FALSE(recent.seen_before("0", ""));
  EXPECT_TRUE(recent.seen_before("29999", ""));
}

}  // namespace
}  // namespace source_sentry
