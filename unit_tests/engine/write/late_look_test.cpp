#include "engine/write/late_look.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

PartitionPlan plan_for(Duration window) {
  PartitionPlan plan;
  plan.now = plan.until = kNow;
  plan.lookback = 10min;
  plan.late_window = window;
  plan.shape.received_key = "dateReceived";
  return plan;
}

Checkpoint read_until(Instant when) {
  Checkpoint checkpoint;
  checkpoint.high_water = when;
  return checkpoint;
}

bool is_news(const LateLook& look, const std::string& json) {
  return look.is_news({json, "1", "2026-01-01T00:00:00Z"});
}

TEST(LateLook, IsMadeOnlyWhereItIsAskedForAndSomethingWasRead) {
  const Instant usual = kNow - 1h;
  EXPECT_FALSE(LateLook::make(plan_for(Duration::zero()), read_until(kNow), usual));
  EXPECT_FALSE(LateLook::make(plan_for(days(3)), Checkpoint(), usual));
  EXPECT_FALSE(LateLook::make(plan_for(30min), read_until(kNow), usual)) << "the look back covers";
  const auto look = LateLook::make(plan_for(days(3)), read_until(kNow - 50min), usual);
  ASSERT_TRUE(look);
  EXPECT_EQ(look->window(), (Window{kNow - 50min - days(3), usual}));
}

TEST(LateLook, EndsAtTheStartDate) {
  PartitionPlan plan = plan_for(days(3));
  plan.from = kNow - days(2);
  EXPECT_EQ(LateLook::make(plan, read_until(kNow), kNow - 10min)->window().from, plan.from);
}

TEST(LateLook, NewsIsWhatWasReceivedSinceTheLastOne) {
  Checkpoint checkpoint = read_until(kNow - 1h);
  checkpoint.late_until = *parse_instant("2026-01-15T11:20:00Z");
  const auto look = LateLook::make(plan_for(days(3)), checkpoint, kNow - 70min);
  ASSERT_TRUE(look);
  EXPECT_TRUE(is_news(*look, R"({"id":"1","dateReceived":"2026-01-15T11:10:00Z"})"))
      << "what was received just before the last look may not have been listed then";
  EXPECT_FALSE(is_news(*look, R"({"id":"1","dateReceived":"2026-01-15T11:09:59.9Z"})"));
  EXPECT_TRUE(is_news(*look, R"({"id":"1"})"));
  EXPECT_TRUE(is_news(*look, R"({"id":"1","dateReceived":null})"));
}

TEST(LateLook, TheFirstOneTakesWhatWasReceivedAfterTheSavedRecord) {
  const auto look = LateLook::make(plan_for(days(3)), read_until(kNow - 1h), kNow - 70min);
  EXPECT_FALSE(is_news(*look, R"({"dateReceived":"2026-01-15T10:49:00Z"})"));
  EXPECT_TRUE(is_news(*look, R"({"dateReceived":"2026-01-15T10:50:00Z"})"));
}

}  // namespace
}  // namespace source_sentry
