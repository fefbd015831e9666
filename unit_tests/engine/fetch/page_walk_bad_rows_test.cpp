#include <gmock/gmock.h>

#include <set>

#include "engine/fetch/page_walk.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_list.h"

namespace source_sentry {
namespace {

using testing::SizeIs;
using Turn = PageWalk::Turn;

/// Sentry's paginators, and a server that shows nothing for any cursor but its own.
enum class Paginator { kRowNumbers, kPageNumbers, kIds, kTimes, kOpaque };

/// A list on some rows of which the server fails, whichever way it is asked for them.
struct FailingList {
  Paginator paginator;
  std::size_t rows;
  std::set<std::size_t> bad;
  Response failure;

  /// Two rows share a time. Ids and times descend.
  std::uint64_t score(std::size_t row) const {
    return paginator == Paginator::kIds ? 500 - row : 1'768'478'400'000 - row / 2 * 1000;
  }

  std::size_t first_not_above(std::uint64_t bound) const {
    std::size_t row = 0;
    while (row < rows && score(row) > bound) ++row;
    return row;
  }

  std::size_t place(const std::string& cursor) const {
    if (cursor.empty()) return 0;
    if (paginator == Paginator::kOpaque) {
      return cursor.starts_with("at") ? std::stoul(cursor.substr(2)) : rows;
    }
    const std::uint64_t value = std::stoull(cursor);
    const std::size_t offset = std::stoul(cursor.substr(cursor.find(':') + 1));
    switch (paginator) {
      case Paginator::kPageNumbers:
        return value * offset;
      case Paginator::kIds:  // without a value there is no bound
        return (value == 0 ? 0 : first_not_above(value)) + offset;
      case Paginator::kTimes:
        return first_not_above(value) + offset;
      default:
        return offset;
    }
  }

  std::string cursor_of(std::size_t row, std::size_t size) const {
    const std::size_t shown = std::min(row, rows - 1);
    switch (paginator) {
      case Paginator::kRowNumbers:
        return "0:" + std::to_string(row) + ":0";
      case Paginator::kPageNumbers:
        return std::to_string(size) + ":" + std::to_string(row / size) + ":0";
      case Paginator::kOpaque:
        return "at" + std::to_string(row);
      default:
        return std::to_string(score(shown)) + ":" +
               std::to_string(row - first_not_above(score(shown))) + ":0";
    }
  }

  Response operator()(const std::string& target) const {
    auto wanted = FakeList::parameters(target);
    const std::size_t size = wanted["per_page"].empty() ? 10 : std::stoul(wanted["per_page"]);
    const std::size_t first = std::min(place(wanted["cursor"]), rows);
    const std::size_t last = std::min(first + size, rows);
    std::string body;
    for (std::size_t row = first; row < last; ++row) {
      if (bad.contains(row)) return failure;
      body += (row > first ? "," : "") + std::string(R"({"id":")") + std::to_string(row) + "\"}";
    }
    return answer(
        200, "[" + body + "]",
        {{"link", "<u>; rel=\"next\"; results=\"" + std::string(last < rows ? "true" : "false") +
                      "\"; cursor=\"" + cursor_of(last, size) + "\""}});
  }
};

/// What came of walking through a list.
struct Walked {
  std::set<std::string> read;
  std::vector<std::string> lost;
  Turn end = Turn::kPage;
  std::size_t requests = 0;
};

Walked walk(const FailingList& list) {
  FakeHttp http(list);
  PartitionPlan plan = FakeList().plan({});
  plan.shape.page_rows = 10;
  const Judge judge = plain_judge;
  Pacer pacer;
  FakeClock clock;
  Fetcher fetcher(http, judge, pacer, clock, {});
  PageWalk walk(fetcher, plan.listing(plan.routes[0]), "per_page=10", nullptr, "");
  Walked walked;
  walk.step_over_rows(
      [&](const std::string& where, const ConnectorError&) { walked.lost.push_back(where); });
  while ((walked.end = walk.next(true)) == Turn::kPage) {
    for (const auto& record : walk.records().records) walked.read.emplace(record.id);
  }
  walked.requests = http.targets().size();
  return walked;
}

const std::vector<Response>& failures() {
  static const std::vector<Response> kFailures = {answer(400, ""), answer(403, ""),
                                                  answer(404, ""), answer(422, ""),
                                                  answer(500, ""), answer(200, "[<html></html>]")};
  return kFailures;
}

TEST(PageWalkBadRows, TheFirstRowsCostNoOtherWhateverTheCursorsHold) {
  for (const auto paginator :
       {Paginator::kRowNumbers, Paginator::kPageNumbers, Paginator::kIds, Paginator::kTimes}) {
    for (const Response& failure : failures()) {
      for (const std::size_t rows : {1U, 2U, 7U, 25U}) {
        for (const std::size_t bad : {1U, 2U, 3U}) {
          if (bad > rows) continue;
          std::set<std::size_t> first;
          for (std::size_t row = 0; row < bad; ++row) first.insert(row);
          const Walked walked = walk({paginator, rows, first, failure});
          const std::string what = std::to_string(static_cast<int>(paginator)) + " " +
                                   std::to_string(failure.status) + " " + std::to_string(bad) +
                                   " of " + std::to_string(rows);
          EXPECT_EQ(walked.end, Turn::kEnd) << what;
          EXPECT_THAT(walked.read, SizeIs(rows - bad)) << what;
          EXPECT_THAT(walked.lost, SizeIs(bad)) << what;
          EXPECT_LT(walked.requests, 50U) << what;
        }
      }
    }
  }
}

TEST(PageWalkBadRows, AnEmptyPageIsNotTheEndWhereNoCursorShowsTheFirstRow) {
  for (const Response& failure : failures()) {
    const Walked walked = walk({Paginator::kOpaque, 7, {0}, failure});
    EXPECT_EQ(walked.end, Turn::kRefused) << failure.status;
    EXPECT_THAT(walked.lost, SizeIs(0)) << failure.status;
    EXPECT_LT(walked.requests, 50U) << failure.status;
  }
}

}  // namespace
}  // namespace source_sentry
