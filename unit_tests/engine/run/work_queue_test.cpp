#include "engine/run/work_queue.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

/// A stream's place in the catalog, and a partition's in the stream.
using Place = std::pair<std::size_t, std::size_t>;

Place place(const Work& work) { return {work.stream, work.partition}; }

/// A clock that goes on by a second whenever somebody looks at it.
class TickingClock final : public Clock {
 public:
  Instant now() override { return kNow; }
  Instant steady_now() override { return now_ += seconds(1); }
  bool sleep_for(Duration, std::stop_token) override { return true; }

 private:
  Instant now_;
};

class WorkQueueTest : public testing::Test {
 protected:
  using Taken = std::future<std::optional<Work>>;

  /// Takes on a thread of its own, as soon as there is something.
  Taken later(WorkQueue& queue) const {
    return std::async(std::launch::async, [&] { return queue.take(stop_.get_token()); });
  }

  static bool waits(const Taken& taken) {
    return taken.wait_for(milliseconds(50)) == std::future_status::timeout;
  }

  /// What must come; one that does not is told and hangs nothing.
  Work got(Taken taken) {
    if (taken.wait_for(seconds(10)) != std::future_status::ready) stop_.request_stop();
    const auto work = taken.get();
    EXPECT_TRUE(work.has_value());
    return work.value_or(Work{99, 99, "", 0});
  }

  Work take(WorkQueue& queue) { return got(later(queue)); }

  Pacer pacer_;
  FakeClock clock_;
  std::stop_source stop_;
};

TEST_F(WorkQueueTest, OneWorkerReadsStreamAfterStream) {
  WorkQueue queue(pacer_, clock_, 1);
  for (const std::size_t stream : {2U, 0U, 1U}) queue.add({stream, 0, "g", 0});
  std::vector<Place> order;
  for (std::map<Place, int> left = {{{0, 0}, 2}, {{1, 0}, 2}, {{2, 0}, 1}};
       const auto work = queue.take(stop_.get_token());) {
    order.push_back(place(*work));
    queue.done(*work, --left[place(*work)] > 0);
  }
  EXPECT_THAT(order, ElementsAre(Pair(0, 0), Pair(0, 0), Pair(1, 0), Pair(1, 0), Pair(2, 0)));
}

TEST_F(WorkQueueTest, ATurnGoesToTheStreamWithTheFewestWorkers) {
  WorkQueue queue(pacer_, clock_, 8);
  for (const std::size_t partition : {0U, 1U, 2U}) queue.add({0, partition, "g", 0});
  queue.add({1, 0, "g", 0});
  queue.add({1, 1, "g", 0});
  std::vector<Place> order;
  for (int i = 0; i < 4; ++i) order.push_back(place(take(queue)));
  EXPECT_THAT(order, ElementsAre(Pair(0, 0), Pair(1, 0), Pair(0, 1), Pair(1, 1)));
  // A worker of the second stream is free again: its place there comes before the first's third.
  queue.done({1, 0, "g", 1}, true);
  EXPECT_EQ(place(take(queue)), Place(1, 0));
}

TEST_F(WorkQueueTest, AHugePartitionTakesTurnsWithSmallOnes) {
  WorkQueue queue(pacer_, clock_, 1);
  for (const std::size_t partition : {0U, 1U, 2U}) queue.add({0, partition, "g", 0});
  std::vector<std::size_t> order;
  for (std::vector<int> left = {6, 2, 1}; const auto work = queue.take(stop_.get_token());) {
    order.push_back(work->partition);
    queue.done(*work, --left[work->partition] > 0);
  }
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 0, 1, 0, 0, 0, 0));
}

TEST_F(WorkQueueTest, WhatComesLateCatchesUpWithWhatHadManyTurns) {
  WorkQueue queue(pacer_, clock_, 1);
  queue.add({0, 0, "g", 0});
  for (int i = 0; i < 3; ++i) queue.done(take(queue), true);
  queue.add({0, 1, "g", 0});
  std::vector<std::size_t> order;
  for (int i = 0; i < 5; ++i) {
    const Work work = take(queue);
    order.push_back(work.partition);
    queue.done(work, true);
  }
  EXPECT_THAT(order, ElementsAre(1, 1, 1, 0, 1));
}

