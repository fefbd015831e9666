#include "files/key_sort.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "fakes/temporary_folder.h"

namespace source_sentry {
namespace {

TEST(KeySort, TheLastOfEachKeyIsTheNewest) {
  const TemporaryFolder at;
  KeySort keys(at.path());
  EXPECT_TRUE(KeySort(at.path()).newest().empty());
  for (const char* key : {"a", "b", "a", "c", "b"}) keys.add(key);
  EXPECT_EQ(keys.newest(), (std::vector<bool>{false, false, true, true, true}));
}

TEST(KeySort, WhatDoesNotFitIntoMemoryIsSortedOnTheDisk) {
  const TemporaryFolder at;
  constexpr std::size_t kMany = 10'000;
  constexpr std::size_t kDistinct = 700;
  {
    KeySort keys(at.path(), 64);
    for (std::size_t i = 0; i < kMany; ++i) keys.add(std::to_string(i * 7 % kDistinct));
    EXPECT_FALSE(std::filesystem::is_empty(at.path()));
    const std::vector<bool> newest = keys.newest();
    // 7 and 700 have a factor in common, so there are a hundred keys, each in its turn.
    for (std::size_t i = 0; i < kMany; ++i) ASSERT_EQ(newest[i], i >= kMany - 100) << i;
  }
  EXPECT_TRUE(std::filesystem::is_empty(at.path()));
}

}  // namespace
}  // namespace source_sentry
