#include "engine/expand/visit_budget.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace source_sentry {
namespace {

TEST(VisitBudget, FurtherPagesCountAndNoListIsRefusedItsOwn) {
  VisitBudget budget(3);
  EXPECT_TRUE(budget.begin_list());
  budget.go_on();
  budget.go_on();
  budget.go_on();
  EXPECT_FALSE(budget.begin_list());
}

/// Rows behind one that was left must be left, too: the state goes on with that one.
TEST(VisitBudget, WhatIsGivenBackAfterARefusalComesTooLate) {
  VisitBudget budget(2);
  EXPECT_TRUE(budget.begin_list());
  budget.give_back();
  EXPECT_TRUE(budget.begin_list());
  EXPECT_TRUE(budget.begin_list());
  EXPECT_FALSE(budget.begin_list());
  budget.give_back();
  EXPECT_FALSE(budget.begin_list());
}

TEST(VisitBudget, ManyThreadsTakeItOnce) {
  constexpr std::uint64_t kRequests = 1000;
  VisitBudget budget(kRequests);
  std::atomic<std::uint64_t> taken = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (budget.begin_list()) ++taken;
      budget.leave(5);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(taken, kRequests);
  EXPECT_EQ(budget.rows_left(), 20U);
}

}  // namespace
}  // namespace source_sentry
