#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "base/text.h"
#include "engine/expand/visit_budget.h"
#include "fakes/family.h"

namespace source_sentry {
namespace {

using std::chrono::days;
using std::chrono::hours;
using testing::SizeIs;

/// How often each parent's list was begun.
std::map<std::string, int> visits_of(const Outcome& got) {
  std::map<std::string, int> visits;
  for (const std::string& target : got.targets) {
    const std::string parent = Family::parent_of(target);
    if (!parent.empty() && FakeList::parameters(target)["cursor"].empty()) ++visits[parent];
  }
  return visits;
}

std::size_t requests_of_children(const Outcome& got) {
  return static_cast<std::size_t>(
      std::count_if(got.targets.begin(), got.targets.end(),
                    [](const std::string& target) { return !Family::parent_of(target).empty(); }));
}

/// What several runs gave together.
struct Together {
  std::set<std::string> ids{};
  std::map<std::string, int> visits{};
  std::size_t runs = 0;
  nlohmann::json state{};
  std::uint64_t left = 0;  // after the last
};

class ChildBudget : public testing::TestWithParam<std::size_t> {
 protected:
  /// One run with that budget, added to what there is.
  Outcome run(std::uint64_t requests, PartitionPlan plan, const Family& family, Together& all,
              Case options = {}) const {
    plan.budget = std::make_shared<VisitBudget>(requests);
    options.clients = GetParam();
    options.state = all.state;
    Outcome got = read(plan, family, options);
    for (const auto& [parent, count] : visits_of(got)) all.visits[parent] += count;
    all.ids.merge(ids_of(got));
    all.state = got.last_state;
    all.left = plan.budget->rows_left();
    ++all.runs;
    return got;
  }

  /// Runs until none is left.
  Together run_all(std::uint64_t requests, const PartitionPlan& plan, const Family& family,
                   Together all = {}) const {
    constexpr std::size_t kTooMany = 300;
    do {
      const Outcome got = run(requests, plan, family, all);
      EXPECT_TRUE(got.finished) << got.error;
      // Lists have three pages at most, and those begun are read to their ends.
      const std::size_t under_way = std::max<std::size_t>(GetParam(), 1);
      EXPECT_LE(requests_of_children(got), requests + 2 * under_way);
      if (all.left > 0) {
        EXPECT_EQ(all.state["visits"]["left"], all.left);
      }
      if (!got.finished) break;
    } while (all.left > 0 && all.runs < kTooMany);
    EXPECT_EQ(all.left, 0U) << "it comes to no end";
    return all;
  }