TEST_F(WorkQueueTest, StreamsThatShareAListReadItInTurns) {
  WorkQueue queue(pacer_, clock_, 8);
  const auto shared = [](std::size_t stream, std::size_t partition) {
    return Work{stream, partition, "g", 0, 0, "list of " + std::to_string(partition)};
  };
  for (const std::size_t partition : {0U, 1U}) {
    for (const std::size_t stream : {0U, 2U}) queue.add(shared(stream, partition));
  }
  const Work first = take(queue);
  EXPECT_EQ(place(first), Place(0, 0));
  EXPECT_EQ(place(take(queue)), Place(0, 1)) << "the list of the first partition is being read";
  auto third = later(queue);
  EXPECT_TRUE(waits(third));
  queue.done(first, true);
  EXPECT_EQ(place(got(std::move(third))), Place(2, 0)) << "in step with the first stream";
}

TEST_F(WorkQueueTest, NoMoreAreAtWorkThanThereArePlaces) {
  WorkQueue queue(pacer_, clock_, 2);
  for (const std::size_t stream : {0U, 1U, 2U}) queue.add({stream, 0, "g", 0});
  const Work first = take(queue);
  take(queue);
  auto third = later(queue);
  EXPECT_TRUE(waits(third));
  queue.done(first, false);
  EXPECT_EQ(place(got(std::move(third))), Place(2, 0));
}

TEST_F(WorkQueueTest, WhoWaitsAsideGivesThePlaceAwayAndTakesItBack) {
  WorkQueue queue(pacer_, clock_, 1);
  for (const std::size_t stream : {0U, 1U, 2U}) queue.add({stream, 0, "g", 0});
  const Work waiting = take(queue);
  auto other = later(queue);
  EXPECT_TRUE(waits(other));
  Work second;
  EXPECT_TRUE(queue.wait_aside([&] {
    second = got(std::move(other));
    return true;
  }));
  ASSERT_EQ(place(second), Place(1, 0));
  // Both are at work, on one place: the next may come when both are done.
  auto third = later(queue);
  EXPECT_TRUE(waits(third));
  queue.done(second, false);
  EXPECT_TRUE(waits(third));
  queue.done(waiting, false);
  EXPECT_EQ(place(got(std::move(third))), Place(2, 0));
}

TEST_F(WorkQueueTest, WaitingAsideTellsHowTheWaitEnded) {
  WorkQueue queue(pacer_, clock_, 1);
  EXPECT_FALSE(queue.wait_aside([] { return false; }));
}

TEST_F(WorkQueueTest, AGroupHasNoMoreWorkersThanItsLimitAllowsAtATime) {
  const Pacer pacer({{"two", {60, seconds(60), 2}}});
  WorkQueue queue(pacer, clock_, 8);
  for (const std::size_t stream : {0U, 1U, 2U}) queue.add({stream, 0, "two", 0});
  queue.add({3, 0, "free", 0});
  const Work first = take(queue);
  EXPECT_EQ(place(take(queue)), Place(1, 0));
  EXPECT_EQ(place(take(queue)), Place(3, 0)) << "the third of the group is passed over";
  auto third = later(queue);
  EXPECT_TRUE(waits(third));
  queue.done(first, false);
  EXPECT_EQ(place(got(std::move(third))), Place(2, 0));
}

TEST_F(WorkQueueTest, AGroupThatIsHeldBackHasOneWaitingWorker) {
  pacer_.block("held", seconds(10), clock_.steady_now());
  WorkQueue queue(pacer_, clock_, 8);
  queue.add({0, 0, "held", 0});
  queue.add({1, 0, "held", 0});
  queue.add({2, 0, "free", 0});
  const Work first = take(queue);
  EXPECT_EQ(place(first), Place(0, 0)) << "somebody has to find out when it goes on";
  EXPECT_EQ(place(take(queue)), Place(2, 0));
  auto third = later(queue);
  EXPECT_TRUE(waits(third));
  // Who waited has gone: another one may wait in its place.
  queue.done(first, false);
  EXPECT_EQ(place(got(std::move(third))), Place(1, 0));
}

