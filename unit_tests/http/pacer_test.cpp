#include "http/pacer.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <deque>
#include <map>
#include <string>

#include "fakes/fake_http.h"

namespace source_sentry {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Tue, 16 Jan 2024 12:30:00 GMT, by the server.
constexpr long kStart = 1705408200;

std::string http_date(long second) {
  std::string text = "Tue, 16 Jan 2024 12:30:00 GMT";
  const long of_hour = 1800 + second - kStart;  // tests stay inside the hour
  const auto two = [](long number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  text.replace(20, 5, two(of_hour / 60) + ":" + two(of_hour % 60));
  return text;
}

/// A server that allows `limit` requests in each window of its own clock, which is `ahead` of ours.
class Limited {
 public:
  Limited(long limit, long window, Duration ahead)
      : limit_(limit), window_(window), ahead_(ahead) {}

  Response request(Instant ours) {
    const Instant theirs = ours + ahead_;
    const long second = std::chrono::floor<seconds>(theirs).time_since_epoch().count();
    const long bucket = second / window_;
    if (bucket != bucket_) used_ = 0;
    bucket_ = bucket;
    const bool refused = used_ >= limit_;
    if (refused) {
      ++refused_;
    } else {
      ++used_;
      ++served_;
    }
    return answer(refused ? 429 : 200, "",
                  {{"date", http_date(second)},
                   {"x-sentry-rate-limit-limit", std::to_string(limit_)},
                   {"x-sentry-rate-limit-remaining", std::to_string(limit_ - used_)},
                   {"x-sentry-rate-limit-reset", std::to_string((bucket + 1) * window_)}});
  }

  long served() const { return served_; }
  long refused() const { return refused_; }

 private:
  long limit_, window_;
  Duration ahead_;
  long bucket_ = 0, used_ = 0, served_ = 0, refused_ = 0;
};

/// Sends as much as the pacer allows for `span`, one request after the other.
void send_for(Pacer& pacer, Limited& server, Duration span, Duration latency) {
  Instant now = Instant(seconds(kStart)) + milliseconds(400);
  const Instant end = now + span;
  while (now < end) {
    const Duration wait = pacer.begin("events", now);
    if (wait > Duration::zero()) {
      now += wait;
      continue;
    }
    const Response response = server.request(now + latency / 2);
    pacer.end("events", response, now, now + latency);
    now += latency;
  }
}

TEST(Pacer, UsesAServersLimitUpWithoutBeingRefused) {
  const struct {
    long limit, window;
    Duration ahead;
  } kCases[] = {{60, 60, {}},
                {40, 1, {}},
                {5, 1, milliseconds(300)},
                {40, 1, milliseconds(-700)},
                {60, 60, seconds(900)},
                {40, 1, seconds(-1200)}};
  for (const auto& one : kCases) {
    Limited server(one.limit, one.window, one.ahead);
    Pacer pacer;
    send_for(pacer, server, seconds(600), milliseconds(10));
    const double ceiling = static_cast<double>(one.limit) * 600.0 / static_cast<double>(one.window);
    EXPECT_GE(static_cast<double>(server.served()), 0.97 * ceiling) << one.limit;
    EXPECT_EQ(server.refused(), 0) << one.limit;
  }
}

TEST(Pacer, KeepsToItsShare) {
  Limited server(60, 60, {});
  Pacer pacer({}, 0.5);
  send_for(pacer, server, seconds(590), milliseconds(10));
  EXPECT_LE(server.served(), 10 * 30);
  EXPECT_GE(server.served(), 9 * 30);
}

TEST(Pacer, DividesALimitByShares) {
  constexpr std::size_t kPacers = 4;
  constexpr double kShare = 1.0 / kPacers;
  Limited server(60, 60, {});
  std::deque<Pacer> pacers;  // each of a run of its own, that knows nothing of the others
  for (std::size_t i = 0; i < kPacers; ++i)
    pacers.emplace_back(std::map<std::string, RateLimit>{}, kShare);
  std::array<long, kPacers> answered{};
  std::array<Instant, kPacers> next{};
  const Instant end = Instant(seconds(kStart + 600));
  for (Instant now = Instant(seconds(kStart)); now < end; now += milliseconds(10)) {
    for (std::size_t i = 0; i < kPacers; ++i) {
      if (now < next[i]) continue;
      const Duration wait = pacers[i].begin("events", now);
      if (wait > Duration::zero()) {
        next[i] = now + wait;
        continue;
      }
      pacers[i].end("events", server.request(now), now, now);
      ++answered[i];
    }
  }
  EXPECT_EQ(server.refused(), 0);
  EXPECT_GE(server.served(), 580) << "of 600 that all together may send";
  for (const long one : answered) EXPECT_NEAR(static_cast<double>(one), 150.0, 5.0);
}

TEST(Pacer, IsNotLimitedByAServerThatSaysNothing) {
  Pacer pacer({{"events", {60, seconds(60), 1}}});
  const Instant now = Instant(seconds(kStart));
  EXPECT_EQ(pacer.concurrent("events"), 1U);
  for (int i = 0; i < 500; ++i) {
    ASSERT_EQ(pacer.begin("events", now), Duration::zero());
    pacer.end("events", answer(200, ""), now, now);
  }
  EXPECT_FALSE(pacer.concurrent("events"));
}

TEST(Pacer, TakesTheTwoNumbersFromTheTextOfARefusal) {
  Pacer pacer;
  Instant now = Instant(seconds(kStart));
  pacer.begin("issues", now);
  pacer.end("issues", answer(429, "Limit is 3/10s"), now, now);
  now += seconds(10);
  int sent = 0;
  while (pacer.begin("issues", now) == Duration::zero() && sent < 100) {
    pacer.end("issues", answer(200, ""), now, now);
    ++sent;
  }
  EXPECT_EQ(sent, 3);
  EXPECT_NEAR(static_cast<double>(pacer.wait_for("issues", now).count()), 10e6, 0.1e6);
}

TEST(Pacer, CountsRequestsUnderWay) {
  Pacer pacer;
  const Instant now = Instant(seconds(kStart));
  const auto headers = [](const char* remaining) {
    return answer(200, "",
                  {{"date", http_date(kStart)},
                   {"x-sentry-rate-limit-limit", "40"},
                   {"x-sentry-rate-limit-remaining", remaining},
                   {"x-sentry-rate-limit-reset", std::to_string(kStart + 30)}});
  };
  pacer.begin("a", now);
  pacer.begin("a", now);
  pacer.begin("a", now);
  pacer.end("a", headers("3"), now, now);  // two more are under way
  EXPECT_EQ(pacer.begin("a", now), Duration::zero());
  EXPECT_GT(pacer.begin("a", now), seconds(29));
  pacer.abandon("a");
  EXPECT_EQ(pacer.wait_for("b", now), Duration::zero());
}

TEST(Pacer, KeepsTheLongerOfTwoWaits) {
  Pacer pacer;
  const Instant now = Instant(seconds(kStart));
  pacer.block("a", seconds(60), now);
  pacer.block("a", seconds(2), now);
  EXPECT_EQ(pacer.wait_for("a", now), seconds(60));
}

}  // namespace
}  // namespace source_sentry
