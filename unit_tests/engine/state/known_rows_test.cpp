#include "engine/state/known_rows.h"

#include <gmock/gmock.h>

#include <random>

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

}  // namespace
}  // namespace source_sentry
