#include "spool/spool_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "fakes/message_of.h"
#include "fakes/temporary_folder.h"
#include "spool/deliveries.h"
#include "spool/frame.h"
#include "spool/spool_folder.h"
#include "spool/spool_writer.h"

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A spool whose files are made by hand.
class SpoolReaderTest : public testing::Test {
 protected:
  /// A segment's text, and where each of its frames ends.
  struct Text {
    std::string bytes{};
    std::vector<std::uint64_t> ends{};
  };

  static Text segment(const std::vector<std::uint64_t>& numbers, SpoolPosition before = {}) {
    Text text;
    put_frame(text.bytes, SegmentBeginning{before});
    text.ends.push_back(text.bytes.size());
    for (const std::uint64_t number : numbers) {
      put_frame(text.bytes, numbered(number, 40));
      text.ends.push_back(text.bytes.size());
    }
    return text;
  }

  void put_segment(std::uint64_t number, const std::string& bytes) {
    std::filesystem::remove(segment_path(folder_, number));
    put(segment_path(folder_, number), bytes);
  }

  /// Writes on, in the same file.
  void add_to_segment(std::uint64_t number, const std::string& bytes) {
    std::ofstream(segment_path(folder_, number), std::ios::binary | std::ios::app) << bytes;
  }

  SpoolReader reader(std::optional<SpoolPosition> from = {}) { return {folder_, from}; }

  TemporaryFolder temporary_;
  const std::filesystem::path folder_ = temporary_.path();
};

TEST_F(SpoolReaderTest, GivesWhatWasStoredInItsOrder) {
  const Text first = segment({1, 2});
  put_segment(1, first.bytes);
  put_segment(4, segment({3}, {1, first.ends.back()}).bytes);
  put(folder_ / "spool-2.log", "no segment");
  put(folder_ / "spool-00000002.log.bak", "nor this");
  SpoolReader all = reader();
  const auto entries = all_of(all);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_TRUE(same(entries[2].delivery, numbered(3, 40)));
  EXPECT_EQ(entries[0].at, (SpoolPosition{1, first.ends[0]}));
  EXPECT_EQ(entries[0].after, entries[1].at);
  EXPECT_EQ(entries[1].after, (SpoolPosition{1, first.ends[2]}));
  EXPECT_EQ(entries[2].at, (SpoolPosition{4, kBeginningFrame}));
  EXPECT_EQ(all.position(), entries[2].after);
  EXPECT_EQ(all.damaged(), 0U);
  EXPECT_FALSE(all.has_gap());
}

TEST_F(SpoolReaderTest, ResumesAtEachPosition) {
  put_segment(1, segment({1, 2}).bytes);
  put_segment(2, segment({3, 4}, {1, 500}).bytes);
  std::vector<std::uint64_t> left{1, 2, 3, 4};
  SpoolReader all = reader();
  for (const auto& entry : all_of(all)) {
    EXPECT_EQ(numbers_in(folder_, entry.at), left);
    left.erase(left.begin());
    EXPECT_EQ(numbers_in(folder_, entry.after), left);
  }
}

TEST_F(SpoolReaderTest, WaitsWhereNothingIsYet) {
  SpoolReader following = reader();
  EXPECT_FALSE(following.next());
  put_segment(1, "");
  EXPECT_FALSE(following.next());
  const Text text = segment({1});
  add_to_segment(1, text.bytes);
  ASSERT_TRUE(following.next());
  EXPECT_FALSE(following.next());
  put_segment(2, segment({2}, {1, text.ends.back()}).bytes);
  EXPECT_EQ(number_of(following.next()->delivery), 2U);
  EXPECT_FALSE(following.has_gap());
}

TEST_F(SpoolReaderTest, AnUnfinishedFrameIsNothingYet) {
  const Text text = segment({1, 2});
  for (std::uint64_t length = 0; length < text.bytes.size(); ++length) {
    put_segment(1, text.bytes.substr(0, length));
    SpoolReader following = reader();
    const std::size_t whole = length < text.ends[1] ? 0 : 1;
    EXPECT_EQ(all_of(following).size(), whole) << length;
    add_to_segment(1, text.bytes.substr(length));
    EXPECT_EQ(all_of(following).size(), 2 - whole) << length;
    EXPECT_EQ(following.damaged(), 0U) << length;
  }
}

