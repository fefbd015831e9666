#include <gmock/gmock.h>

#include "fakes/stream_reading.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const nlohmann::json kSaved = {{"dateCreated", format_instant(kNow - 240h)}};

/// Reads a list in pages of three, whose rows have nothing that the plan takes for an id.
Outcome read_nameless(const std::vector<FakeList::Row>& rows) {
  FakeList list;
  list.rows = rows;
  list.page_size = 3;
  list.heeds_windows = false;
  PartitionPlan plan = list.plan(kNow);
  plan.id_key = "number";
  plan.routes.front().window_query = nullptr;
  return read(plan, list, {.state = kSaved});
}

TEST(NamelessTies, RowsOfOneInstantAreToldApart) {
  std::vector<FakeList::Row> rows;
  for (int i = 0; i < 7; ++i) rows.push_back({"r" + std::to_string(i), kNow - 1h});
  const Outcome got = read_nameless(rows);
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(got.ids.size(), 7U);
}

TEST(NamelessTies, OneThatComesAgainHidesAnotherAndKeepsTheStateWhereItWas) {
  // The second page may hold more of them or none but the one that came again.
  for (const Instant next : {kNow - 1h, kNow - 2h}) {
    const Outcome got = read_nameless({{"r0", kNow - 1h},
                                       {"r1", kNow - 1h},
                                       {"r2", kNow - 1h},
                                       {"r2", kNow - 1h},
                                       {"r4", next},
                                       {"r5", kNow - 3h}});
    EXPECT_FALSE(got.finished);
    EXPECT_THAT(got.error, HasSubstr("1 records of s were listed twice"));
    EXPECT_EQ(got.ids.at("r2"), 1) << "written once";
    EXPECT_EQ(got.last_state.value("dateCreated", ""), kSaved.value("dateCreated", ""));
  }
}

TEST(NamelessTies, OneThatANewRowMovedToTheNextPageHidesNone) {
  const Outcome got = read_nameless({{"r0", kNow - 1h},
                                     {"r1", kNow - 2h},
                                     {"r2", kNow - 3h},
                                     {"r2", kNow - 3h},
                                     {"r3", kNow - 4h}});
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(got.ids.at("r2"), 1);
  EXPECT_EQ(got.ids.size(), 4U);
}

}  // namespace
}  // namespace source_sentry
