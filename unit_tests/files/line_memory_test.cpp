#include "files/line_memory.h"

#include <gtest/gtest.h>

#include <string>

namespace source_sentry {
namespace {

TEST(LineMemory, KnowsWhatItWasTold) {
  LineMemory memory;
  EXPECT_TRUE(memory.is_new("a"));
  EXPECT_TRUE(memory.is_new("b"));
  EXPECT_FALSE(memory.is_new("a"));
  EXPECT_TRUE(memory.is_new(""));
}

TEST(LineMemory, IsSavedInPartsAndTakenUpAgain) {
  LineMemory first;
  first.is_new("a");
  std::string saved = first.take_new_bytes();
  first.is_new("b");
  first.is_new("a");
  const std::string more = first.take_new_bytes();
  EXPECT_EQ(more.size(), 8U) << "what was known already is not saved again";
  saved += more;

  LineMemory second(saved + "torn");
  EXPECT_EQ(second.size(), 2U);
  EXPECT_FALSE(second.is_new("a"));
  EXPECT_FALSE(second.is_new("b"));
  EXPECT_TRUE(second.is_new("c"));
}

TEST(LineMemory, KeepsAllOfManyRecords) {
  constexpr int kMany = 100'000;  // merges several times
  LineMemory memory;
  for (int i = 0; i < kMany; ++i) ASSERT_TRUE(memory.is_new(std::to_string(i))) << i;
  for (int i = 0; i < kMany; ++i) ASSERT_FALSE(memory.is_new(std::to_string(i))) << i;
  EXPECT_EQ(memory.size(), std::size_t{kMany});
}

TEST(LineMemory, ItsHashIsTheSameInEveryVersion) {
  LineMemory memory;
  memory.is_new("record");
  std::uint64_t hash = 0;
  const std::string bytes = memory.take_new_bytes();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    hash |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  EXPECT_EQ(hash, 5796681188151729067U);
}

}  // namespace
}  // namespace source_sentry
