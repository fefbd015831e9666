#include "engine/fetch/bad_page.h"

#include <gtest/gtest.h>

#include <set>

#include "engine/fetch/row_cursor.h"

namespace source_sentry {
namespace {

/// Sentry's paginators, over rows some of which fail: which rows a page has, from its parameters.
struct Rows {
  enum class Kind { kRowNumbers, kPageNumbers, kScores };
  Kind kind;

  std::size_t first(const std::string& cursor) const {
    if (cursor.empty()) return 0;
    const std::size_t colon = cursor.find(':');
    const std::size_t value = std::stoul(cursor);
    const std::size_t offset = std::stoul(cursor.substr(colon + 1));
    if (kind == Kind::kPageNumbers) return value * offset;
    // A score of 1000 - n belongs to row n.
    return kind == Kind::kScores && value > 0 ? 1000 - value + offset : offset;
  }

  std::string next(std::size_t row, std::size_t size) const {
    if (kind == Kind::kRowNumbers) return row_cursor(row);
    if (kind == Kind::kPageNumbers) return page_cursor(size, row / size);
    return std::to_string(1000 - (row - 1)) + ":1:0";
  }
};

std::size_t size_in(const std::string& query) {
  return std::stoul(query.substr(query.find("per_page=") + 9));
}

TEST(BadPage, ReadsAllRowsButTheBadOnesByEveryKindOfCursor) {
  using Kind = Rows::Kind;
  for (const Kind kind : {Kind::kRowNumbers, Kind::kPageNumbers, Kind::kScores}) {
    for (const std::size_t begin : {0U, 100U}) {
      for (const std::set<std::size_t>& on_page :
           {std::set<std::size_t>{0}, {1}, {57}, {99}, {0, 1, 2}, {30, 70}}) {
        std::set<std::size_t> bad;
        for (const std::size_t row : on_page) bad.insert(begin + row);
        const Rows rows{kind};
        BadPage page("full=true&per_page=100", begin == 0 ? "" : rows.next(begin, 100), 100);
        std::set<std::size_t> read;
        std::size_t lost = 0;
        std::size_t requests = 0;
        while (!page.done() && ++requests < 200) {
          const std::size_t size = size_in(page.query());
          const std::size_t first = rows.first(page.cursor());
          const auto hit = bad.lower_bound(first);
          const bool behind_the_end = first >= 300;
          if (behind_the_end || (hit != bad.end() && *hit < first + size)) {
            lost += page.failed(behind_the_end) == BadPage::Failed::kRowLost ? 1U : 0U;
            continue;
          }
          for (std::size_t row = first; row < first + size; ++row) read.insert(row);
          page.answered(size, rows.next(first + size, size));
        }
        EXPECT_EQ(lost, bad.size());
        EXPECT_EQ(read.size() + lost, 100U);
        EXPECT_EQ(rows.first(page.cursor()), begin + 100) << page.cursor();
        EXPECT_LT(requests, 50U);
      }
    }
  }
}

TEST(BadPage, IsStuckAtARowThatNoCursorLeadsPast) {
  BadPage page("limit=100", "bz0wJnI9MA==", 10);
  EXPECT_EQ(page.query(), "limit=5");
  EXPECT_EQ(page.failed(false), BadPage::Failed::kAskLess);
  EXPECT_EQ(page.query(), "limit=1");
  EXPECT_EQ(page.failed(false), BadPage::Failed::kStuck);
}

TEST(BadPage, SetsTheRowsOfAPageByEveryNameThatTheyHave) {
  EXPECT_EQ(with_page_rows("a=1&per_page=100&limit=100", 5), "a=1&per_page=5&limit=5");
  EXPECT_EQ(with_page_rows("sort=date&limit=100&b=2", 1), "sort=date&limit=1&b=2");
  EXPECT_EQ(with_page_rows("", 1), "per_page=1");
}

}  // namespace
}  // namespace source_sentry
