#include "sentry/projects/project_selection.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(IsChosen, TakesSlugsGlobsAndExclusionsInOrder) {
  EXPECT_TRUE(is_chosen({}, "web"));
  EXPECT_TRUE(is_chosen({"web"}, "web"));
  EXPECT_FALSE(is_chosen({"web"}, "web-2"));
  EXPECT_TRUE(is_chosen({"*", "!sandbox-*"}, "web"));
  EXPECT_FALSE(is_chosen({"*", "!sandbox-*"}, "sandbox-1"));
  EXPECT_TRUE(is_chosen({"!sandbox-*"}, "web"));
  EXPECT_FALSE(is_chosen({"!sandbox-*"}, "sandbox-1"));
  EXPECT_TRUE(is_chosen({"!sandbox-*", "sandbox-7"}, "sandbox-7"));
  EXPECT_FALSE(is_chosen({"!sandbox-*", "sandbox-7"}, "web"));
}

TEST(ExactNames, AreThePatternsWithoutWildcards) {
  EXPECT_EQ(exact_names({"web", "api-*", "!old", "a?c", "x[12]"}), std::vector<std::string>{"web"});
}

TEST(BelongsTo, DealsEachNameToOneShardAndMovesNoneForANewOne) {
  constexpr std::size_t kShards = 8;
  std::vector<int> dealt(kShards);
  for (int id = 4500; id < 4900; ++id) {
    int owners = 0;
    for (std::size_t i = 0; i < kShards; ++i) {
      if (!belongs_to({i, kShards}, std::to_string(id))) continue;
      ++owners;
      ++dealt[i];
    }
    EXPECT_EQ(owners, 1) << id;
  }
  for (const int count : dealt) EXPECT_GT(count, 25);  // of 400 about 50 each
  EXPECT_TRUE(belongs_to({}, "whatever"));
}

TEST(BelongsTo, IsTheSameOnEveryMachine) {
  std::string owners;
  for (const char* id : {"1", "4507", "4508", "web"}) {
    for (std::size_t i = 0; i < 4; ++i) {
      if (belongs_to({i, 4}, id)) owners += std::to_string(i);
    }
  }
  EXPECT_EQ(owners, "3130");
}

}  // namespace
}  // namespace source_sentry
