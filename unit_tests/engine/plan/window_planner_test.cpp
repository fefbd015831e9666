#include "engine/plan/window_planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

/// Plays the server: holds sorted times of rows and answers windows newest first, in pages.
class Timeline {
 public:
  Timeline(std::vector<Instant> rows, std::size_t page_size, bool heeds_windows = true)
      : rows_(std::move(rows)), page_size_(page_size), heeds_windows_(heeds_windows) {
    std::sort(rows_.begin(), rows_.end());
  }

  struct Tally {
    std::map<Instant, std::size_t> read;  ///< how often each row was read
    std::size_t requests = 0;
    std::size_t windows = 0;
    std::size_t largest_window = 0;
    Instant progress = Instant::min();
  };

  Tally read(Window whole, std::size_t target_rows) const {
    WindowPlanner planner(whole, target_rows);
    Tally tally;
    while (const auto step = planner.next()) {
      if (++tally.requests > 1'000'000) {
        ADD_FAILURE() << "the planner never ends";
        break;
      }
      const std::vector<Instant> answer = answer_to(step->window);
      const std::size_t page = step->probe ? 1 : page_size_;
      FirstPage first;
      first.rows = std::min(answer.size(), page);
      first.last = answer.size() <= page;
      if (first.rows > 0) first.oldest = answer[first.rows - 1];
      for (std::size_t i = 0; i < first.rows; ++i) {
        if (!step->window.contains(answer[i])) ++first.outside;
      }
      const bool read_on = planner.first_page(first);
      EXPECT_FALSE(step->probe && read_on);
      if (!read_on) continue;
      EXPECT_GE(step->window.from, tally.progress) << "windows must go forward";
      tally.progress = step->window.to;
      std::size_t taken = 0;
      for (const Instant row : answer) {
        if (step->window.contains(row)) {
          ++tally.read[row];
          ++taken;
        }
      }
      if (!first.last) tally.requests += (answer.size() - 1) / page_size_;
      ++tally.windows;
      tally.largest_window = std::max(tally.largest_window, taken);
      planner.window_done(taken);
    }
    EXPECT_EQ(tally.progress, whole.to);
    return tally;
  }

 private:
  std::vector<Instant> answer_to(const Window& window) const {  // newest first
    auto from = rows_.begin();
    auto to = rows_.end();
    if (heeds_windows_) {
      from = std::lower_bound(from, to, window.from);
      to = std::lower_bound(from, to, window.to);
    }
    return {std::make_reverse_iterator(to), std::make_reverse_iterator(from)};
  }

  std::vector<Instant> rows_;
  std::size_t page_size_;
  bool heeds_windows_;
};

std::vector<Instant> spread(std::size_t count, Duration over, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<Instant> rows;
  for (std::size_t i = 0; i < count; ++i) {
    const auto back =
        static_cast<Duration::rep>(random() % static_cast<unsigned long>(over.count()));
    rows.push_back(std::chrono::floor<std::chrono::seconds>(kNow - Duration(back) - 2s));
  }
  return rows;
}

void expect_each_row_once(const Timeline::Tally& tally, std::vector<Instant> rows) {
  std::map<Instant, std::size_t> wanted;
  for (const Instant row : rows) ++wanted[row];
  EXPECT_EQ(tally.read, wanted);
}

TEST(WindowPlanner, ReadsASmallStreamWithOneRequest) {
  const auto rows = spread(7, days(80), 1);
  const auto tally = Timeline(rows, 10).read({kBeginningOfTime, kNow}, 500);
  expect_each_row_once(tally, rows);
  EXPECT_EQ(tally.requests, 1U);
}

TEST(WindowPlanner, ReadsNothingWithOneRequest) {
  const auto tally = Timeline({}, 10).read({kBeginningOfTime, kNow}, 500);
  EXPECT_EQ(tally.requests, 1U);
}

