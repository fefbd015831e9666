#include "spool/known_bodies.h"

#include <gtest/gtest.h>

#include "spool/deliveries.h"

namespace source_sentry {
namespace {

constexpr Duration kDay = std::chrono::hours(24);

TEST(KnownBodies, KnowsABodyForItsTime) {
  KnownBodies known(kDay);
  known.add(id_of(1), kNow);
  EXPECT_TRUE(known.knows(id_of(1), kNow));
  EXPECT_TRUE(known.knows(id_of(1), kNow + kDay - Duration(1)));
  EXPECT_FALSE(known.knows(id_of(1), kNow + kDay));
  EXPECT_FALSE(known.knows(id_of(2), kNow));
}

TEST(KnownBodies, ForgetsWhatIsOld) {
  KnownBodies known(kDay);
  known.add(id_of(1), kNow);
  known.add(id_of(2), kNow + std::chrono::hours(1));
  known.add(id_of(3), kNow + kDay);
  known.forget_old(kNow + kDay);
  EXPECT_FALSE(known.knows(id_of(1), kNow + kDay));
  EXPECT_TRUE(known.knows(id_of(2), kNow + kDay));
  known.forget_old(kNow + kDay + std::chrono::hours(1));
  EXPECT_EQ(known.size(), 1U);
  EXPECT_TRUE(known.knows(id_of(3), kNow + kDay + std::chrono::hours(1)));
}

TEST(KnownBodies, WhatCameAgainIsKnownFromThenOn) {
  KnownBodies known(kDay);
  known.add(id_of(1), kNow);
  known.add(id_of(1), kNow + kDay);
  known.forget_old(kNow + kDay);
  EXPECT_TRUE(known.knows(id_of(1), kNow + kDay));
  known.forget_old(kNow + 2 * kDay);
  EXPECT_EQ(known.size(), 0U);
}

TEST(KnownBodies, RemembersTheLatestAndNoMoreThanItMay) {
  constexpr std::uint64_t kMost = 4'000;
  KnownBodies known(kDay, kMost);
  for (std::uint64_t i = 0; i < 3 * kMost; ++i) {
    known.add(id_of(i), kNow);
    ASSERT_LE(known.size(), kMost);
    ASSERT_TRUE(known.knows(id_of(i < kMost / 2 ? 0 : i - kMost / 2), kNow)) << i;
  }
  EXPECT_FALSE(known.knows(id_of(kMost), kNow));
}

TEST(KnownBodies, IsMemoryOfIdsAlone) {
  KnownBodies known(kDay);
  for (const std::string id : {"", "1", "0123456789ABCDEF0123456789ABCDEF", "+1"}) {
    EXPECT_FALSE(KnownBodies::is_id(id));
    known.add(id, kNow);
    EXPECT_FALSE(known.knows(id, kNow)) << id;
  }
  EXPECT_EQ(known.size(), 0U);
  EXPECT_TRUE(KnownBodies::is_id("0123456789abcdef0123456789abcdef"));
}

}  // namespace
}  // namespace source_sentry
