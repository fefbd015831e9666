#include "spool/spool_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>
#include <string>
#include <thread>
#include <vector>

#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "spool/deliveries.h"
#include "spool/faulty_disk.h"

namespace source_sentry {
namespace {

using Result = SpoolWriter::Result;
using testing::ElementsAre;

class SpoolWriterTest : public testing::Test {
 protected:
  TemporaryFolder temporary_;
  std::filesystem::path folder_ = temporary_.path() / "spool";
  FakeClock clock_;
  FaultyDisk disk_;
  SpoolLimits limits_;
};

mode_t rights_of(const std::filesystem::path& path) {
  struct stat about {};
  EXPECT_EQ(stat(path.c_str(), &about), 0);
  return about.st_mode & 07777;
}

TEST_F(SpoolWriterTest, KeepsItsFilesForThisUser) {
  SpoolWriter writer(folder_ / "deep" / "", limits_, clock_);
  EXPECT_EQ(store(writer, numbered(1)), Result::kStored);
  EXPECT_EQ(rights_of(folder_ / "deep"), 0700U);
  EXPECT_EQ(rights_of(folder_ / "deep" / "spool-00000001.log"), 0600U);
}

TEST_F(SpoolWriterTest, StoresInTheOrderOfTheCalls) {
  std::vector<std::uint64_t> expected;
  Results results;
  {
    SpoolWriter writer(folder_, limits_, clock_);
    for (std::uint64_t i = 0; i < 500; ++i) {
      writer.append(numbered(i), results.taker());
      expected.push_back(i);
    }
  }  // which stores what was handed over
  EXPECT_THAT(results.all(), testing::Each(Result::kStored));
  EXPECT_EQ(numbers_in(folder_), expected);
}

TEST_F(SpoolWriterTest, ManyThreadsShareASync) {
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  const std::size_t before = disk_.syncs;
  std::promise<void> begun;
  std::promise<void> go;
  bool is_first = true;  // of this writer's thread alone
  disk_.in_sync = [&] {
    if (!std::exchange(is_first, false)) return;
    begun.set_value();
    go.get_future().wait();
  };
  Results results;
  writer.append(numbered(0), results.taker());
  begun.get_future().wait();
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t i = 0; i < 8; ++i) {
      threads.emplace_back([&, i] {
        for (std::uint64_t j = 0; j < 10; ++j) {
          writer.append(numbered(1 + i * 10 + j), results.taker());
        }
      });
    }
  }
  go.set_value();
  EXPECT_THAT(results.all(), testing::Each(Result::kStored));
  EXPECT_EQ(disk_.syncs - before, 2U);
  EXPECT_EQ(numbers_in(folder_).size(), 81U);
}

TEST_F(SpoolWriterTest, NothingIsSaidBeforeTheSync) {
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  std::promise<void> begun;
  std::promise<void> go;
  disk_.in_sync = [&] {
    begun.set_value();
    go.get_future().wait();
  };
  std::atomic<bool> is_done = false;
  std::promise<void> done;
  writer.append(numbered(1), [&](Result) {
    is_done = true;
    done.set_value();
  });
  begun.get_future().wait();
  EXPECT_FALSE(is_done);
  clock_.sleep_for(std::chrono::milliseconds(700), {});
  EXPECT_EQ(writer.sync_time(), std::chrono::milliseconds(700));  // of the one under way
  go.set_value();
  done.get_future().wait();
  EXPECT_EQ(writer.sync_time(), std::chrono::milliseconds(700));  // of the latest
}

TEST_F(SpoolWriterTest, RefusesASecondWriter) {
  std::optional<SpoolWriter> writer(std::in_place, folder_, limits_, clock_);
  const auto open = [&] { SpoolWriter(folder_, limits_, clock_); };
  EXPECT_EQ(message_of(open), "Another process writes to " + folder_.string() +
                                  " already. Stop it, or name another folder.");
  writer.reset();
  EXPECT_EQ(message_of(open), "nothing was wrong");
}

TEST_F(SpoolWriterTest, SaysWhatIsWrongWithTheFolder) {
  put(folder_, "a file");
  const auto open = [&] { SpoolWriter(folder_, limits_, clock_); };
  EXPECT_THAT(message_of(open), testing::HasSubstr("A file is in the way"));
}

