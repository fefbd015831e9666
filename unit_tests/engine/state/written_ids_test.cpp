#include "engine/state/written_ids.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/base64.h"
#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;

WrittenIds ids(std::size_t count, Instant from = kNow) {
  WrittenIds made;
  for (std::size_t i = 0; i < count; ++i) {
    made.note(WrittenIds::mark_of("e" + std::to_string(i)), from + std::chrono::seconds(i));
  }
  return made;
}

bool knows(const WrittenIds& written, const std::string& id) {
  return WrittenIds::parse(written.text(kNow), kNow)->contain(WrittenIds::mark_of(id));
}

// States outlive versions: what stands in docs/state.md can never change.
TEST(WrittenIds, AreTheSameInEveryVersion) {
  EXPECT_EQ(WrittenIds::mark_of(""), 0xcbf29ce484222325U);
  EXPECT_EQ(WrittenIds::mark_of("a"), 0xaf63dc4c8601ec8cU);
  WrittenIds written;
  written.note(WrittenIds::mark_of("foobar"), kNow);  // 0x85944171f73967e8
  EXPECT_EQ(written.text(Instant(2us)),
            base64_encode({"\2\0\0\0\0\0\0\0\xe8\x67\x39\xf7\x71\x41\x94\x85", 16}));
}

TEST(WrittenIds, TellIdsApartThatAreAlike) {
  WrittenIds written;
  written.note(WrittenIds::mark_of("00000000000000000000000000000001"), kNow);
  EXPECT_TRUE(knows(written, "00000000000000000000000000000001"));
  for (const char* other :
       {"00000000000000000000000000000002", "1", "00000000-0000-0000-0000-000000000001",
        "0000000000000000000000000000000A", ""}) {
    EXPECT_FALSE(knows(written, other)) << other;
  }
}

TEST(WrittenIds, SurviveBeingWritten) {
  for (const std::size_t count : {0U, 1U, 2U, 500U}) {
    const WrittenIds written = ids(count);
    const auto again = WrittenIds::parse(written.text(kNow), kNow);
    ASSERT_TRUE(again) << count;
    EXPECT_EQ(*again, written) << count;
    EXPECT_EQ(again->size(), count);
  }
}

TEST(WrittenIds, BelongToTheCursorBesideThem) {
  const auto moved = WrittenIds::parse(ids(3).text(kNow), kNow - 1us);
  ASSERT_TRUE(moved) << "it is whole";
  EXPECT_TRUE(moved->empty());
}

TEST(WrittenIds, AreNoneWhereTheTextIsDamaged) {
  const std::string text = ids(3).text(kNow);
  const std::string bytes = *base64_decode(text);
  const std::string turned = bytes.substr(0, 8) + bytes.substr(16, 8) + bytes.substr(8, 8);
  const std::string twice = bytes.substr(0, 16) + bytes.substr(8, 8);
  for (const std::string& damaged : {std::string(), std::string("?"), text.substr(1), text + "A",
                                     text.substr(0, text.size() - 4), base64_encode(turned),
                                     base64_encode(twice), base64_encode(bytes + "x")}) {
    EXPECT_EQ(WrittenIds::parse(damaged, kNow), std::nullopt) << damaged;
  }
}

TEST(WrittenIds, ForgetTheOldestFirst) {
  WrittenIds written = ids(10);
  written.forget_before(kNow + 2s);
  EXPECT_EQ(written.size(), 8U);
  written.keep(3);
  EXPECT_EQ(written.size(), 3U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(knows(written, "e" + std::to_string(i)), i >= 7) << i;
  // What an earlier run has said is older still.
  WrittenIds both = *WrittenIds::parse(ids(2).text(kNow), kNow);
  both.note(WrittenIds::mark_of("e1"), kNow);
  both.note(WrittenIds::mark_of("new"), kNow);
  both.note(WrittenIds::mark_of("new"), kNow);
  both.tidy();
  EXPECT_EQ(both.size(), 3U) << "each once";
  both.keep(2);
  EXPECT_TRUE(knows(both, "new") && knows(both, "e1") && !knows(both, "e0"));
  both.keep(0);
  EXPECT_TRUE(both.empty());
}

std::size_t text_of_all(const std::vector<std::size_t>& sizes,
                        const std::vector<std::size_t>& shares) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const WrittenIds written = ids(std::min(sizes[i], shares[i]));
    if (!written.empty()) sum += std::string(R"(,"written":"")").size() + written.text(kNow).size();
  }
  return sum;
}

TEST(WrittenIds, ShareTheStreamsRoomFairly) {
  struct Case {
    std::size_t partitions;
    std::size_t busy;  // how many ids each of them has
    std::size_t least;
  };
  for (const Case& one :
       {Case{1, 20'000, 6'000}, Case{50, 20'000, 115}, Case{1'000, 300, 3}, Case{5'000, 300, 0}}) {
    SCOPED_TRACE(one.partitions);
    const std::vector<std::size_t> sizes(one.partitions, one.busy);
    const auto shares = fair_shares(sizes);
    EXPECT_LE(text_of_all(sizes, shares), 65'536U);
    EXPECT_GE(text_of_all(sizes, shares), 65'000U) << "and no room is left unused";
    EXPECT_GE(*std::min_element(shares.begin(), shares.end()), one.least);
    EXPECT_LE(*std::max_element(shares.begin(), shares.end()),
              *std::min_element(shares.begin(), shares.end()) + 1);
  }
  // Those that have few leave their room to the others.
  const std::vector<std::size_t> sizes = {3, 0, 20'000, 100, 20'000};
  const auto shares = fair_shares(sizes);
  EXPECT_GE(shares[0], 3U);
  EXPECT_GE(shares[3], 100U);
  EXPECT_GE(shares[2], 3'000U);
  EXPECT_LE(text_of_all(sizes, shares), 65'536U);
  EXPECT_THAT(fair_shares({}), testing::IsEmpty());
}

}  // namespace
}  // namespace source_sentry
