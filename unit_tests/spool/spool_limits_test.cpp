// How much a spool keeps, and for how long.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "fakes/temporary_folder.h"
#include "spool/deliveries.h"
#include "spool/spool_writer.h"

namespace source_sentry {
namespace {

using Result = SpoolWriter::Result;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr hours kWeek(7 * 24);

class SpoolLimitsTest : public testing::Test {
 protected:
  Delivery now(std::uint64_t number, std::size_t body = 100) {
    return numbered(number, body, clock_.now());
  }
  void pass(Duration span) { clock_.sleep_for(span, {}); }
  std::uint64_t bytes_of_files() const {
    std::uint64_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_)) bytes += file.file_size();
    return bytes;
  }

  TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
  FakeClock clock_;
  SpoolLimits limits_;
};

TEST_F(SpoolLimitsTest, AQuotaIsKept) {
  limits_.most_bytes = 10'000;
  limits_.segment_bytes = 2'000;
  SpoolWriter writer(folder_, limits_, clock_);
  std::uint64_t stored = 0;
  while (store(writer, now(stored, 500)) == Result::kStored) ++stored;
  EXPECT_GE(stored, 14U);
  EXPECT_EQ(numbers_in(folder_).size(), stored);
  EXPECT_EQ(writer.bytes(), bytes_of_files());
  EXPECT_LE(writer.bytes(), 10'000U);
  EXPECT_GT(writer.fill(), 0.9);
  EXPECT_TRUE(writer.works());
  EXPECT_EQ(store(writer, now(0)), Result::kDuplicate);  // is told nevertheless
  EXPECT_EQ(store(writer, now(stored, 500)), Result::kFull);
  pass(kWeek);
  EXPECT_EQ(store(writer, now(stored, 500)), Result::kStored);  // age makes room at once
}

TEST_F(SpoolLimitsTest, TheQuotaCountsWhatWasThere) {
  limits_.most_bytes = 10'000;
  {
    SpoolWriter writer(folder_, limits_, clock_);
    EXPECT_EQ(store(writer, now(1, 9'000)), Result::kStored);
  }
  SpoolWriter writer(folder_, limits_, clock_);
  EXPECT_EQ(writer.bytes(), bytes_of_files());
  EXPECT_EQ(store(writer, now(2, 900)), Result::kFull);
  EXPECT_EQ(store(writer, now(3, 100)), Result::kStored);
}

TEST_F(SpoolLimitsTest, SegmentsGoByTheirAge) {
  limits_.segment_bytes = 1'000;
  SpoolWriter writer(folder_, limits_, clock_);
  EXPECT_EQ(store(writer, now(1, 600)), Result::kStored);
  pass(hours(24));
  EXPECT_EQ(store(writer, now(2, 600)), Result::kStored);
  pass(kWeek - hours(24));
  EXPECT_EQ(store(writer, now(3, 600)), Result::kStored);
  EXPECT_THAT(numbers_in(folder_), ElementsAre(2, 3));
  EXPECT_EQ(writer.bytes(), bytes_of_files());
}

TEST_F(SpoolLimitsTest, AReaderKeepsNothing) {
  limits_.segment_bytes = 1'000;
  SpoolWriter writer(folder_, limits_, clock_);
  store(writer, now(1, 600));
  store(writer, now(2, 600));
  SpoolReader reader(folder_, {});
  EXPECT_EQ(number_of(reader.next()->delivery), 1U);
  pass(kWeek);
  store(writer, now(3, 600));
  store(writer, now(4, 600));
  const auto rest = all_of(reader);
  EXPECT_TRUE(reader.has_gap());
  EXPECT_EQ(number_of(rest.back().delivery), 4U);
}

TEST_F(SpoolLimitsTest, ANewProcessRemovesWhatIsOld) {
  {
    SpoolWriter writer(folder_, limits_, clock_);
    store(writer, now(1));
  }
  SpoolPosition read;
  {
    SpoolReader reader(folder_, {});
    read = reader.next()->after;
  }
  pass(kWeek);
  SpoolWriter writer(folder_, limits_, clock_);
  EXPECT_EQ(segments_in(folder_), 1U);
  EXPECT_EQ(store(writer, now(1)), Result::kStored);  // it is no longer known
  SpoolReader reader(folder_, read);
  EXPECT_EQ(all_of(reader).size(), 1U);
  EXPECT_FALSE(reader.has_gap());  // what is gone had been read
  EXPECT_GT(reader.position(), read);
  EXPECT_TRUE(SpoolReader(folder_, SpoolPosition{}).has_gap());
}

TEST_F(SpoolLimitsTest, PositionsGrowThoughEverythingIsGone) {
  SpoolPosition last;
  for (std::uint64_t i = 0; i < 5; ++i) {
    SpoolWriter writer(folder_, limits_, clock_);
    store(writer, now(i));
    SpoolReader reader(folder_, {});
    const auto entries = all_of(reader);
    ASSERT_EQ(entries.size(), 1U);
    EXPECT_GT(entries[0].at, last);
    last = entries[0].after;
    pass(kWeek);
  }
}

TEST_F(SpoolLimitsTest, WhatCameFirstDoesNotStayWithWhatComesLater) {
  SpoolWriter writer(folder_, limits_, clock_);
  for (std::uint64_t i = 0; i < 60; ++i) {  // one in twelve hours: a segment would never be full
    EXPECT_EQ(store(writer, now(i)), Result::kStored);
    pass(hours(12));
  }
  const auto numbers = numbers_in(folder_);
  EXPECT_EQ(numbers.back(), 59U);
  EXPECT_GE(numbers.front(), 59U - 2 * 8 - 1);
  EXPECT_LE(numbers.front(), 59U - 2 * 6);
}

TEST_F(SpoolLimitsTest, TheLatestGoesToo) {
  SpoolWriter writer(folder_, limits_, clock_);
  store(writer, now(1));
  pass(kWeek);
  // Whatever comes makes it look: here something that is refused.
  EXPECT_EQ(store(writer, now(1, 64 << 20)), Result::kFull);
  EXPECT_THAT(numbers_in(folder_), ElementsAre(1));
  EXPECT_EQ(store(writer, now(2)), Result::kStored);
  EXPECT_THAT(numbers_in(folder_), ElementsAre(2));
}

}  // namespace
}  // namespace source_sentry
