#include "sandbox/api/paging.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace sandbox {
namespace {

/// Follows next cursors to the end. The rows of each page, in order.
template <typename PageOf>
std::vector<std::size_t> walk(PageOf page_of, std::size_t most_pages = 1000) {
  std::vector<std::size_t> rows;
  std::optional<Cursor> cursor;
  for (std::size_t i = 0; i < most_pages; ++i) {
    const Page page = page_of(cursor);
    for (std::size_t k = 0; k < page.count; ++k) rows.push_back(page.first + k);
    if (!page.links.has_next) return rows;
    cursor = parse_cursor(page.links.next.text());
  }
  ADD_FAILURE() << "the pages never end";
  return rows;
}

std::vector<std::size_t> first_rows(std::size_t count) {
  std::vector<std::size_t> rows(count);
  for (std::size_t i = 0; i < count; ++i) rows[i] = i;
  return rows;
}

TEST(Paging, ReadsAndRefusesCursors) {
  EXPECT_EQ(parse_cursor("100:-1:1")->text(), "100:-1:1");
  EXPECT_EQ(parse_cursor("1735689600000.7:2:0")->text(), "1735689600000:2:0");
  for (const char* text : {"", "1", "1:2", "1:2:3:4", "a:1:0", "1:b:0", "1:2:", "1.x:0:0"}) {
    EXPECT_FALSE(parse_cursor(text)) << text;
  }
}

TEST(Paging, RowOffsetsNameTheRow) {
  const Page first = row_offset_page(25, 10, {});
  EXPECT_EQ(first.links.previous.text(), "0:0:1");
  EXPECT_FALSE(first.links.has_previous);
  EXPECT_EQ(first.links.next.text(), "0:10:0");
  const Page last = row_offset_page(25, 10, Cursor{0, 20, false});
  EXPECT_EQ(last.count, 5U);
  EXPECT_FALSE(last.links.has_next);
  EXPECT_EQ(last.links.next.text(), "0:30:0");
  EXPECT_EQ(walk([](auto cursor) { return row_offset_page(25, 10, cursor); }), first_rows(25));
  EXPECT_EQ(walk([](auto cursor) { return row_offset_page(20, 10, cursor); }), first_rows(20));
}

TEST(Paging, PageNumbersNameThePage) {
  const auto first = page_number_page(250, 100, {});
  EXPECT_EQ(first->links.previous.text(), "100:-1:1");
  EXPECT_FALSE(first->links.has_previous);
  EXPECT_EQ(first->links.next.text(), "100:1:0");
  EXPECT_FALSE(page_number_page(250, 100, Cursor{100, -1, true}));
  EXPECT_EQ(walk([](auto cursor) { return *page_number_page(250, 100, cursor); }), first_rows(250));
}

TEST(Paging, ScoresCountTies) {
  std::vector<std::int64_t> scores;
  for (std::int64_t i = 0; i < 60; ++i) scores.push_back(9000 - i / 13 * 1000);
  for (const std::size_t size : {1U, 4U, 13U, 20U, 59U, 60U, 61U}) {
    const auto page_of = [&](const auto& cursor) { return score_page(scores, size, cursor); };
    EXPECT_EQ(walk(page_of), first_rows(60)) << size;
  }
  const Page second = score_page(scores, 10, score_page(scores, 10, {}).links.next);
  EXPECT_TRUE(second.links.has_previous);
  const Page back = score_page(scores, 10, second.links.previous);
  EXPECT_EQ(back.first, 0U);
  EXPECT_EQ(back.count, 10U);
}

TEST(Paging, KeysCountTiesOfAMillisecond) {
  // Microseconds, descending; several share a millisecond.
  std::vector<std::int64_t> keys;
  for (std::int64_t i = 0; i < 50; ++i) keys.push_back(1'700'000'000'000'000 - i * 150);
  for (const std::size_t size : {1U, 3U, 7U, 50U}) {
    const auto page_of = [&](const auto& cursor) {
      return keyset_page({keys.size(), 1000, [&](std::size_t row) { return keys[row]; }}, size,
                         cursor);
    };
    const auto rows = walk(page_of);
    EXPECT_EQ(std::set(rows.begin(), rows.end()).size(), 50U) << size;
  }
}

TEST(Paging, KeysLeadBackTheWayTheyCame) {
  const std::vector<std::int64_t> ids = {70, 60, 50, 40, 30, 20, 10};
  const auto page_of = [&](const std::optional<Cursor>& cursor) {
    return keyset_page({ids.size(), 1, [&](std::size_t row) { return ids[row]; }}, 3, cursor);
  };
  const Page second = page_of(page_of({}).links.next);
  const Page third = page_of(second.links.next);
  EXPECT_EQ(third.first, 6U);
  const Page back = page_of(third.links.previous);
  EXPECT_EQ(back.first, second.first);
  EXPECT_EQ(back.count, 3U);
  EXPECT_TRUE(back.links.has_previous);
  EXPECT_EQ(page_of(back.links.previous).first, 0U);
}

TEST(Paging, IdsPageOnTheNextId) {
  const std::vector<std::int64_t> ids = {50, 40, 30, 20, 10};
  const auto page_of = [&](const auto& cursor) {
    return keyset_page({ids.size(), 1, [&](std::size_t row) { return ids[row]; }}, 2, cursor);
  };
  EXPECT_EQ(page_of(std::optional<Cursor>()).links.next.text(), "30:0:0");
  EXPECT_EQ(walk(page_of), first_rows(5));
}

TEST(Paging, WritesTheLinkHeader) {
  const PageLinks links{{0, 0, true}, false, {0, 100, false}, true};
  EXPECT_EQ(
      link_header("http://h/api/0/x/", "", links),
      "<http://h/api/0/x/?&cursor=0:0:1>; rel=\"previous\"; results=\"false\"; cursor=\"0:0:1\", "
      "<http://h/api/0/x/?&cursor=0:100:0>; rel=\"next\"; results=\"true\"; cursor=\"0:100:0\"");
  EXPECT_NE(link_header("u", "full=1", links).find("<u?full=1&cursor=0:100:0>"), std::string::npos);
}

}  // namespace
}  // namespace sandbox
