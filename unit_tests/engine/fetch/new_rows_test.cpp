#include "engine/fetch/new_rows.h"

#include <gmock/gmock.h>

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "fakes/partition_reading.h"

namespace source_sentry {
namespace {

constexpr std::uint64_t kRowsToAPage = 100;

/// Adds pages of the rows that `row` gives for their places. How many rows it took to see that the
/// list has no end; `most` when that was not seen.
std::uint64_t rows_until_ended(std::uint64_t most,
                               const std::function<std::uint64_t(std::uint64_t)>& row) {
  NewRows rows;
  std::uint64_t at = 0;
  while (at < most && !rows.ended()) {
    std::vector<std::string> ids;
    for (std::uint64_t i = 0; i < kRowsToAPage; ++i) ids.push_back(std::to_string(row(at++)));
    RecordPage page;
    for (const std::string& id : ids) {
      RecordView record{};
      record.id = id;
      page.records.push_back(record);
    }
    rows.add(page);
  }
  return at;
}

TEST(NewRows, SeesThatAListGoesRound) {
  for (const std::uint64_t length : {9'000U, 20'000U, 30'000U, 47'123U}) {
    const std::uint64_t most = 8 * length + 20'000;
    EXPECT_LT(rows_until_ended(most, [&](std::uint64_t at) { return at % length; }), most)
        << length;
    EXPECT_LT(rows_until_ended(most,
                               [&](std::uint64_t at) {
                                 return at % kRowsToAPage == 0 ? length + at : at % length;
                               }),
              most)
        << length << " with a new row on each page";
    std::mt19937_64 random(length);  // NOLINT(*-msc51-cpp,*-msc32-c): the same in every run
    const std::uint64_t more = 4 * most;
    EXPECT_LT(rows_until_ended(more, [&](std::uint64_t) { return random() % length; }), more)
        << length << " in no order";
  }
}

TEST(NewRows, TakesNoListForEndlessThatRepeatsSomeRows) {
  constexpr std::uint64_t kAll = 300'000;
  const std::vector<std::function<std::uint64_t(std::uint64_t)>> lists = {
      [](std::uint64_t at) { return at; },
      [](std::uint64_t at) { return at % kRowsToAPage == 0 ? 0 : at; },
      [](std::uint64_t at) { return at % 25'000 == 0 ? 0 : at; },
      [](std::uint64_t at) { return at % 25'000 < 5 ? at % 25'000 : at; },
      // Each page begins with the last rows of the one before.
      [](std::uint64_t at) { return at - at / kRowsToAPage * 30; },
      // A part of the list comes once more.
      [](std::uint64_t at) { return at < 150'000 ? at : at - 50'000; }};
  for (std::size_t i = 0; i < lists.size(); ++i) {
    EXPECT_EQ(rows_until_ended(kAll, lists[i]), kAll) << i;
  }
}

TEST(NewRows, ACircleWithANewRowOnEachPageEndsItsStreamWithItsStateUnmoved) {
  constexpr std::size_t kRows = 6'000;
  FakeList list;
  list.page_size = 100;
  for (std::size_t i = 0; i < kRows; ++i) {
    list.rows.push_back({"r" + std::to_string(i), kNow - std::chrono::seconds(i + 1)});
  }
  PartitionPlan plan = list.plan(kNow);
  plan.in_windows = false;
  std::map<std::size_t, Response> known;
  std::size_t pages = 0;
  const Outcome got = read(plan, [&](const std::string&) {
    const std::size_t begin = pages * list.page_size % kRows;
    Response& round = known[begin];
    if (round.status == 0) round = list("list/?cursor=0:" + std::to_string(begin) + ":0");
    Response page = round;
    page.body.insert(1, R"({"id":"new)" + std::to_string(pages) + R"("},)");
    page.headers[0].second =
        "<u>; rel=\"next\"; results=\"true\"; cursor=\"c" + std::to_string(++pages) + "\"";
    return page;
  });
  EXPECT_THAT(got.error, testing::HasSubstr("all of them have come twice"));
  EXPECT_GT(got.ids.size(), kRows);
  EXPECT_EQ(got.last_state["dateCreated"], "1900-01-01T00:00:00.000000Z");
  EXPECT_LT(pages * list.page_size, 8 * kRows);
}

}  // namespace
}  // namespace source_sentry