  static void expect_each_visited(int times, const Together& all, const Family& family) {
    EXPECT_EQ(all.ids, family.all());
    for (const auto& [parent, count] : family.children) {
      const auto found = all.visits.find(parent);
      EXPECT_EQ(found == all.visits.end() ? 0 : found->second, count == 0 ? 0 : times) << parent;
    }
  }
};
INSTANTIATE_TEST_SUITE_P(Clients, ChildBudget, testing::Values(0U, 3U, 8U));

TEST_P(ChildBudget, RunsTogetherVisitEachParentOnceHoweverSmallItIs) {
  const Family family(24);
  for (const bool by_count : {false, true}) {
    for (const std::uint64_t requests : {1U, 7U, 18U}) {
      // A look back that reaches over all of them takes no run's budget away.
      for (const Duration lookback : {Duration::zero(), Duration(hours(12))}) {
        PartitionPlan plan = family.plan(by_count);
        plan.lookback = lookback;
        const Together all = run_all(requests, plan, family);
        expect_each_visited(1, all, family);
        EXPECT_GT(all.runs, 1U);
        EXPECT_FALSE(all.state.contains("visits") && all.state["visits"].contains("began"));
        EXPECT_FALSE(all.state.contains("position"));
      }
    }
  }
}

TEST_P(ChildBudget, ManyWindowsAndServersWithoutThemAreResumedWhereTheFirstWasLeft) {
  for (const bool heeds_windows : {true, false}) {
    Family family(300, days(3));
    family.parents.heeds_windows = heeds_windows;
    PartitionPlan plan = family.plan();
    plan.lookback = hours(1);
    const Together all = run_all(110, plan, family);
    expect_each_visited(1, all, family);
    EXPECT_EQ(all.state["dateCreated"], format_instant(newest(family.parents)));
  }
}

TEST_P(ChildBudget, ParentsOfOneSecondAreToldApart) {
  Family family(30);
  for (auto& parent : family.parents.rows) parent.when = kNow - hours(1);
  expect_each_visited(1, run_all(4, family.plan(), family), family);
}

/// The mark and the time since which children are asked for stay behind the first that was left.
TEST_P(ChildBudget, TheStateStaysBehindTheFirstThatWasLeft) {
  const Family family(40);
  for (const bool by_count : {false, true}) {
    Together all;
    const Outcome got = run(10, family.plan(by_count), family, all);
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_FALSE(all.state.contains("children_until"));
    if (!by_count) {
      EXPECT_EQ(all.state["dateCreated"], format_instant(kBeginningOfTime));
    }
    EXPECT_EQ(all.state["visits"]["began"], format_instant(kNow));
  }
}

TEST_P(ChildBudget, ChildrenAreAskedForSinceThePassBefore) {
  Family family(12);
  for (const bool by_count : {false, true}) {
    PartitionPlan plan = family.plan(by_count);
    plan.expansion.list->overlap = hours(1);
    plan.expansion.list->window_query = [](const Window& window) {
      return "start=" + format_seconds(window.from) + "&end=" + format_seconds(window.to);
    };
    Together all = run_all(100, plan, family);
    // Each run comes a day later; the second pass takes several.
    const Instant first = kNow + days(1);
    for (auto& parent : family.parents.rows) parent.when = first - hours(1);
    for (auto& [id, count] : family.children) ++count;
    plan.now = plan.until = kNow;
    do {
      plan.now = plan.until = plan.now + days(1);
      const Outcome got = run(5, plan, family, all);
      for (const std::string& target : got.targets) {
        if (Family::parent_of(target).empty()) continue;
        EXPECT_EQ(FakeList::parameters(target)["start"], format_seconds(kNow - hours(1)));
      }
    } while (all.left > 0 && all.runs < 50);
    EXPECT_GT(plan.now, first + days(1));
    EXPECT_EQ(all.state["children_until"], format_instant(first));
    for (auto& parent : family.parents.rows) parent.when = kNow - hours(3);
  }
}

TEST_P(ChildBudget, AFullRefreshKnowsNone) {
  const Family family(40);
  for (const bool by_count : {false, true}) {
    Together all;
    const Outcome got = run(1, family.plan(by_count), family, all, {.full_refresh = true});
    EXPECT_TRUE(got.finished) << got.error;
    EXPECT_EQ(all.left, 0U);
    expect_each_visited(1, all, family);
  }
}

/// What one run has visited and a kill has cut off may come again, and all the rest comes.
TEST_P(ChildBudget, AStoppedRunLosesNothing) {
  const Family family(60);
  for (const bool by_count : {false, true}) {
    for (const int at : {1, 4, 9, 16, 25}) {
      Together all;
      run(20, family.plan(by_count), family, all);
      std::stop_source stop;
      int left = at;
      PartitionPlan plan = family.plan(by_count);
      plan.budget = std::make_shared<VisitBudget>(20);
      const Outcome cut =
          read(plan,
               [&](const std::string& target) {
                 if (--left == 0) stop.request_stop();
                 return family(target);
               },
               {.state = all.state, .stop = stop.get_token(), .clients = GetParam()});
      EXPECT_FALSE(cut.finished);
      all.ids.merge(ids_of(cut));
      all.state = cut.last_state;
      EXPECT_EQ(run_all(20, family.plan(by_count), family, all).ids, family.all());
    }
  }
}

/// Parents that are listed and gone must not use up every run's budget.
TEST_P(ChildBudget, ThoseThatAreGoneCostNothing) {
  Family family(20);
  std::set<std::string> gone;
  for (std::size_t i = 0; i < 6; ++i) {
    const std::string id = family.parents.rows[i].id;
    family.children[id] = 1;
    family.answers[id] = answer(404, R"({"detail":"The requested resource does not exist"})");
    gone.insert(id);
  }
  for (const bool by_count : {false, true}) {
    std::set<std::string> wanted = family.all();
    for (const std::string& id : gone) wanted.erase(id + ".0");
    PartitionPlan plan = family.plan(by_count);
    Together all;
    for (int i = 0; i < 40; ++i) {
      run(9, plan, family, all);
      if (all.left == 0) break;
    }
    EXPECT_EQ(all.ids, wanted);
  }
}

/// A parent that moves while others are left is visited again, and none is forgotten for it.
TEST_P(ChildBudget, WhatIsNewMeanwhileComesInTheSamePass) {
  Family family(40);
  Together all;
  PartitionPlan plan = family.plan();
  run(10, plan, family, all);
  plan.now = plan.until = kNow + hours(1);
  const std::string moved = family.parents.rows.back().id;
  family.parents.rows.back().when = kNow + std::chrono::minutes(30);
  family.children[moved] = 2;
  all = run_all(10, plan, family, all);
  EXPECT_EQ(all.ids, family.all());
  EXPECT_LE(all.visits[moved], 2);
}

/// A child that comes late moves no parent. It comes while its parent is in the look back: between
/// passes, or in the middle of one that takes much longer than the look back.
TEST_P(ChildBudget, LateChildrenOfTheLookBackAreFound) {
  for (const std::uint64_t requests : {1U, 4U, 100U}) {
    Family family(30, hours(3));
    PartitionPlan plan = family.plan();
    plan.lookback = hours(4);
    Together all;
    run(requests, plan, family, all);
    for (auto& [parent, count] : family.children) count += 1;
    do {
      plan.now = plan.until = plan.now + hours(1);
      run(requests, plan, family, all);
    } while (all.left > 0 && all.runs < 200);
    // None is left; but what was visited last may have been too early.
    plan.now = plan.until = plan.now + hours(4);
    EXPECT_EQ(run_all(requests, plan, family, all).ids, family.all());
  }
}

/// Nor is one visited again and again that had all the time that the look back gives it.
TEST_P(ChildBudget, VisitsAfterTheLookBackAreFinal) {
  const Family family(30);
  PartitionPlan plan = family.plan();
  plan.lookback = hours(12);
  Together all = run_all(100, plan, family);
  plan.now = plan.until = kNow + hours(12);
  all = run_all(7, plan, family, all);
  expect_each_visited(2, all, family);
  expect_each_visited(2, run_all(7, plan, family, all), family);
}

/// What moves no cursor is found by visiting all once in a while, within the budget.
TEST_P(ChildBudget, AllAreVisitedAgainOnceAWeek) {
  Family family(30);
  PartitionPlan plan = family.plan();
  plan.visits_all_every = days(7);
  Together all = run_all(100, plan, family);
  EXPECT_EQ(all.state["all_visited"], format_instant(kNow));
  plan.now = plan.until = kNow + days(3);
  all = run_all(100, plan, family, all);
  for (auto& [parent, count] : family.children) count += 1;
  all.visits.clear();
  plan.now = plan.until = kNow + days(7);
  const std::size_t before = all.runs;
  all = run_all(10, plan, family, all);
  EXPECT_GT(all.runs, before + 1);
  expect_each_visited(1, all, family);
  EXPECT_EQ(all.state["all_visited"], format_instant(plan.now));
  EXPECT_EQ(all.state["dateCreated"], format_instant(newest(family.parents)));
  all.visits.clear();
  plan.now = plan.until = kNow + days(8);
  EXPECT_THAT(run_all(10, plan, family, all).visits, SizeIs(testing::Le(1U)));
}

/// A state from before there were such looks, or from a person, is no reason for one.
TEST_P(ChildBudget, AStateThatDoesNotSayWhenAllWereVisitedCountsFromNow) {
  const Family family(20);
  PartitionPlan plan = family.plan();
  plan.visits_all_every = days(7);
  Together all;
  all.state = {{"dateCreated", format_instant(newest(family.parents))}};
  all = run_all(100, plan, family, all);
  EXPECT_THAT(all.visits, SizeIs(testing::Le(1U)));
  EXPECT_EQ(all.state["all_visited"], format_instant(kNow));
}

/// Parents whose turn comes with time do not take the place of those that never had theirs.
TEST_P(ChildBudget, TimeStandsStillForSignalsUntilNoneIsLeft) {
  const Family family(30);
  PartitionPlan plan = family.plan(true);
  plan.fingerprint = [](std::string_view, Instant now) {
    return fnv1a(format_instant(std::chrono::floor<days>(now)));
  };
  Together all;
  do {
    plan.now = plan.until = plan.now + days(1);
    run(10, plan, family, all);
  } while (all.left > 0 && all.runs < 50);
  expect_each_visited(1, all, family);
}

}  // namespace
}  // namespace source_sentry
