#include "engine/read/listed_rows.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

struct Row {
  const char* id;
  const char* when;
};

RecordPage page_of(std::initializer_list<Row> rows) {
  RecordPage page;
  for (const Row& row : rows) page.records.push_back({"{}", row.id, row.when});
  return page;
}

Instant at(const char* when) { return *parse_instant(when); }

TEST(ListedRows, EndsWithTheOldestRowsSecond) {
  ListedRows listed;
  EXPECT_FALSE(listed.edge());
  listed.add(page_of({{"a", "2026-01-15T12:00:03Z"}, {"b", "2026-01-15T12:00:01.9Z"}}));
  EXPECT_EQ(listed.edge(), at("2026-01-15T12:00:02Z"));
  EXPECT_EQ(listed.distinct(), 2U);
  EXPECT_EQ(listed.above_edge(), 1U);
  listed.add(page_of({{"c", "2026-01-15T12:00:01.1Z"}, {"d", "2026-01-15T12:00:01.5Z"}}));
  EXPECT_EQ(listed.edge(), at("2026-01-15T12:00:02Z")) << "within a second any order is right";
  EXPECT_EQ(listed.distinct(), 4U);
  EXPECT_EQ(listed.above_edge(), 1U);
}

TEST(ListedRows, KnowsWhetherAPageBeginsWithARowListedBefore) {
  ListedRows listed;
  listed.add(page_of({{"a", "2026-01-15T12:00:03Z"}, {"b", "2026-01-15T12:00:02Z"}}));
  EXPECT_FALSE(listed.begins_with_known());
  listed.add(page_of({{"b", "2026-01-15T12:00:02Z"}, {"c", "2026-01-15T12:00:01Z"}}));
  EXPECT_TRUE(listed.begins_with_known());
  EXPECT_EQ(listed.distinct(), 3U);
  listed.add(page_of({{"e", "2026-01-15T12:00:00Z"}, {"c", "2026-01-15T12:00:01Z"}}));
  EXPECT_FALSE(listed.begins_with_known());
  listed.add(page_of({}));
  EXPECT_FALSE(listed.begins_with_known()) << "an empty page";
}

TEST(ListedRows, ARowThatComesAgainIsInOrder) {
  ListedRows listed;
  listed.add(page_of({{"a", "2026-01-15T12:00:03Z"}, {"b", "2026-01-15T12:00:02Z"}}));
  listed.add(page_of({{"a", "2026-01-15T12:00:03Z"}, {"c", "2026-01-15T12:00:01Z"}}));
  EXPECT_EQ(listed.edge(), at("2026-01-15T12:00:02Z"));
}

TEST(ListedRows, HasNoEdgeWhereTimeDoesNotTell) {
  ListedRows rising;
  rising.add(page_of({{"a", "2026-01-15T12:00:01Z"}, {"b", "2026-01-15T12:00:02Z"}}));
  EXPECT_FALSE(rising.edge());
  ListedRows timeless;
  timeless.add(page_of({{"a", "2026-01-15T12:00:01Z"}, {"b", ""}}));
  EXPECT_FALSE(timeless.edge());
  ListedRows nameless;
  nameless.add(page_of({{"", "2026-01-15T12:00:01Z"}}));
  EXPECT_FALSE(nameless.edge());
}

TEST(ListedRows, CountsWhatIsNoRecordToo) {
  RecordPage page = page_of({{"a", "2026-01-15T12:00:01Z"}});
  page.empty = 1;
  page.not_objects = 2;
  ListedRows listed;
  listed.add(page);
  EXPECT_EQ(listed.distinct(), 4U);
}

}  // namespace
}  // namespace source_sentry
