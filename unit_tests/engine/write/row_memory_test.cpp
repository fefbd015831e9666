#include "engine/write/row_memory.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "fakes/fake_clock.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;
using testing::ElementsAre;
using testing::IsEmpty;

/// Runs one after the other over one checkpoint. A row's JSON is its state.
class RowMemoryTest : public testing::Test {
 protected:
  RowMemoryTest() {
    plan_.now = plan_.until = kNow;
    plan_.tail = days(30);
    plan_.in_windows = true;
    plan_.fingerprint = [](std::string_view json, Instant /*now*/) {
      return static_cast<std::uint32_t>(json.size()) << 8U;
    };
    checkpoint_.high_water = kNow - 1h;
  }

  RowMemory begin() {
    RowMemory memory(plan_, checkpoint_);
    from_ = memory.begin(false, kNow - 70min);
    return memory;
  }

  static RecordView row(std::string_view id, std::string_view json,
                        std::string_view cursor = kOld) {
    return {json, id, cursor};
  }

  static constexpr std::string_view kOld = "2026-01-10T00:00:00Z";
  static constexpr std::string_view kNew = "2026-01-15T11:30:00Z";
  PartitionPlan plan_;
  Checkpoint checkpoint_;
  Instant from_;
};

TEST_F(RowMemoryTest, TheTailEndsAtTheStartDate) {
  begin();
  EXPECT_EQ(from_, kNow - 1h - days(30));
  plan_.from = kNow - days(3);
  begin();
  EXPECT_EQ(from_, plan_.from);
  checkpoint_.high_water.reset();
  begin();
  EXPECT_EQ(from_, kNow - 70min);
}

TEST_F(RowMemoryTest, ARowOfTheTailIsNewsOnlyWhenItChanged) {
  RowMemory first = begin();
  EXPECT_TRUE(first.is_known(row("1", "old"))) << "nothing is known of what was written before";
  EXPECT_FALSE(first.is_known(row("2", "new", kNew)));
  first.note(row("2", "new", kNew));
  first.finish(true);
  RowMemory second = begin();
  EXPECT_TRUE(second.is_known(row("1", "old")));
  EXPECT_TRUE(second.is_known(row("2", "new", kNew)));
  EXPECT_FALSE(second.is_known(row("1", "older")));
  EXPECT_FALSE(second.is_known(row("3", "late"))) << "not there before";
}

TEST_F(RowMemoryTest, RowsThatLeftTheTailAreForgotten) {
  RowMemory first = begin();
  for (const char* id : {"1", "2"}) EXPECT_TRUE(first.is_known(row(id, "old")));
  first.finish(true);
  RowMemory second = begin();
  EXPECT_TRUE(second.is_known(row("2", "old")));
  second.finish(false);
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 2U) << "the part before may have shown it";
  second.finish(true);
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 1U);
  begin().finish(true);
  EXPECT_EQ(checkpoint_.refresh->rows.size(), 1U) << "nothing was shown at all";
}

TEST_F(RowMemoryTest, RowsWithoutIdAreReadAsWithoutATail) {
  for (int run = 0; run < 2; ++run) {
    RowMemory memory = begin();
    EXPECT_TRUE(memory.is_known(row("", "old")));
    EXPECT_FALSE(memory.is_known(row("", "new", kNew)));
    memory.note(row("", "new", kNew));
    memory.finish(true);
    EXPECT_TRUE(checkpoint_.refresh->rows.empty());
  }
}

TEST_F(RowMemoryTest, WithoutUseForItNoneIsKept) {
  begin().note(row("1", "x"));
  EXPECT_TRUE(checkpoint_.refresh);
  RowMemory full(plan_, checkpoint_);
  EXPECT_EQ(full.begin(true, kNow), kNow);
  EXPECT_FALSE(checkpoint_.refresh);
  EXPECT_FALSE(full.is_known(row("1", "x")));
  begin();
  plan_.fingerprint = nullptr;
  begin();
  EXPECT_FALSE(checkpoint_.refresh);
}

