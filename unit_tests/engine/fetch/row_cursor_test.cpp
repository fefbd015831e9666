#include "engine/fetch/row_cursor.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(RowCursor, KnowsTheNumberOfARow) {
  EXPECT_EQ(row_offset("0:10:0"), 10U);
  EXPECT_EQ(row_offset("0:0:0"), 0U);
  EXPECT_EQ(row_offset("0:18446744073709551615:0"), 18446744073709551615U);
  EXPECT_EQ(row_offset(row_cursor(99)), 99U);
}

TEST(RowCursor, TakesNothingElseForTheNumberOfARow) {
  for (const char* cursor : {"",
                             "0",
                             "0:",
                             "0:10",
                             "0:10:",
                             "0:10:1",
                             "0:10:00",
                             "0:10:0:0",
                             "0:-1:0",
                             "-0:10:0",
                             "0:+1:0",
                             "0.0:10:0",
                             "0:1e1:0",
                             " 0:10:0",
                             "0:10:0 ",
                             "0::0",
                             ":10:0",
                             "0:18446744073709551616:0",
                             "1735603200000:2:0",
                             "1735603200000:0:0",
                             "100:1:0",
                             "99999999999999999999:1:0",
                             "cD0yMDI2LTAxLTE1",
                             "a"}) {
    EXPECT_FALSE(row_offset(cursor)) << cursor;
  }
}

TEST(RowCursor, CountsTheRowsToTheNextPage) {
  EXPECT_EQ(rows_between("", "0:10:0"), 10U);
  EXPECT_EQ(rows_between("0:9:0", "0:19:0"), 10U);
  EXPECT_EQ(rows_between("0:10:0", "0:12:0"), 2U);
  // A row back from there would be the page at hand again, or one before it.
  EXPECT_FALSE(rows_between("0:10:0", "0:11:0"));
  EXPECT_FALSE(rows_between("0:10:0", "0:10:0"));
  EXPECT_FALSE(rows_between("0:20:0", "0:10:0"));
  EXPECT_FALSE(rows_between("", "1735603200000:2:0"));
  EXPECT_FALSE(rows_between("1735603200000:2:0", "0:10:0"));
  EXPECT_FALSE(rows_between("0:10:0", ""));
}

TEST(RowCursor, KnowsThePageNumberOfPagesThatLong) {
  EXPECT_TRUE(is_page_number("100:1:0", 100));
  EXPECT_TRUE(is_page_number("100:27:0", 100));
  for (const char* cursor :
       {"100:0:0", "100:1:1", "100:-1:0", "99:1:0", "0:100:0", "1735603200000:2:0", "100.0:1:0",
        "100:1", "", "100:18446744073709551616:0"}) {
    EXPECT_FALSE(is_page_number(cursor, 100)) << cursor;
  }
  EXPECT_FALSE(is_page_number("0:1:0", 0));
}

}  // namespace
}  // namespace source_sentry
