// Disks that are full, fail, or lose their power.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "spool/deliveries.h"
#include "spool/faulty_disk.h"
#include "spool/spool_writer.h"

namespace source_sentry {
namespace {

using Result = SpoolWriter::Result;
using testing::Each;
using testing::ElementsAre;

class SpoolFaultsTest : public testing::Test {
 protected:
  TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
  FakeClock clock_;
  FaultyDisk disk_;
  SpoolLimits limits_;
};

TEST_F(SpoolFaultsTest, AFullDiskPasses) {
  // Whatever of the frame has room: nothing, half a header, a header, all but a byte.
  for (const std::uint64_t room : {0U, 5U, 16U, 90U, 189U}) {
    SpoolWriter writer(folder_, limits_, clock_, disk_);
    EXPECT_EQ(store(writer, numbered(room * 10 + 1)), Result::kStored);
    const std::uint64_t bytes = writer.bytes();
    disk_.room = room;
    EXPECT_EQ(store(writer, numbered(room * 10 + 2)), Result::kFull);
    EXPECT_EQ(store(writer, numbered(room * 10 + 2)), Result::kFull);  // and is not known
    EXPECT_EQ(store(writer, numbered(room * 10 + 1)), Result::kDuplicate);
    EXPECT_EQ(writer.bytes(), bytes);
    EXPECT_TRUE(writer.works());
    disk_.room = 1 << 20;
    EXPECT_EQ(store(writer, numbered(room * 10 + 2)), Result::kStored);
  }
  SpoolReader reader(folder_, {});
  EXPECT_EQ(all_of(reader).size(), 10U);
  EXPECT_EQ(reader.damaged(), 0U);
}

TEST_F(SpoolFaultsTest, OfABatchThatDoesNotFitTheFirstOnesAreStored) {
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  std::promise<void> begun;
  std::promise<void> go;
  bool is_first = true;
  disk_.in_sync = [&] {
    if (!std::exchange(is_first, false)) return;
    begun.set_value();
    go.get_future().wait();
  };
  Results results;
  writer.append(numbered(0), results.taker());
  begun.get_future().wait();
  for (std::uint64_t i = 1; i <= 9; ++i) writer.append(numbered(i), results.taker());
  writer.append(numbered(2), results.taker());  // of one that fits
  writer.append(numbered(9), results.taker());  // and of one that does not
  disk_.room = 1000;                            // five of them
  go.set_value();
  const auto all = results.all();
  EXPECT_THAT(std::vector(all.begin(), all.begin() + 6), Each(Result::kStored));
  EXPECT_THAT(std::vector(all.begin() + 6, all.begin() + 10), Each(Result::kFull));
  EXPECT_EQ(all[10], Result::kDuplicate);
  EXPECT_EQ(all[11], Result::kFull);
  EXPECT_THAT(numbers_in(folder_), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST_F(SpoolFaultsTest, WithoutRoomForAnotherSegmentNothingIsTakenIn) {
  limits_.segment_bytes = 300;
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  EXPECT_EQ(store(writer, numbered(1)), Result::kStored);
  disk_.create_fails = ENOSPC;
  EXPECT_EQ(store(writer, numbered(2)), Result::kFull);
  disk_.create_fails = 0;
  disk_.room = 10;  // a file, but not how it begins
  EXPECT_EQ(store(writer, numbered(2)), Result::kFull);
  disk_.room = 1 << 20;
  EXPECT_EQ(store(writer, numbered(2)), Result::kStored);
  EXPECT_THAT(numbers_in(folder_), ElementsAre(1, 2));
}

TEST_F(SpoolFaultsTest, AFailedSyncIsForEver) {
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  EXPECT_EQ(store(writer, numbered(1)), Result::kStored);
  disk_.sync_fails = EIO;
  EXPECT_EQ(store(writer, numbered(2)), Result::kFailed);
  EXPECT_FALSE(writer.works());
  disk_.sync_fails = 0;
  const std::size_t syncs = disk_.syncs;
  EXPECT_EQ(store(writer, numbered(2)), Result::kFailed);
  EXPECT_EQ(store(writer, numbered(1)), Result::kFailed);
  EXPECT_EQ(disk_.syncs, syncs);  // never tried again
}

TEST_F(SpoolFaultsTest, AllThatWaitForAFailedSyncFail) {
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  std::promise<void> begun;
  std::promise<void> go;
  disk_.in_sync = [&] {
    begun.set_value();
    go.get_future().wait();
  };
  Results results;
  writer.append(numbered(0), results.taker());
  begun.get_future().wait();
  for (std::uint64_t i = 0; i < 9; ++i) writer.append(numbered(i), results.taker());
  disk_.sync_fails = EIO;
  go.set_value();
  EXPECT_THAT(results.all(), Each(Result::kFailed));
}

TEST_F(SpoolFaultsTest, OtherFailuresAreForEverToo) {
  const std::vector<std::atomic<int> FaultyDisk::*> faults = {
      &FaultyDisk::write_fails, &FaultyDisk::create_fails, &FaultyDisk::folder_fails};
  limits_.segment_bytes = 300;
  std::uint64_t number = 0;
  for (const auto fault : faults) {
    SpoolWriter writer(folder_, limits_, clock_, disk_);
    EXPECT_EQ(store(writer, numbered(++number)), Result::kStored);
    disk_.*fault = EIO;
    EXPECT_EQ(store(writer, numbered(++number)), Result::kFailed);
    disk_.*fault = 0;
    EXPECT_EQ(store(writer, numbered(++number)), Result::kFailed);
    EXPECT_FALSE(writer.works());
  }
  // What a failed write has left does not stand in the way of the next process.
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  EXPECT_EQ(store(writer, numbered(++number)), Result::kStored);
  SpoolReader reader(folder_, {});
  EXPECT_EQ(number_of(all_of(reader).back().delivery), number);
  EXPECT_EQ(reader.damaged(), 0U);
}

TEST_F(SpoolFaultsTest, WhatCannotBeCutOffIsAFailure) {
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  disk_.room = 50;
  disk_.cut_fails = EIO;
  EXPECT_EQ(store(writer, numbered(1)), Result::kFailed);
  EXPECT_FALSE(writer.works());
}

TEST_F(SpoolFaultsTest, DoesNotBeginOnADiskThatFailsOrIsFull) {
  const auto open = [&] { SpoolWriter(folder_, limits_, clock_, disk_); };
  disk_.room = 10;
  EXPECT_EQ(message_of(open), folder_.string() +
                                  " cannot be written to: No space left on device. Make room "
                                  "there, and start again.");
  disk_.room = 1 << 20;
  disk_.sync_fails = EIO;
  EXPECT_THAT(message_of(open), testing::HasSubstr("The disk fails: name a folder on another one"));
  disk_.sync_fails = 0;
  EXPECT_EQ(message_of(open), "nothing was wrong");
  EXPECT_EQ(segments_in(folder_), 1U);
}

TEST_F(SpoolFaultsTest, WhatAKilledWriterHasLeftIsSyncedBeforeItIsKnown) {
  std::optional<SpoolWriter> writer(std::in_place, folder_, limits_, clock_, disk_);
  EXPECT_EQ(store(*writer, numbered(1)), Result::kStored);
  EXPECT_EQ(disk_.file_syncs, 0U);
  writer.reset();
  writer.emplace(folder_, limits_, clock_, disk_);
  EXPECT_EQ(disk_.file_syncs, 1U);
  EXPECT_EQ(store(*writer, numbered(1)), Result::kDuplicate);
}

TEST_F(SpoolFaultsTest, RoomIsMadeBeforeItIsNeeded) {
  {
    SpoolWriter writer(folder_, limits_, clock_, disk_);
    EXPECT_EQ(store(writer, numbered(1)), Result::kStored);
  }
  clock_.set(kNow + limits_.keep);
  disk_.room = 33;  // the fake does not give back what is removed
  SpoolWriter writer(folder_, limits_, clock_, disk_);
  EXPECT_EQ(segments_in(folder_), 1U);
}

/// Each round ends with a power failure while deliveries wait.
TEST_F(SpoolFaultsTest, APowerFailureLosesNothingThatWasAcknowledged) {
  limits_.segment_bytes = 3'000;
  std::mt19937 dice(20260115);
  std::uint64_t next = 0;
  std::vector<std::uint64_t> acknowledged;
  for (int round = 0; round < 60; ++round) {
    std::vector<Result> results;
    const std::uint64_t first = next;
    {
      Results ends;
      SpoolWriter writer(folder_, limits_, clock_, disk_);
      const std::uint64_t count = 1 + dice() % 40;
      // At one of its syncs the disk stops working, which is when the power fails.
      std::size_t left = dice() % 6;
      disk_.in_sync = [&] {
        if (left-- == 0) disk_.sync_fails = EIO;
      };
      for (; next < first + count; ++next) writer.append(numbered(next), ends.taker());
      results = ends.all();
    }
    disk_.in_sync = [] {};
    disk_.sync_fails = 0;
    disk_.cut_power(dice);
    for (std::uint64_t i = 0; i < results.size(); ++i) {
      if (results[i] == Result::kStored) acknowledged.push_back(first + i);
    }
    const auto read = numbers_in(folder_);
    EXPECT_TRUE(std::is_sorted(read.begin(), read.end(), std::less_equal<>())) << round;
    EXPECT_TRUE(std::includes(read.begin(), read.end(), acknowledged.begin(), acknowledged.end()))
        << round;
  }
  EXPECT_GT(acknowledged.size(), 100U);
  EXPECT_LT(acknowledged.size(), next);
}

}  // namespace
}  // namespace source_sentry