TEST_F(SpoolReaderTest, ATornTailIsLeftForTheNextSegment) {
  const Text text = segment({1, 2});
  put_segment(2, segment({3}, {1, text.ends[1]}).bytes);
  for (std::uint64_t length = 0; length < text.bytes.size(); ++length) {
    for (const std::string& zeros : {std::string(), std::string(300, '\0')}) {
      // Zeros end a file that a power failure has left with its length alone.
      if (!zeros.empty() && length != text.ends[1]) continue;
      put_segment(1, text.bytes.substr(0, length) + zeros);
      SpoolReader all = reader();
      const auto entries = all_of(all);
      ASSERT_EQ(entries.size(), length < text.ends[1] ? 1U : 2U) << length;
      EXPECT_EQ(number_of(entries.back().delivery), 3U);
      EXPECT_EQ(all.damaged(), 0U) << length;
      EXPECT_FALSE(all.has_gap());
    }
  }
}

TEST_F(SpoolReaderTest, AFlippedBitCostsOneDelivery) {
  const Text text = segment({1, 2, 3});
  put_segment(2, segment({4}, {1, text.ends.back()}).bytes);
  for (std::size_t bit = 0; bit < text.bytes.size() * 8; ++bit) {
    std::string damaged = text.bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ 1 << bit % 8);
    put_segment(1, damaged);
    std::vector<std::uint64_t> expected;
    for (std::uint64_t i = 1; i <= 3; ++i) {
      if (bit / 8 < text.ends[i - 1] || bit / 8 >= text.ends[i]) expected.push_back(i);
    }
    expected.push_back(4);
    SpoolReader all = reader();
    std::vector<std::uint64_t> numbers;
    for (const auto& entry : all_of(all)) numbers.push_back(number_of(entry.delivery));
    ASSERT_EQ(numbers, expected) << bit;
    ASSERT_EQ(all.damaged(), 1U) << bit;
    ASSERT_FALSE(all.has_gap()) << bit;
  }
}

TEST_F(SpoolReaderTest, DamageInTheNewestSegmentIsLeftOutOnceSomethingIsBehindIt) {
  const Text text = segment({1, 2, 3});
  for (const std::size_t at : {text.ends[1] + 4, text.ends[2] - 1}) {  // a header, a payload
    std::string damaged = text.bytes;
    damaged[at] = static_cast<char>(~damaged[at]);
    put_segment(1, damaged.substr(0, text.ends[2]));
    SpoolReader following = reader();
    EXPECT_EQ(all_of(following).size(), 1U);
    EXPECT_FALSE(following.next());
    EXPECT_EQ(following.damaged(), 0U);
    EXPECT_EQ(following.position(), (SpoolPosition{1, text.ends[1]}));
    add_to_segment(1, damaged.substr(text.ends[2]));
    const auto rest = all_of(following);
    ASSERT_EQ(rest.size(), 1U);
    EXPECT_EQ(number_of(rest[0].delivery), 3U);
    EXPECT_EQ(following.damaged(), 1U);
  }
}

TEST_F(SpoolReaderTest, FindsTheNextFrameWhereverItIs) {
  // What is damaged is looked at in pieces of 64 KiB: the next header lies before, on or behind the
  // end of one.
  const Text text = segment({2});
  for (std::size_t length = 65'536 - 40; length < 65'536 + 40; ++length) {
    put_segment(1, std::string(length, kFrameMark[0]) + text.bytes);
    SpoolReader some = reader();
    ASSERT_EQ(all_of(some).size(), 1U) << length;
    ASSERT_EQ(some.damaged(), 1U);
  }
}

TEST_F(SpoolReaderTest, ALengthAloneTakesNoMemory) {
  std::string bytes = segment({}).bytes;
  // A sound header of 64 MiB, and one that asks for more than there can be.
  std::string frame;
  put_frame(frame, Delivery{.body = std::string(kMostPayload - 34, 'x')});
  ASSERT_EQ(frame.size(), kFrameHeader + kMostPayload);
  bytes += frame.substr(0, kFrameHeader + 10);
  put_segment(1, bytes);
  EXPECT_THAT(numbers_in(folder_), IsEmpty());
  frame.clear();
  put_frame(frame, Delivery{.body = std::string(kMostPayload, 'x')});
  EXPECT_FALSE(parse_frame_header(frame));
}

