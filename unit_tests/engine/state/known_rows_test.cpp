#include "engine/state/known_rows.h"

#include <gmock/gmock.h>

#include <random>
#include <utility>

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(KnownRows, TellsARowInThatStateFromOthers) {
  KnownRows rows;
  EXPECT_FALSE(rows.knows("7", 0));
  rows.remember("7", 0xABCD0000);
  rows.remember("", 1);
  EXPECT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows.knows("7", 0xABCD0000));
  EXPECT_FALSE(rows.knows("7", 0xABCD0002));
  EXPECT_FALSE(rows.knows("07", 0xABCD0000)) << "another text, another id";
  rows.forget("7");
  EXPECT_TRUE(rows.empty());
}

TEST(KnownRows, KeepsWhatAListingHasComeBy) {
  KnownRows rows;
  for (const char* id : {"9", "10", "x"}) rows.remember(id, 1);
  EXPECT_THAT(rows.unlisted(), IsEmpty());
  rows.begin_listing();
  EXPECT_FALSE(rows.any_listed());
  rows.mark_listed("10");
  rows.mark_listed("no such row");
  EXPECT_THAT(rows.unlisted(), ElementsAre("9", "x"));
  EXPECT_EQ(rows.any_listed(), "10");
  EXPECT_TRUE(rows.knows("9", 1)) << "the mark is no part of the state";
  rows.forget_unlisted();
  EXPECT_EQ(rows.size(), 1U);
}

TEST(KnownRows, AreWrittenAsTheyAre) {
  KnownRows rows;
  EXPECT_EQ(KnownRows::parse(rows.text()), rows);
  for (const char* id :
       {"0", "1", "18446744073709551615", "18446744073709551616", "-1", "007", "web-12", "\xFF"}) {
    rows.remember(id, static_cast<std::uint32_t>(rows.size()) * 0x9E3779B1U);
  }
  rows.begin_listing();
  rows.mark_listed("007");
  rows.mark_listed("1");
  const auto again = KnownRows::parse(rows.text());
  ASSERT_TRUE(again);
  EXPECT_EQ(*again, rows);
  EXPECT_EQ(again->unlisted().size(), 6U);
}

TEST(KnownRows, TakeAboutTenBytesEach) {
  KnownRows rows;
  std::mt19937 random(1);  // NOLINT(*-msc51-cpp,*-msc32-c): the same in every run
  std::uint64_t id = 6'000'000'000;
  for (int i = 0; i < 10'000; ++i) {
    id += 1 + random() % 100'000;
    rows.remember(std::to_string(id), static_cast<std::uint32_t>(random()));
  }
  EXPECT_LT(rows.text().size(), 100'000U);
  EXPECT_EQ(KnownRows::parse(rows.text()), rows);
}

TEST(KnownRows, AreNotReadFromAnyOtherText) {
  KnownRows rows;
  for (const char* id : {"5", "900", "web"}) rows.remember(id, 77);
  const std::string text = rows.text();
  EXPECT_FALSE(KnownRows::parse(""));
  EXPECT_FALSE(KnownRows::parse("no rows"));
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(KnownRows::parse(text.substr(0, size))) << size;
  }
  EXPECT_FALSE(KnownRows::parse(text + "AAAA"));
}

/// A hash of all that a row holds must be kept whole: half of one is the same for many rows.
TEST(KnownRows, KeepAsMuchOfAFingerprintAsTheyAreMadeFor) {
  constexpr std::uint64_t kOne = 0x0123'4567'89AB'CDE0;
  constexpr std::uint64_t kUpperHalfDiffers = 0x8123'4567'89AB'CDE0;
  KnownRows whole(KnownRows::Width::kWhole);
  KnownRows half(KnownRows::Width::kHalf);
  for (KnownRows* rows : {&whole, &half}) {
    rows->remember("7", kOne);
    EXPECT_TRUE(rows->knows("7", kOne));
    EXPECT_FALSE(rows->knows("7", kOne ^ 2U)) << "the lower half differs";
    rows->begin_listing();
    EXPECT_TRUE(rows->knows("7", kOne)) << "the mark is no part of the state";
  }
  EXPECT_FALSE(whole.knows("7", kUpperHalfDiffers));
  EXPECT_TRUE(half.knows("7", kUpperHalfDiffers));
  EXPECT_EQ(KnownRows().width(), KnownRows::Width::kHalf);
}

TEST(KnownRows, AreWrittenInTheirWidthAndNotReadInAnother) {
  using Width = KnownRows::Width;
  for (const auto& [width, other] :
       {std::pair(Width::kHalf, Width::kWhole), std::pair(Width::kWhole, Width::kHalf)}) {
    KnownRows rows(width);
    std::uint64_t fingerprint = 0xFEDC'BA98'7654'3210;
    for (const char* id : {"5", "6", "900", "web", "web-2"}) {
      rows.remember(id, fingerprint *= 0x9E37'79B9'7F4A'7C15);
      const auto again = KnownRows::parse(rows.text(), width);
      ASSERT_TRUE(again);
      EXPECT_EQ(*again, rows);
      EXPECT_TRUE(again->knows(id, fingerprint));
      EXPECT_EQ(again->width(), width);
      EXPECT_FALSE(KnownRows::parse(rows.text(), other)) << rows.size();
    }
    rows.begin_listing();
    rows.mark_listed("6");
    const auto again = KnownRows::parse(rows.text(), width);
    ASSERT_TRUE(again);
    EXPECT_THAT(again->unlisted(), ElementsAre("5", "900", "web", "web-2"));
  }
}

}  // namespace
}  // namespace source_sentry
