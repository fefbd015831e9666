#include "base/time.h"

#include <gtest/gtest.h>

namespace source_sentry {
namespace {

TEST(Time, ReadsEveryFormThatStatesAndRecordsHold) {
  const struct {
    const char* text;
    const char* instant;
  } kCases[] = {
      {"2024-01-16T12:30:00.000000Z", "2024-01-16T12:30:00.000000Z"},
      {"2024-01-16T12:30:00Z", "2024-01-16T12:30:00.000000Z"},
      {"2024-01-16 12:30:00", "2024-01-16T12:30:00.000000Z"},
      {"2024-01-16T12:30:00", "2024-01-16T12:30:00.000000Z"},
      {"2022-09-02T15:01:28.946777+00:00", "2022-09-02T15:01:28.946777Z"},
      {"2024-03-31T15:03:36+0000", "2024-03-31T15:03:36.000000Z"},
      {"2024-03-31T15:03:36+00", "2024-03-31T15:03:36.000000Z"},
      {"2024-03-31T15:03:36+02:00", "2024-03-31T13:03:36.000000Z"},
      {"2024-03-31T15:03:36-0530", "2024-03-31T20:33:36.000000Z"},
      {"2023-02-02T00:00:00.0Z", "2023-02-02T00:00:00.000000Z"},
      {"2023-02-02T00:00:00.179Z", "2023-02-02T00:00:00.179000Z"},
      {"2023-02-02T00:00:00.123456789Z", "2023-02-02T00:00:00.123456Z"},
      {"1900-01-01T00:00:00.000000Z", "1900-01-01T00:00:00.000000Z"},
      {"2100-01-01T00:00:00.0Z", "2100-01-01T00:00:00.000000Z"},
      {"2024-02-29T23:59:60Z", "2024-03-01T00:00:00.000000Z"},
  };
  for (const auto& one : kCases) {
    const auto parsed = parse_instant(one.text);
    ASSERT_TRUE(parsed) << one.text;
    EXPECT_EQ(format_instant(*parsed), one.instant) << one.text;
  }
}

TEST(Time, RefusesWhatIsNoTime) {
  for (const char* text :
       {"", "None", "null", "2024-01-16", "2024-13-01T00:00:00Z", "2024-02-30T00:00:00Z",
        "2024-01-16T24:00:00Z", "2024-01-16T12:30:00.Z", "2024-01-16T12:30:00Zx",
        "2024-01-16T12:30:00+1", "24-01-16T12:30:00Z", "2024-01-16T12:30", "1705408200"}) {
    EXPECT_FALSE(parse_instant(text)) << text;
  }
}

TEST(Time, ComparesAsInstantsNotAsText) {
  EXPECT_LT(*parse_instant("2024-03-31T15:03:36+02:00"), *parse_instant("2024-03-31T15:03:36Z"));
  EXPECT_EQ(*parse_instant("2024-03-31T15:03:36Z"), *parse_instant("2024-03-31T15:03:36.000000Z"));
}

TEST(Time, BeginsWhereTheOfficialConnectorBegins) {
  EXPECT_EQ(format_instant(kBeginningOfTime), "1900-01-01T00:00:00.000000Z");
}

TEST(Time, CutsRequestTimesToTheSecond) {
  EXPECT_EQ(format_seconds(*parse_instant("2024-01-16T12:30:01.999999Z")), "2024-01-16T12:30:01");
}

TEST(Time, ReadsTheDateHeader) {
  EXPECT_EQ(format_instant(*parse_http_date("Tue, 16 Jan 2024 12:30:05 GMT")),
            "2024-01-16T12:30:05.000000Z");
  for (const char* text : {"", "Tue, 16 Jan 2024", "Tue, 16 Foo 2024 12:30:05 GMT",
                           "16 Jan 2024 12:30:05 GMT", "Tue, 16 Jan 2024 12:30:05 CET"}) {
    EXPECT_FALSE(parse_http_date(text)) << text;
  }
}

TEST(Duration, IsReadFromIso8601) {
  using std::chrono::days;
  using std::chrono::hours;
  using std::chrono::minutes;
  using std::chrono::seconds;
  EXPECT_EQ(parse_duration("PT10M"), minutes(10));
  EXPECT_EQ(parse_duration("P1DT12H"), hours(36));
  EXPECT_EQ(parse_duration("P2W"), days(14));
  EXPECT_EQ(parse_duration("PT1H2M3S"), seconds(3723));
  EXPECT_EQ(parse_duration("PT0S"), seconds(0));
  for (const char* text : {"", "P", "PT", "10M", "P1M", "P1Y", "PT10", "PT1M1H", "P1DT", "P1H",
                           "PT1.5S", "-PT1S", "PT9999999999S", "PT1MT1S"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

TEST(Date, MayStandAlone) {
  EXPECT_EQ(parse_date_or_instant("2026-01-31"), parse_instant("2026-01-31T00:00:00Z"));
  EXPECT_EQ(parse_date_or_instant("2026-01-31T12:00:00Z"), parse_instant("2026-01-31T12:00:00Z"));
  EXPECT_FALSE(parse_date_or_instant("2026-02-31"));
}

}  // namespace
}  // namespace source_sentry