TEST_F(WorkQueueTest, AGroupThatIsHeldBackForAMomentIsNotPassedOver) {
  pacer_.block("held", milliseconds(199), clock_.steady_now());
  WorkQueue queue(pacer_, clock_, 8);
  queue.add({0, 0, "held", 0});
  queue.add({1, 0, "held", 0});
  queue.add({2, 0, "free", 0});
  take(queue);
  EXPECT_EQ(place(take(queue)), Place(1, 0));
}

TEST_F(WorkQueueTest, AGroupIsServedAgainOnceItsLimitsTimeIsOver) {
  TickingClock clock;
  pacer_.block("held", seconds(4), clock.steady_now());  // the clock's first second
  WorkQueue queue(pacer_, clock, 8);
  queue.add({0, 0, "held", 0});
  queue.add({0, 1, "held", 0});
  take(queue);
  // Nobody tells that the time is over: the queue looks at the clock by itself.
  EXPECT_EQ(place(take(queue)), Place(0, 1));
  EXPECT_EQ(clock.steady_now(), Instant(seconds(6))) << "it looked at 2, 3, 4 and 5";
}

TEST_F(WorkQueueTest, WhatIsAddedWakesWhoWaits) {
  WorkQueue queue(pacer_, clock_, 2);
  queue.add({0, 0, "g", 0});
  take(queue);
  auto second = later(queue);
  EXPECT_TRUE(waits(second));
  queue.add({0, 1, "g", 0});
  EXPECT_EQ(place(got(std::move(second))), Place(0, 1));
}

TEST_F(WorkQueueTest, WhoWaitsInVainIsWokenOnceALimitsTimeIsOver) {
  WorkQueue queue(pacer_, clock_, 8);
  queue.add({0, 0, "free", 0});
  const Work first = take(queue);
  std::vector<Taken> waiting;
  for (int i = 0; i < 3; ++i) waiting.push_back(later(queue));
  for (const Taken& taken : waiting) EXPECT_TRUE(waits(taken));
  pacer_.block("held", seconds(10), clock_.steady_now());
  for (const std::size_t partition : {1U, 2U, 3U}) queue.add({0, partition, "held", 0});
  const auto taken = [&] {
    return std::ranges::count_if(waiting, [](const Taken& one) { return !waits(one); });
  };
  EXPECT_EQ(taken(), 1) << "one is enough to find out when it goes on";
  clock_.sleep_for(seconds(10), {});
  std::vector<std::size_t> partitions;
  for (Taken& one : waiting) partitions.push_back(got(std::move(one)).partition);
  EXPECT_THAT(partitions, UnorderedElementsAre(1, 2, 3));
}

TEST_F(WorkQueueTest, TakingEndsWhenAllIsDone) {
  WorkQueue queue(pacer_, clock_, 2);
  queue.add({0, 0, "g", 0});
  const Work only = take(queue);
  auto second = later(queue);
  auto third = later(queue);
  EXPECT_TRUE(waits(second)) << "the work that is under way may bring more";
  EXPECT_TRUE(waits(third));
  queue.done(only, false);
  EXPECT_FALSE(second.get().has_value());
  EXPECT_FALSE(third.get().has_value());
  EXPECT_FALSE(queue.take(stop_.get_token()).has_value());
}

TEST_F(WorkQueueTest, TakingEndsAtAStop) {
  WorkQueue queue(pacer_, clock_, 1);
  queue.add({0, 0, "g", 0});
  queue.add({0, 1, "g", 0});
  take(queue);
  auto second = later(queue);
  EXPECT_TRUE(waits(second));
  stop_.request_stop();
  EXPECT_FALSE(second.get().has_value());
  EXPECT_FALSE(queue.take(stop_.get_token()).has_value()) << "though there is work";
}

}  // namespace
}  // namespace source_sentry