TEST(WindowPlanner, AsksNothingForAnEmptyStretch) {
  EXPECT_FALSE(WindowPlanner({kNow, kNow}, 500).next());
  EXPECT_FALSE(WindowPlanner({kNow, kNow - 1s}, 500).next());
}

TEST(WindowPlanner, ReadsAFewPagesInOneWindow) {
  const auto rows = spread(300, days(2), 2);
  const auto tally = Timeline(rows, 10).read({kNow - days(2), kNow}, 500);
  expect_each_row_once(tally, rows);
  EXPECT_EQ(tally.windows, 1U);
  EXPECT_EQ(tally.requests, 30U);
}

TEST(WindowPlanner, CutsALongHistoryIntoSmallWindows) {
  const auto rows = spread(100'000, days(89), 3);
  const auto tally = Timeline(rows, 10).read({kBeginningOfTime, kNow}, 500);
  expect_each_row_once(tally, rows);
  EXPECT_LE(tally.largest_window, 1'500U);
  EXPECT_GE(tally.windows, 100U);
  EXPECT_LE(tally.requests, 10'000U * 103 / 100);  // 3 % over what the pages alone need
}

TEST(WindowPlanner, CopesWithBurstsAndGaps) {
  auto rows = spread(20'000, days(80), 4);
  for (int i = 0; i < 5'000; ++i) rows.push_back(kNow - days(40) + 1s * (i % 60));
  for (int i = 0; i < 3'000; ++i) rows.push_back(kNow - days(10));  // all in one second
  const auto tally = Timeline(rows, 10).read({kBeginningOfTime, kNow}, 500);
  expect_each_row_once(tally, rows);
  EXPECT_LE(tally.requests, rows.size() / 10 * 110 / 100);
}

TEST(WindowPlanner, FindsOldDataWithoutWalkingThroughEmptyYears) {
  auto rows = spread(2'000, days(5), 5);
  for (int i = 0; i < 1'500; ++i) rows.push_back(kNow - days(3'000) + 60s * i);
  const auto tally = Timeline(rows, 100).read({kBeginningOfTime, kNow}, 500);
  expect_each_row_once(tally, rows);
  EXPECT_LE(tally.requests, 110U);  // 35 full pages, and windows of five pages are never full
}

TEST(WindowPlanner, ReadsInOnePassWhenWindowsAreIgnored) {
  const auto rows = spread(30'000, days(300), 6);
  const auto tally = Timeline(rows, 100, false).read({kBeginningOfTime, kNow}, 500);
  expect_each_row_once(tally, rows);
  EXPECT_LE(tally.requests, 300U + 3U);
  EXPECT_EQ(tally.windows, 1U);
}

TEST(WindowPlanner, ReadsInOnePassWhenWindowsAreIgnoredInAnIncrementalRun) {
  const auto rows = spread(30'000, days(30), 7);
  const Instant state = kNow - days(20);
  const auto tally = Timeline(rows, 100, false).read({state, kNow}, 500);
  std::vector<Instant> wanted;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(wanted),
               [&](Instant row) { return row >= state; });
  expect_each_row_once(tally, wanted);
  EXPECT_EQ(tally.windows, 1U);
}

TEST(WindowPlanner, NarrowsAWindowByHalvesDownToASecond) {
  WindowPlanner planner({kNow - 8s, kNow}, 500);
  ASSERT_TRUE(planner.narrow());
  EXPECT_EQ(planner.next()->window, (Window{kNow - 8s, kNow - 4s}));
  ASSERT_TRUE(planner.narrow());
  ASSERT_TRUE(planner.narrow());
  EXPECT_EQ(planner.next()->window, (Window{kNow - 8s, kNow - 7s}));
  EXPECT_FALSE(planner.narrow());
  ASSERT_TRUE(planner.first_page({.last = true, .oldest = {}}));
  planner.window_done(0);
  EXPECT_EQ(planner.next()->window.from, kNow - 7s) << "the rest follows";
}

TEST(WindowPlanner, WalksFromTheStartWhenTheOldestDataCannotBeLookedFor) {
  WindowPlanner planner({kBeginningOfTime, kNow}, 10);
  ASSERT_FALSE(planner.first_page({.rows = 10, .oldest = kNow - 60s}));
  ASSERT_TRUE(planner.next()->probe);
  ASSERT_TRUE(planner.narrow());
  int windows = 0;
  for (; planner.next(); ++windows) {  // empty up to yesterday; a year is too much at a time
    const auto step = *planner.next();
    ASSERT_FALSE(step.probe);
    if (step.window.to - step.window.from > days(365)) {
      ASSERT_TRUE(planner.narrow());
    } else if (step.window.to > kNow - days(1)) {
      break;
    } else if (planner.first_page({.last = true, .oldest = {}})) {
      planner.window_done(0);
    }
  }
  EXPECT_LT(windows, 1'000);
  EXPECT_GT(planner.next()->window.to, kNow - days(1));
}

TEST(WindowPlanner, RemembersHowWideAWindowTheServerAnswers) {
  WindowPlanner planner({kBeginningOfTime, kNow}, 10);
  int asked = 0;
  int refused = 0;
  Instant read_until = kBeginningOfTime;
  for (; planner.next(); ++asked) {  // two days at most, and nothing in them
    const auto step = *planner.next();
    if (step.window.to - step.window.from > days(2)) {
      ++refused;
      ASSERT_TRUE(planner.narrow());
    } else if (planner.first_page({.last = true, .oldest = {}})) {
      EXPECT_TRUE(read_until == kBeginningOfTime || step.window.from == read_until) << "a gap";
      read_until = step.window.to;
      planner.window_done(0);
    }
  }
  EXPECT_EQ(read_until, kNow);
  // No Sentry is older than 2008, and every eighth window is tried twice as wide.
  EXPECT_LT(asked, 8'000);
  EXPECT_LT(refused, asked / 6);
}

TEST(WindowPlanner, SkipsAWindowOnlyWhereMoreLiesBehindIt) {
  WindowPlanner whole({kNow - days(1), kNow}, 500);
  EXPECT_FALSE(whole.skip(kNow));
  WindowPlanner planner({kNow - 8s, kNow}, 500);
  ASSERT_TRUE(planner.narrow());
  ASSERT_TRUE(planner.skip(kNow - 4s));
  EXPECT_EQ(planner.next()->window, (Window{kNow - 4s, kNow}));
  ASSERT_TRUE(planner.skip(kNow));
  EXPECT_FALSE(planner.next());
}

TEST(WindowPlanner, NeitherNarrowsNorSkipsWhereWindowsAreIgnored) {
  WindowPlanner planner({kNow - 8s, kNow}, 500);
  ASSERT_TRUE(planner.narrow());
  ASSERT_FALSE(planner.first_page({.rows = 2, .outside = 2, .oldest = kNow - days(9)}));
  EXPECT_FALSE(planner.narrow());
  EXPECT_FALSE(planner.skip(kNow));
}

TEST(WindowPlanner, CoversEveryRowOnceWhateverTheShape) {
  std::mt19937 random(8);  // NOLINT(*-msc51-cpp,*-msc32-c): the same shapes in every run
  for (unsigned round = 0; round < 60; ++round) {
    const std::size_t count = random() % 3'000;
    const Duration over = 1s + 1s * static_cast<long>(random() % 20'000'000);
    const std::size_t page = 1 + random() % 100;
    const std::size_t target = 1 + random() % 800;
    const Instant from = random() % 2 == 0 ? kBeginningOfTime : kNow - over / 2;
    const auto rows = spread(count, over, round);
    std::vector<Instant> wanted;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(wanted),
                 [&](Instant row) { return row >= from; });
    SCOPED_TRACE(round);
    expect_each_row_once(Timeline(rows, page).read({from, kNow}, target), wanted);
  }
}

}  // namespace
}  // namespace source_sentry
