#include "engine/run/parts_reach.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using std::chrono::days;

Checkpoint at(Instant read_until) {
  Checkpoint checkpoint;
  checkpoint.position = Position{false, read_until, {}};
  return checkpoint;
}

double part(const std::optional<Reach>& reach) { return reach ? reach->part : -1; }

TEST(PartsReach, GoesByTheTimeThatIsRead) {
  PartsReach reach;
  reach.add(0, 1, kNow - days(10), kNow);
  EXPECT_FALSE(reach.moved(0, Checkpoint())) << "a list without windows";
  EXPECT_FALSE(reach.moved(0, at(kBeginningOfTime))) << "not a time of records";
  const auto moved = reach.moved(0, at(kNow - days(4)));
  EXPECT_DOUBLE_EQ(part(moved), 0.6);
  EXPECT_EQ(moved->at, kNow - days(4));
  EXPECT_DOUBLE_EQ(part(reach.moved(0, at(kNow - days(8)))), 0.6) << "it never goes back";
  EXPECT_DOUBLE_EQ(part(reach.moved(0, at(kNow + days(1)))), 1);
  EXPECT_DOUBLE_EQ(reach.done(0).part, 1);
}

TEST(PartsReach, BeginsWhereTheRecordsAreFound) {
  PartsReach reach;
  reach.add(0, 1, kBeginningOfTime, kNow);
  EXPECT_DOUBLE_EQ(part(reach.moved(0, at(kNow - days(90)))), 0);
  EXPECT_DOUBLE_EQ(part(reach.moved(0, at(kNow - days(45)))), 0.5);
}

TEST(PartsReach, CountsEachPartitionAlike) {
  PartsReach reach;
  reach.add(0, 1, kNow - days(10), kNow);
  reach.add(2, 3, kNow - days(10), kNow);  // a batch
  EXPECT_DOUBLE_EQ(reach.done(0).part, 0.25);
  EXPECT_DOUBLE_EQ(part(reach.moved(2, at(kNow - days(5)))), 0.625);
  reach.drop(2);
  reach.add(1, 1, std::nullopt, kNow);
  EXPECT_DOUBLE_EQ(reach.done(1).part, 1);
}

}  // namespace
}  // namespace source_sentry
