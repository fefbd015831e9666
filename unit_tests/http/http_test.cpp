#include "http/http.h"

#include <gtest/gtest.h>

#include "fakes/fake_clock.h"
#include "fakes/fake_http.h"
#include "http/server_clock.h"

namespace source_sentry {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

std::string server_time(const Headers& headers, Instant ours = kNow) {
  Response response = answer(200, "", headers);
  response.distrust_date(ours);
  const auto time = response.server_time();
  return time ? format_seconds(*time) : "none";
}

TEST(ServerTime, IsTheDateWhereThatCanBeTrue) {
  const struct {
    const char* what;
    Headers headers;
    const char* time;
  } kCases[] = {
      {"a Date", {{"date", "Thu, 15 Jan 2026 11:00:00 GMT"}}, "2026-01-15T11:00:00"},
      {"a year fast", {{"date", "Fri, 15 Jan 2027 11:00:00 GMT"}}, "2027-01-15T11:00:00"},
      {"none", {}, "none"},
      {"no time", {{"date", "now"}}, "none"},
      {"the epoch", {{"date", "Thu, 01 Jan 1970 00:00:00 GMT"}}, "none"},
      {"a board without a battery", {{"date", "Sat, 01 Jan 2000 00:07:00 GMT"}}, "none"},
      {"years before ours", {{"date", "Thu, 01 Jan 2015 00:00:00 GMT"}}, "none"},
      {"years after ours", {{"date", "Tue, 19 Jan 2038 03:14:07 GMT"}}, "none"},
      {"the end of all", {{"date", "Fri, 31 Dec 9999 23:59:59 GMT"}}, "none"},
      {"from a cache",
       {{"date", "Wed, 14 Jan 2026 12:00:00 GMT"}, {"age", "86400"}},
       "2026-01-15T12:00:00"},
      {"an Age that is none",
       {{"date", "Thu, 15 Jan 2026 11:00:00 GMT"}, {"age", "-5"}},
       "2026-01-15T11:00:00"},
      {"an Age past all measure",
       {{"date", "Thu, 15 Jan 2026 11:00:00 GMT"}, {"age", "99999999999999999999"}},
       "2026-01-15T11:00:00"},
      {"two Dates",
       {{"date", "Thu, 01 Jan 1970 00:00:00 GMT"}, {"date", "Thu, 15 Jan 2026 11:00:00 GMT"}},
       "2026-01-15T11:00:00"},
  };
  for (const auto& one : kCases) EXPECT_EQ(server_time(one.headers), one.time) << one.what;
}

TEST(ServerTime, IsNotMeasuredByAClockOfOursThatWasNeverSet) {
  EXPECT_EQ(server_time({{"date", "Thu, 15 Jan 2026 11:00:00 GMT"}}, Instant()),
            "2026-01-15T11:00:00");
}

TEST(ServerClock, IsNotSetBackByAnAnswerOfACache) {
  const Response fresh = answer(200, "", {{"date", "Thu, 15 Jan 2026 12:00:00 GMT"}});
  const Response kept = answer(200, "", {{"date", "Wed, 14 Jan 2026 12:00:00 GMT"}});
  ServerClock clock;
  const Instant local(std::chrono::hours(5));
  clock.observe(kept.server_time(), local, local);
  clock.observe(fresh.server_time(), local, local);
  EXPECT_EQ(clock.at(local), kNow);
  clock.observe(kept.server_time(), local, local);
  EXPECT_EQ(clock.at(local), kNow);
  for (int i = 0; i < 3; ++i) clock.observe(kept.server_time(), local, local);
  EXPECT_EQ(clock.at(local), kNow - std::chrono::days(1)) << "it was set back";
}

}  // namespace
}  // namespace source_sentry
