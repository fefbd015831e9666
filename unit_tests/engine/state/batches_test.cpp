#include "engine/state/batches.h"

#include <gmock/gmock.h>

namespace source_sentry {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// So many partitions, which were read up to `mark`.
struct Case {
  std::vector<Partition> partitions;
  std::vector<Checkpoint> checkpoints;

  void add(std::size_t count, const char* mark) {
    for (std::size_t i = 0; i < count; ++i) {
      partitions.emplace_back();
      partitions.back().number = std::to_string(partitions.size());
      checkpoints.emplace_back();
      checkpoints.back().high_water = parse_instant(mark);
    }
  }
  std::vector<Batch> batches(std::size_t most) const {
    return make_batches(partitions, checkpoints, most);
  }
};

constexpr const char* kMonday = "2026-01-05T00:00:00Z";
constexpr const char* kFriday = "2026-01-09T00:00:00Z";

TEST(Batches, HoldWhatIsAtTheSamePlace) {
  Case some;
  some.add(2, kMonday);
  some.add(1, kFriday);
  some.add(1, kMonday);
  some.add(1, kFriday);
  EXPECT_THAT(some.batches(50), ElementsAre(ElementsAre(0, 1, 3), ElementsAre(2, 4)));
  some.checkpoints[4].position = Position{false, *parse_instant(kFriday), std::nullopt};
  some.checkpoints[0].shared = true;  // says nothing about the place
  EXPECT_THAT(some.batches(50), ElementsAre(ElementsAre(0, 1, 3)));
}

TEST(Batches, LeaveOutWhatWasNeverReadAndWhatHasNoNumber) {
  Case some;
  some.add(3, "");
  some.add(3, kMonday);
  some.partitions[4].number.clear();
  EXPECT_THAT(some.batches(50), ElementsAre(ElementsAre(3, 5)));
  some.partitions[5].number.clear();
  EXPECT_THAT(some.batches(50), IsEmpty());
}

TEST(Batches, AreOfAboutTheSameSize) {
  Case some;
  some.add(7, kMonday);
  EXPECT_THAT(some.batches(3),
              ElementsAre(ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(4, 5, 6)));
  EXPECT_THAT(some.batches(7), ElementsAre(testing::SizeIs(7)));
}

}  // namespace
}  // namespace source_sentry