TEST_F(SpoolReaderTest, AGapIsOneWhereSomethingUnreadIsGone) {
  put_segment(5, segment({7}, {3, 900}).bytes);
  const auto has_gap = [&](std::optional<SpoolPosition> from) {
    SpoolReader some = reader(from);
    EXPECT_EQ(all_of(some).size(), 1U);
    return some.has_gap();
  };
  EXPECT_FALSE(has_gap({}));
  EXPECT_TRUE(has_gap(SpoolPosition{}));
  EXPECT_TRUE(has_gap(SpoolPosition{2, 4000}));
  EXPECT_TRUE(has_gap(SpoolPosition{3, 899}));
  EXPECT_FALSE(has_gap(SpoolPosition{3, 900}));  // all of it was read
  EXPECT_FALSE(has_gap(SpoolPosition{4, kBeginningFrame}));
  EXPECT_FALSE(has_gap(SpoolPosition{5, 0}));
}

TEST_F(SpoolReaderTest, APositionOfAnotherSpoolIsAGap) {
  put_segment(1, segment({1}).bytes);
  SpoolReader other = reader(SpoolPosition{7, 0});
  EXPECT_TRUE(other.has_gap());
  EXPECT_EQ(all_of(other).size(), 1U);
  // But this one is of a segment that was only just begun when the power failed.
  SpoolReader begun = reader(SpoolPosition{2, 0});
  EXPECT_THAT(all_of(begun), IsEmpty());
  put_segment(2, segment({2}).bytes);
  EXPECT_EQ(all_of(begun).size(), 1U);
  EXPECT_FALSE(begun.has_gap());
}

TEST_F(SpoolReaderTest, APositionBehindTheEndGoesOnInTheNextSegment) {
  put_segment(1, segment({1}).bytes);
  const SpoolPosition beyond{1, 100'000};
  EXPECT_THAT(numbers_in(folder_, beyond), IsEmpty());
  put_segment(2, segment({2}, {1, 150}).bytes);
  EXPECT_THAT(numbers_in(folder_, beyond), ElementsAre(2));
  EXPECT_THAT(numbers_in(folder_, SpoolPosition{1, ~std::uint64_t{0}}), ElementsAre(2));
}

TEST_F(SpoolReaderTest, ASlowReaderSeesWhatWasRemovedBeforeIt) {
  const Text first = segment({1});
  put_segment(1, first.bytes);
  SpoolReader slow = reader();
  ASSERT_TRUE(slow.next());
  std::filesystem::remove(segment_path(folder_, 1));
  put_segment(4, segment({4}, {3, 80}).bytes);
  EXPECT_EQ(number_of(slow.next()->delivery), 4U);
  EXPECT_TRUE(slow.has_gap());
}

TEST_F(SpoolReaderTest, SaysWhatCannotBeRead) {
  const auto none = [&] { SpoolReader(folder_ / "none", {}); };
  EXPECT_EQ(message_of(none), (folder_ / "none").string() +
                                  " cannot be read: No such file or directory. Name the folder "
                                  "that the listener writes to.");
  // What is no regular file is no segment.
  ASSERT_EQ(mkfifo((folder_ / "spool-00000001.log").c_str(), 0600), 0);
  EXPECT_THAT(numbers_in(folder_), IsEmpty());
}

TEST_F(SpoolReaderTest, FollowsAWriter) {
  constexpr std::uint64_t kCount = 2000;
  FakeClock clock;
  SpoolLimits limits;
  limits.segment_bytes = 20'000;
  SpoolWriter writer(folder_, limits, clock);
  Results results;
  std::jthread appending([&] {
    for (std::uint64_t i = 0; i < kCount; ++i) writer.append(numbered(i, i % 500), results.taker());
  });
  SpoolReader following = reader();
  for (std::uint64_t i = 0; i < kCount;) {
    const auto entry = following.next();
    if (!entry) {
      std::this_thread::yield();
      continue;
    }
    ASSERT_TRUE(same(entry->delivery, numbered(i, i % 500))) << i;
    ++i;
  }
  EXPECT_EQ(following.damaged(), 0U);
  EXPECT_FALSE(following.has_gap());
  appending.join();
  EXPECT_THAT(results.all(), testing::Each(SpoolWriter::Result::kStored));
}

}  // namespace
}  // namespace source_sentry
