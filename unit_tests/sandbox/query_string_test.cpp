#include "sandbox/api/query_string.h"

#include <gtest/gtest.h>

#include "sandbox/api/time_range.h"

namespace sandbox {
namespace {

TEST(QueryString, DecodesLikeAForm) {
  const QueryString query("query=a+b%2Bc&project=1&project=2&empty=&flag&bad=%zz%4");
  EXPECT_EQ(query.get("query"), "a b+c");
  EXPECT_EQ(query.get("project"), "2");
  EXPECT_EQ(query.all("project").size(), 2U);
  EXPECT_EQ(query.get("empty"), "");
  EXPECT_EQ(query.get("flag"), "");
  EXPECT_EQ(query.get("bad"), "%zz%4");
  EXPECT_FALSE(query.has("cursor"));
}

TEST(QueryString, EncodesAgainWithRepeatedNamesTogether) {
  const QueryString query("x=1&start=2024-01-01T00:00:00&cursor=0:1:0&x=a%20b&query=");
  EXPECT_EQ(query.encoded_without("cursor"), "x=1&x=a+b&start=2024-01-01T00%3A00%3A00&query=");
  EXPECT_EQ(QueryString("cursor=1").encoded_without("cursor"), "");
}

TEST(TimeRange, NeedsBothEndsInOrder) {
  const Instant now = *source_sentry::parse_instant("2024-01-16T12:00:00Z");
  const auto reason = [&](std::string_view text) {
    const auto range = parse_range(QueryString(text), now, 90);
    const auto* bad = std::get_if<BadRange>(&range);
    return bad != nullptr ? bad->reason : "fine";
  };
  EXPECT_EQ(reason("start=2024-01-01"), "start and end are both required");
  EXPECT_EQ(reason("start=2024-01-01&end=2024-01-01"), "start must be before end");
  EXPECT_EQ(reason("statsPeriod=14x"), "Invalid statsPeriod: '14x'");
  EXPECT_EQ(reason("start=x&end=2024-01-01"), "x is not a valid ISO8601 date query");
  EXPECT_EQ(reason("start=2024-01-01&end=2024-01-02T00:00:00.5Z"), "fine");
  EXPECT_EQ(reason("statsPeriod=2w"), "fine");
}

TEST(TimeRange, KnowsTheWordsOf9_1) {
  const auto range = parse_range(QueryString("start=x&end=2024-01-01"), {}, {});
  EXPECT_EQ(std::get<BadRange>(range).old_reason, "x is not a valid datetime query");
  const auto half = parse_range(QueryString("end=2024-01-01"), {}, {});
  EXPECT_EQ(std::get<BadRange>(half).old_reason, "start and end are both required");
}

TEST(TimeRange, DropsZonesRatherThanHeedThem) {
  EXPECT_EQ(parse_parameter_time("2024-01-01T02:00:00+02:00"),
            parse_parameter_time("2024-01-01T02:00:00Z"));
  EXPECT_FALSE(parse_parameter_time("2024-01-01T02:00:00-05:00"));
  EXPECT_FALSE(parse_parameter_time("2024-01-01T02:00:00.1234567"));
  EXPECT_EQ(parse_parameter_time("1704067200"), parse_parameter_time("2024-01-01"));
}

}  // namespace
}  // namespace sandbox