TEST_F(RowMemoryTest, WhoHasReadEverythingHasSwept) {
  plan_.tail = {};
  plan_.sweep.emplace();
  begin().finish(true);
  EXPECT_FALSE(checkpoint_.refresh->sweep_began);
  checkpoint_ = Checkpoint();
  begin().finish(true);
  EXPECT_EQ(checkpoint_.refresh->sweep_began, kNow);
}

/// A list that is read whole, whose rows are known by all that they hold.
class RowMemoryOfContents : public RowMemoryTest {
 protected:
  RowMemoryOfContents() {
    plan_.tail = {};
    plan_.in_windows = false;
    plan_.gone = [](std::string_view id) { return std::string(id); };
    checkpoint_.high_water.reset();
  }

  /// A run in which a route lists these rows: what it finds gone.
  std::vector<std::string> run(const std::string& route, const std::vector<const char*>& ids) {
    RowMemory memory = begin();
    for (const char* id : ids) {
      if (!memory.is_known(row(id, "as it is", ""))) memory.note(row(id, "as it is", ""));
    }
    std::vector<std::string> gone = memory.gone(route);
    memory.finish(true);
    return gone;
  }
};

TEST_F(RowMemoryOfContents, WhatAWholeListDoesNotShowAnyMoreIsGoneOnce) {
  EXPECT_THAT(run("list", {"1", "2", "web"}), IsEmpty());
  EXPECT_THAT(run("list", {"1", "2", "web"}), IsEmpty());
  EXPECT_THAT(run("list", {"2", "3"}), ElementsAre("1", "web"));
  EXPECT_THAT(run("list", {"2", "3"}), IsEmpty()) << "it was said before";
  EXPECT_THAT(run("list", {"1", "2", "3"}), IsEmpty()) << "it is back";
  EXPECT_THAT(run("list", {"2", "3"}), ElementsAre("1"));
}

TEST_F(RowMemoryOfContents, NothingIsGoneWhereNothingAtAllIsListed) {
  run("list", {"1", "2"});
  EXPECT_THAT(run("list", {}), IsEmpty()) << "the rows are more likely hidden";
  EXPECT_THAT(run("list", {"1"}), ElementsAre("2")) << "they were not forgotten for that";
}

TEST_F(RowMemoryOfContents, NothingIsGoneByAnotherRouteUntilItHasShownWhatItShows) {
  run("list", {"1", "2", "3"});
  EXPECT_THAT(run("older list", {"1", "2"}), IsEmpty()) << "it may show less";
  EXPECT_THAT(run("older list", {"1"}), ElementsAre("2"));
  EXPECT_THAT(run("list", {"3"}), IsEmpty());
  EXPECT_THAT(run("list", {"4"}), ElementsAre("3"));
}

TEST_F(RowMemoryOfContents, RowsThatAreNotKnownByTheirContentsAreNeverGone) {
  plan_.gone = nullptr;
  run("list", {"1", "2"});
  EXPECT_THAT(run("list", {"1"}), IsEmpty());
}

/// A stream whose rows were remembered by less than all that they hold.
TEST_F(RowMemoryOfContents, AMemoryOfTheOtherWidthIsNotUsed) {
  for (const bool was_whole : {false, true}) {
    const auto gone = plan_.gone;
    checkpoint_.refresh.reset();
    if (!was_whole) plan_.gone = nullptr;
    run("list", {"1", "2"});
    plan_.gone = was_whole ? nullptr : gone;
    RowMemory memory = begin();
    EXPECT_FALSE(memory.is_known(row("1", "as it is", ""))) << was_whole;
    memory.note(row("1", "as it is", ""));
    EXPECT_THAT(memory.gone("list"), IsEmpty()) << was_whole;
    EXPECT_EQ(memory.rows().size(), 1U) << was_whole;
    plan_.gone = gone;
  }
}

}  // namespace
}  // namespace source_sentry
