#include "engine/write/holes.h"

#include <gmock/gmock.h>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

const ConnectorError kWhy(FailureKind::kTransient, "Sentry is down. Try again later.", "HTTP 500");

Window hour(int number) { return {kNow + 1h * number, kNow + 1h * (number + 1)}; }

TEST(Holes, NamesWhatIsMissingAndWhy) {
  Holes holes("events of web");
  EXPECT_TRUE(holes.empty());
  holes.add_window(hour(0), kWhy, {});
  EXPECT_FALSE(holes.empty());
  const ConnectorError error = holes.error();
  EXPECT_EQ(error.message(),
            "Sentry is down. Try again later. So 1 window of events of web could not be read: "
            "2026-01-15T12:00:00Z to 2026-01-15T13:00:00Z. Nothing else was left out.");
  EXPECT_EQ(error.kind(), FailureKind::kTransient);
  EXPECT_EQ(error.detail(), "HTTP 500");
}

TEST(Holes, AreToldAtBoundedLength) {
  Holes holes("s");
  for (int i = 0; i < 1000; ++i) {
    holes.add_window(hour(i), kWhy, {});
    holes.went_well();
  }
  EXPECT_THAT(holes.error().message(), AllOf(HasSubstr("1000 windows"), HasSubstr("and 995 more")));
  EXPECT_LT(holes.error().message().size(), 500U);
}

TEST(Holes, GivesUpAfterThreeInARow) {
  Holes holes("s");
  holes.add_window(hour(0), kWhy, {});
  holes.add_record("7", kWhy, {});
  holes.went_well();
  holes.add_window(hour(1), kWhy, {});
  holes.add_window(hour(2), kWhy, {});
  EXPECT_THROW(holes.add_window(hour(3), kWhy, {}), ConnectorError);
  EXPECT_THAT(holes.error().message(), EndsWith("After that nothing more was tried."));
}

TEST(Holes, KeepsTheStateFromBeforeTheFirst) {
  Holes holes("s");
  EXPECT_FALSE(holes.before());
  Checkpoint checkpoint;
  checkpoint.high_water = kNow;
  holes.add_entries(1, nullptr, checkpoint);
  checkpoint.high_water = kNow + 1h;
  holes.add_window(hour(1), kWhy, checkpoint);
  EXPECT_EQ(holes.before()->high_water, kNow);
}

TEST(Holes, CountsEntriesThatAreNoRecords) {
  Holes holes("keys");
  holes.add_entries(2, nullptr, {});
  const Window open{Instant::min(), Instant::max()};
  holes.add_entries(3, &open, {});
  EXPECT_EQ(holes.error().kind(), FailureKind::kSystem);
  EXPECT_THAT(holes.error().message(),
              AllOf(StartsWith("Sentry's list for keys holds 5 entries that are not records. "),
                    Not(HasSubstr("window"))));
  Holes in_windows("events");
  const Window first = hour(0);
  in_windows.add_entries(1, &first, {});
  EXPECT_THAT(in_windows.error().message(),
              HasSubstr("the first in the window 2026-01-15T12:00:00Z to 2026-01-15T13:00:00Z"));
}

}  // namespace
}  // namespace source_sentry