TEST_F(SpoolWriterTest, ARestartBeginsANewSegment) {
  for (std::uint64_t i = 1; i <= 3; ++i) {
    SpoolWriter writer(folder_, limits_, clock_);
    EXPECT_EQ(store(writer, numbered(i)), Result::kStored);
  }
  EXPECT_EQ(segments_in(folder_), 3U);
  EXPECT_THAT(numbers_in(folder_), ElementsAre(1, 2, 3));
}

TEST_F(SpoolWriterTest, SegmentsWithoutDeliveriesDoNotPileUp) {
  for (int i = 0; i < 5; ++i) SpoolWriter(folder_, limits_, clock_);
  EXPECT_EQ(segments_in(folder_), 1U);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "spool-00000005.log"));
}

TEST_F(SpoolWriterTest, SegmentsAreChangedBySize) {
  limits_.segment_bytes = 1000;
  SpoolWriter writer(folder_, limits_, clock_);
  Results results;
  std::vector<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 50; ++i) {
    // The larger ones are larger than a segment, and have one of their own.
    writer.append(numbered(i, i % 10 == 0 ? 2000 : 300), results.taker());
    expected.push_back(i);
  }
  EXPECT_THAT(results.all(), testing::Each(Result::kStored));
  EXPECT_EQ(numbers_in(folder_), expected);
  EXPECT_EQ(segments_in(folder_), 5U + 5U * 5U);
}

TEST_F(SpoolWriterTest, ADuplicateIsOneUntilItsTimeIsOver) {
  limits_.know = std::chrono::hours(24);
  limits_.keep = std::chrono::hours(24 * 30);
  {
    SpoolWriter writer(folder_, limits_, clock_);
    EXPECT_EQ(store(writer, numbered(1)), Result::kStored);
    EXPECT_EQ(store(writer, numbered(1)), Result::kDuplicate);
    EXPECT_EQ(store(writer, numbered(2)), Result::kStored);
  }
  SpoolWriter writer(folder_, limits_, clock_);
  EXPECT_EQ(store(writer, numbered(1)), Result::kDuplicate);  // after a restart, too
  clock_.set(kNow + std::chrono::hours(24));
  EXPECT_EQ(store(writer, numbered(1, 100, clock_.now())), Result::kStored);
  EXPECT_EQ(store(writer, numbered(1, 100, clock_.now())), Result::kDuplicate);
  EXPECT_THAT(numbers_in(folder_), ElementsAre(1, 2, 1));
}

TEST_F(SpoolWriterTest, WhatHasNoIdIsNeverADuplicate) {
  SpoolWriter writer(folder_, limits_, clock_);
  Results results;
  for (int i = 0; i < 3; ++i) writer.append(Delivery{.id = "x"}, results.taker());
  EXPECT_THAT(results.all(), ElementsAre(Result::kStored, Result::kStored, Result::kStored));
  SpoolReader reader(folder_, {});
  EXPECT_EQ(all_of(reader).size(), 3U);
}

TEST_F(SpoolWriterTest, WhatWaitsIsBounded) {
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  std::promise<void> begun;
  std::promise<void> go;
  bool is_first = true;
  disk_.in_sync = [&] {
    if (!std::exchange(is_first, false)) return;
    begun.set_value();
    go.get_future().wait();
  };
  Results stored;
  writer.append(numbered(0, 1 << 20), stored.taker());
  begun.get_future().wait();
  Results refused;
  for (std::uint64_t i = 1; i <= 62; ++i) writer.append(numbered(i, 1 << 20), stored.taker());
  writer.append(numbered(63, 1 << 20), refused.taker());
  EXPECT_THAT(refused.all(), ElementsAre(Result::kFull));  // at once: the sync still goes on
  go.set_value();
  EXPECT_THAT(stored.all(), testing::Each(Result::kStored));
  EXPECT_EQ(store(writer, numbered(63, 1 << 20)), Result::kStored);
  EXPECT_EQ(store(writer, numbered(64, 64 << 20)), Result::kFull);  // larger than any may be
}

}  // namespace
}  // namespace source_sentry
