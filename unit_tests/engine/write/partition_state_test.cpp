#include "engine/write/partition_state.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;

/// One run of a partition, and what it saved last.
class PartitionStateTest : public testing::Test {
 protected:
  PartitionStateTest() {
    plan_.now = plan_.until = kNow;
    plan_.lookback = 1h;
  }

  PartitionState begin(const Checkpoint& saved = {}, bool full_refresh = false) {
    return {plan_, "events of web", saved, full_refresh, [this](const Checkpoint& checkpoint) {
              saved_ = checkpoint;
              ++saves_;
            }};
  }

  static Checkpoint read_to(Instant mark) {
    Checkpoint checkpoint;
    checkpoint.high_water = mark;
    return checkpoint;
  }

  /// A place in the window that ends now.
  static PagePosition page() { return {kNow, "0:100:0", std::nullopt, "events"}; }

  const ConnectorError broken_{FailureKind::kSystem, "It is broken."};
  PartitionPlan plan_;
  Checkpoint saved_;
  int saves_ = 0;
};

TEST_F(PartitionStateTest, AWindowMovesTheMarkAndThePlaceAndIsSavedUnlessItIsTheLast) {
  PartitionState state = begin();
  state.window_done({.window = {kNow - 3h, kNow - 2h}, .newest = kNow - 150min});
  EXPECT_EQ(saved_.high_water, kNow - 150min);
  EXPECT_EQ(saved_.position, (Position{false, kNow - 2h, std::nullopt}));
  state.window_done({.window = {kNow - 2h, kNow}, .newest = kNow - 1h, .last = true});
  EXPECT_EQ(saves_, 1) << "the last window's state is that of the partition's end";
  state.finish(kNow);
  EXPECT_EQ(state.safe().high_water, kNow - 1h);
  EXPECT_FALSE(state.safe().position);
}

TEST_F(PartitionStateTest, NothingIsSafeBehindAHole) {
  PartitionState state = begin();
  state.window_done({.window = {kNow - 3h, kNow - 2h}, .newest = kNow - 150min});
  state.lose_window({kNow - 2h, kNow - 1h}, broken_);
  state.window_left(kNow - 1h);
  state.window_done({.window = {kNow - 1h, kNow}, .newest = kNow - 1min});
  state.finish(kNow);
  EXPECT_EQ(saved_.high_water, kNow - 150min);
  EXPECT_EQ(state.safe().high_water, kNow - 150min);
  EXPECT_EQ(state.position(), std::nullopt) << "reading itself went to the end";
}

TEST_F(PartitionStateTest, PagesThatLeadNowhereAreTakenBackToTheirWindow) {
  PartitionState state = begin();
  state.window_done({.window = {kNow - 3h, kNow - 2h}, .newest = std::nullopt});
  const auto before = state.position();
  state.window_begun();
  state.page_done(kNow - 2h, page());
  ASSERT_TRUE(saved_.position->page);
  state.take_back_pages();
  EXPECT_EQ(saved_.position, before);
}

TEST_F(PartitionStateTest, ABatchThatFallsApartResumesWithoutItsPageAndOnlyIfItHasLookedBack) {
  PartitionState state = begin(read_to(kNow - 5h));
  state.page_done(kNow - 6h, page());
  EXPECT_FALSE(state.place().position) << "its look back is not through";
  state.window_done({.window = {kNow - 6h, kNow - 3h}, .newest = kNow - 4h});
  state.page_done(kNow - 3h, page());
  EXPECT_TRUE(state.looked_back());
  EXPECT_EQ(state.place().position, (Position{false, kNow - 3h, std::nullopt}));
  state.take_back();
  EXPECT_EQ(state.place().high_water, kNow - 5h);
  EXPECT_FALSE(state.looked_back());
}

TEST_F(PartitionStateTest, BegunAnewItHasNeitherMovedNorAHole) {
  PartitionState state = begin(read_to(kNow - 5h));
  state.lose_row("row 3", broken_);
  state.list_done(kNow + 1h);
  EXPECT_EQ(state.high_water(), kNow) << "the mark is never ahead of the server's time";
  state.begin_anew();
  EXPECT_TRUE(state.holes().empty());
  EXPECT_EQ(state.safe().high_water, kNow - 5h);
}

TEST_F(PartitionStateTest, AFullRefreshIgnoresAnIncrementalStateAndIsNotReadTwice) {
  PartitionState state = begin(read_to(kNow - 5h), true);
  EXPECT_FALSE(state.began_with().high_water);
  EXPECT_FALSE(state.oldest_wanted());
  state.finish(kNow);
  EXPECT_EQ(state.safe().position, (Position{true, kNow, std::nullopt}));
}

TEST_F(PartitionStateTest, AStateOfTheFutureResumesAtTheServersTime) {
  PartitionState state = begin(read_to(kNow + 5h));
  EXPECT_EQ(state.began_with().high_water, kNow);
  EXPECT_EQ(state.oldest_wanted(), kNow - 1h);
}

}  // namespace
}  // namespace source_sentry
