#include "http/outages.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

using Leave = Outages::Leave;

void fail(Outages& outages, const std::string& group, bool silent, int times) {
  for (int i = 0; i < times; ++i) outages.failed(group, silent, silent ? 1 : 3);
}

TEST(Outages, TakesAGroupForDownAfterEightFailuresWithoutOneSuccess) {
  for (const bool silent : {true, false}) {
    const Leave less = silent ? Leave::kBriefly : Leave::kOnce;
    const int times = silent ? 8 : 3;
    Outages outages;
    fail(outages, "a", silent, times - 1);
    EXPECT_EQ(outages.leave("a"), Leave::kFull);
    outages.answered("b");
    fail(outages, "a", silent, 1);
    EXPECT_EQ(outages.leave("a"), less);
    EXPECT_EQ(outages.leave("b"), Leave::kFull) << "which has answered meanwhile";
    outages.answered("b");
    EXPECT_EQ(outages.leave("a"), less) << "it says nothing of this one";
    outages.answered("a");
    EXPECT_EQ(outages.leave("a"), Leave::kFull);
    fail(outages, "a", silent, times - 1);
    EXPECT_EQ(outages.leave("a"), Leave::kFull) << "it begins anew";
  }
}

TEST(Outages, LooksEverMoreSeldomAtWhatIsSilent) {
  Outages outages;
  fail(outages, "a", true, 7);
  outages.answered("b");
  fail(outages, "a", true, 1);
  int looks = 0;
  for (int i = 0; i < 100; ++i) {
    const Leave leave = outages.leave("a");
    if (leave == Leave::kNone) continue;
    EXPECT_EQ(leave, Leave::kBriefly);
    ++looks;
    fail(outages, "a", true, 1);
  }
  EXPECT_GE(looks, 8 + 4);
  EXPECT_LE(looks, 8 + 7);
}

TEST(Outages, LooksOnceAtWhateverElseTheServerMayAnswer) {
  Outages outages;
  fail(outages, "a", true, 16);
  EXPECT_EQ(outages.leave("b"), Leave::kBriefly);
  fail(outages, "b", true, 1);
  EXPECT_EQ(outages.leave("b"), Leave::kNone) << "it is the server";
  outages.answered("c");
  for (const char* group : {"a", "b", "c"}) EXPECT_EQ(outages.leave(group), Leave::kFull);
}

}  // namespace
}  // namespace source_sentry
