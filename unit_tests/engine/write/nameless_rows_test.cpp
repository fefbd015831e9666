#include "engine/write/nameless_rows.h"

#include <gmock/gmock.h>

#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const nlohmann::json kSaved = {{"dateCreated", format_instant(kNow - 240h)}};

RecordView row(std::string_view json, std::string_view time) { return {json, "", time}; }

TEST(NamelessRows, AlikeOnOnePageAreAllNew) {
  NamelessRows rows;
  rows.begin_page();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(rows.comes_again(row("{a}", "1"), false));
  EXPECT_FALSE(rows.comes_again(row("{b}", "1"), false));
  EXPECT_EQ(rows.hiding(), 0U);
}

TEST(NamelessRows, OnesOfTheTimeAtWhichPagesMeetComeAgain) {
  NamelessRows rows;
  for (const std::string_view json : {"{a}", "{b}", "{c}"}) {
    rows.begin_page();
    EXPECT_FALSE(rows.comes_again(row(json, "1"), false)) << json;
  }
  EXPECT_TRUE(rows.comes_again(row("{a}", "1"), false)) << "of the page before the one before";
  EXPECT_TRUE(rows.comes_again(row("{b}", "1"), false));
  EXPECT_EQ(rows.hiding(), 2U);
  EXPECT_FALSE(rows.comes_again(row("{c}", "1"), false));
  EXPECT_FALSE(rows.comes_again(row("{d}", "0"), false));
  EXPECT_FALSE(rows.comes_again(row("{a}", "1"), false)) << "pages do not meet there";
}

TEST(NamelessRows, OneAloneAtThatTimeMayHaveBeenMovedByANewOne) {
  for (const bool by_number : {true, false}) {
    NamelessRows rows;
    rows.begin_page();
    EXPECT_FALSE(rows.comes_again(row("{a}", "1"), by_number));
    rows.begin_page();
    EXPECT_TRUE(rows.comes_again(row("{a}", "1"), by_number));
    EXPECT_EQ(rows.hiding(), by_number ? 0U : 1U) << "a cursor that names a row does not move";
  }
}

TEST(NamelessRows, InALaterPassAllThatWereListedComeAgain) {
  NamelessRows rows;
  rows.begin_page();
  EXPECT_FALSE(rows.comes_again(row("{a}", "1"), false));
  rows.begin_pass();
  rows.begin_page();
  EXPECT_TRUE(rows.comes_again(row("{a}", "1"), false));
  EXPECT_FALSE(rows.comes_again(row("{b}", "1"), false));
  EXPECT_EQ(rows.hiding(), 0U);
}

/// Reads a list in pages of three, whose rows have nothing that the plan takes for an id.
Outcome read_nameless(const std::vector<FakeList::Row>& rows) {
  FakeList list;
  list.rows = rows;
  list.page_size = 3;
  list.heeds_windows = false;
  PartitionPlan plan = list.plan(kNow);
  plan.shape.id_key = "number";
  plan.routes.front().window_query = nullptr;
  return read(plan, list, {.state = kSaved});
}

TEST(NamelessRows, OfOneInstantAreAllWritten) {
  std::vector<FakeList::Row> rows;
  for (int i = 0; i < 7; ++i) rows.push_back({"r" + std::to_string(i), kNow - 1h});
  rows.insert(rows.begin(), rows.front());  // alike, and on its page
  const Outcome got = read_nameless(rows);
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(got.ids.size(), 7U);
  EXPECT_EQ(got.ids.at("r0"), 2);
}

TEST(NamelessRows, OneThatComesAgainAmongItsTiesKeepsTheStateWhereItWas) {
  // The second page may hold more of them or none but the one that came again.
  for (const Instant next : {kNow - 1h, kNow - 2h}) {
    const Outcome got = read_nameless({{"r0", kNow - 1h},
                                       {"r1", kNow - 1h},
                                       {"r2", kNow - 1h},
                                       {"r2", kNow - 1h},
                                       {"r4", next},
                                       {"r5", kNow - 3h}});
    EXPECT_FALSE(got.finished);
    EXPECT_THAT(got.error, HasSubstr("1 record of s was listed twice"));
    EXPECT_EQ(got.ids.at("r2"), 1) << "written once";
    EXPECT_EQ(got.last_state.value("dateCreated", ""), kSaved.value("dateCreated", ""));
  }
}

TEST(NamelessRows, OneThatANewRowMovedToTheNextPageHidesNone) {
  const Outcome got = read_nameless({{"r0", kNow - 1h},
                                     {"r1", kNow - 2h},
                                     {"r2", kNow - 3h},
                                     {"r2", kNow - 3h},
                                     {"r3", kNow - 4h}});
  EXPECT_TRUE(got.finished) << got.error;
  EXPECT_EQ(got.ids.at("r2"), 1);
  EXPECT_EQ(got.ids.size(), 4U);
}

/// Ninety rows of one time, listed a hundred at most to a page behind twenty newer ones; a page
/// that begins among them begins with the row that the page before ended with.
Response tied_list(const std::string& target, const char* hits) {
  constexpr std::size_t kNewer = 20, kAll = 130;
  auto wanted = FakeList::parameters(target);
  const std::size_t size = std::stoul(wanted["limit"]);
  const std::size_t begin = wanted["cursor"].empty() ? 0 : std::stoul(wanted["cursor"].substr(1));
  const auto time_of = [&](std::size_t at) {
    return at >= kNewer && at < kNewer + 90 ? kNow - 24h : kNow - std::chrono::hours(at);
  };
  std::string body = "[";
  for (std::size_t i = begin; i < std::min(begin + size, kAll); ++i) {
    const bool hidden = i == begin && i > 0 && time_of(i) == time_of(i - 1);
    const std::size_t at = hidden ? i - 1 : i;
    body += (i > begin ? R"(,{"id":"r)" : R"({"id":"r)") + std::to_string(at) +
            R"(","dateCreated":")" + format_instant(time_of(at)) + R"("})";
  }
  const bool more = begin + size < kAll;
  std::string link = R"(<u>; rel="next"; results=")" + std::string(more ? "true" : "false") +
                     R"("; cursor="x)" + std::to_string(begin + size) + '"';
  return answer(200, body + "]", {{"link", link}, {"x-hits", hits}, {"x-max-hits", "1000"}});
}

TEST(NamelessRows, WhatTheyHideIsLookedForOnOtherPages) {
  PartitionPlan plan = FakeList().plan(kNow);
  plan.shape.id_key = "number";
  plan.in_windows = false;
  plan.shape.page_rows = 100;
  plan.routes.front().query = "limit=100";
  plan.routes.front().window_query = nullptr;
  struct Count {
    const char* hits;
    bool proves;
  };
  for (const Count& count : {Count{"130", true}, {"", false}, {"1000", false}}) {
    SCOPED_TRACE(count.hits);
    const auto server = [&](const std::string& target) { return tied_list(target, count.hits); };
    const Outcome got = read(plan, server, {.state = kSaved});
    EXPECT_EQ(got.finished, count.proves) << got.error;
    EXPECT_EQ(got.ids.size(), 130U);
    for (const auto& [id, times] : got.ids) EXPECT_EQ(times, 1) << id;
    if (count.proves) continue;
    EXPECT_THAT(got.error, AnyOf(HasSubstr("listed twice"), HasSubstr("counts 1000")));
    EXPECT_EQ(got.last_state.value("dateCreated", ""), kSaved.value("dateCreated", ""));
  }
}

}  // namespace
}  // namespace source_sentry
