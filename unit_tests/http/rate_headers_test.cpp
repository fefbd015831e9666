#include "http/rate_headers.h"

#include <gtest/gtest.h>

#include "fakes/fake_http.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

// 2024-01-16T12:30:05Z
const std::pair<std::string, std::string> kDate = {"date", "Tue, 16 Jan 2024 12:30:05 GMT"};
constexpr long kDateEpoch = 1705408205;

Response limited(std::string body, std::vector<std::pair<std::string, std::string>> headers) {
  headers.push_back(kDate);
  return answer(429, std::move(body), std::move(headers));
}

std::pair<std::string, std::string> reset_at(long epoch) {
  return {"x-sentry-rate-limit-reset", std::to_string(epoch)};
}

TEST(RateLimitWait, TakesTheMostExactSource) {
  const struct {
    const char* what;
    Response response;
    std::optional<long> wait;
  } kCases[] = {
      {"gateway of sentry.io",
       limited(
           R"("You are attempting to use this endpoint too frequently. Limit is 40 requests in 1 seconds")",
           {reset_at(kDateEpoch + 17)}),
       17},
      {"a reset hours away is honoured", limited("", {reset_at(kDateEpoch + 7200)}), 7200},
      {"too many at a time, with requests left in the window",
       limited(R"("Concurrency limit is 1")",
               {reset_at(kDateEpoch + 55), {"x-sentry-rate-limit-remaining", "45"}}),
       std::nullopt},
      {"a reset in the past gives way to the text",
       limited("Limit is 40 requests in 3 seconds", {reset_at(kDateEpoch - 5)}), 3},
      {"a reset years away is nonsense", limited("", {reset_at(4102444800)}), std::nullopt},
      {"a reset that is no number", limited("", {{"x-sentry-rate-limit-reset", "soon"}}),
       std::nullopt},
      {"Retry-After in seconds, as GlitchTip", limited("", {{"retry-after", "31"}}), 31},
      {"Retry-After as a date", limited("", {{"retry-after", "Tue, 16 Jan 2024 12:31:05 GMT"}}),
       60},
      {"old self-hosted",
       limited(R"({"detail":"You are attempting to use this endpoint too quickly. Limit is 3/1s"})",
               {}),
       1},
      {"the query backend does not say",
       limited(
           R"({"detail":"Rate limit exceeded. Please try your query with a smaller date range"})",
           {}),
       std::nullopt},
      {"no header, no text", limited("", {}), std::nullopt},
  };
  for (const auto& one : kCases) {
    const auto wait = rate_limit_wait(one.response);
    const auto count = wait ? std::optional(wait->count() / 1'000'000) : std::nullopt;
    EXPECT_EQ(count, one.wait) << one.what;
  }
}

TEST(RateLimitWait, NeedsTheServersClockForAReset) {
  EXPECT_FALSE(rate_limit_wait(answer(429, "", {reset_at(kDateEpoch + 17)})));
}

TEST(RateHeaders, AreReadWhereTheyAreNumbers) {
  const RateHeaders rate =
      read_rate_headers(answer(200, "",
                               {kDate,
                                reset_at(kDateEpoch + 9),
                                {"x-sentry-rate-limit-limit", "40"},
                                {"x-sentry-rate-limit-remaining", "12"},
                                {"x-sentry-rate-limit-concurrentlimit", "25"},
                                {"x-sentry-rate-limit-concurrentremaining", "24"}}));
  EXPECT_EQ(rate.limit, 40);
  EXPECT_EQ(rate.remaining, 12);
  EXPECT_EQ(rate.concurrent_limit, 25U);
  EXPECT_EQ(rate.concurrent_remaining, 24U);
  EXPECT_EQ(rate.reset_in, seconds(9));
  EXPECT_EQ(rate.reset_at, Instant(seconds(kDateEpoch + 9)));
  const RateHeaders none =
      read_rate_headers(answer(200, "",
                               {{"x-sentry-rate-limit-limit", "0"},
                                {"x-sentry-rate-limit-concurrentlimit", "None"},
                                {"x-sentry-rate-limit-concurrentremaining", "-1"}}));
  EXPECT_FALSE(none.limit || none.remaining || none.concurrent_limit || none.concurrent_remaining ||
               none.reset_at);
}

TEST(LimitInText, NamesBothNumbers) {
  const auto limit = [](const char* text) {
    const auto found = limit_in_text(answer(429, text));
    return found ? std::to_string(found->requests) + "/" +
                       std::to_string(found->window.count() / 1'000'000)
                 : "none";
  };
  EXPECT_EQ(limit("... too frequently. Limit is 40 requests in 1 seconds"), "40/1");
  EXPECT_EQ(limit(R"({"detail":"... too quickly. Limit is 3/10s"})"), "3/10");
  for (const char* text : {"", "Limit is many", "Limit is 3", "Limit is 3/", "Limit is 0/1s",
                           "Limit is 3/0s", "Limit is 3 requests in a while"}) {
    EXPECT_EQ(limit(text), "none") << text;
  }
  EXPECT_FALSE(limit_in_text(answer(200, "Limit is 40 requests in 1 seconds")));
}

}  // namespace
}  // namespace source_sentry
