#include "http/pacer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

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

/// Several pacers, each of a run of its own that knows nothing of the others, send for `span` what
/// they allow: each with so many workers, and each worker with one request at a time. How many
/// each of them sent.
std::vector<long> send_for(std::deque<Pacer>& pacers, Limited& server, Duration span,
                           Duration latency, std::size_t workers) {
  struct Worker {
    std::size_t pacer = 0;
    Instant sent;
    bool under_way = false;
    std::optional<Response> answer;  // once the server has counted the request
  };
  std::vector<Worker> all(pacers.size() * workers);
  std::vector<long> sent(pacers.size());
  std::set<std::pair<Instant, std::size_t>> next;  // what happens, and to whom
  const Instant start = Instant(seconds(kStart)) + milliseconds(400);
  for (std::size_t i = 0; i < all.size(); ++i) {
    all[i].pacer = i % pacers.size();
    next.insert({start, i});
  }
  while (next.begin()->first < start + span) {
    const auto [now, i] = *next.begin();
    next.erase(next.begin());
    Worker& worker = all[i];
    Pacer& pacer = pacers[worker.pacer];
    if (worker.under_way && !worker.answer) {
      worker.answer = server.request(now);
      next.insert({now + latency / 2, i});
      continue;
    }
    if (worker.under_way) {
      pacer.end("events", *worker.answer, worker.sent, now);
      worker.answer.reset();
    }
    const Duration wait = pacer.begin("events", now);
    worker.under_way = wait == Duration::zero();
    if (worker.under_way) {
      worker.sent = now;
      ++sent[worker.pacer];
    }
    next.insert({now + (worker.under_way ? latency / 2 : wait), i});
  }
  return sent;
}

TEST(Pacer, UsesAServersLimitUpWithoutBeingRefused) {
  const struct {
    long limit, window;
    Duration ahead;
  } kCases[] = {{60, 60, {}},
                {40, 1, {}},
                {30, 1, milliseconds(450)},
                {5, 1, milliseconds(300)},
                {40, 1, milliseconds(-700)},
                {60, 60, seconds(900)},
                {40, 1, seconds(-1200)}};
  for (const auto& one : kCases) {
    const seconds span(one.window == 1 ? 50 : 600);
    const auto ceiling = static_cast<double>(one.limit * (span.count() / one.window));
    for (const std::size_t workers : {1U, 5U, 8U, 20U}) {
      for (const double latency : {0.01, 0.06, 0.25}) {
        // Otherwise the workers are the limit.
        if (static_cast<double>(workers) / latency <
            1.3 * ceiling / static_cast<double>(span.count()))
          continue;
        Limited server(one.limit, one.window, one.ahead);
        std::deque<Pacer> pacers(1);
        send_for(pacers, server, span,
                 std::chrono::duration_cast<Duration>(std::chrono::duration<double>(latency)),
                 workers);
        const std::string what = std::to_string(one.limit) + " in " + std::to_string(one.window) +
                                 " s, " + std::to_string(workers) + " workers, " +
                                 std::to_string(latency) + " s an answer";
        EXPECT_GE(static_cast<double>(server.served()), 0.97 * ceiling) << what;
        // Before the first answer nothing is known of a limit.
        const long unknown = std::max(0L, static_cast<long>(workers) - one.limit);
        EXPECT_LE(server.refused(), unknown) << what;
      }
    }
  }
}

TEST(Pacer, UsesALimitUpTogetherWithOthers) {
  constexpr std::size_t kPacers = 4, kWorkers = 2;
  for (const auto latency : {milliseconds(10), milliseconds(60)}) {
    Limited server(40, 1, {});
    std::deque<Pacer> pacers(kPacers);
    send_for(pacers, server, seconds(50), latency, kWorkers);
    EXPECT_GE(server.served(), 50 * 39) << latency.count();
    // When the last one is answered the others' may be under way.
    EXPECT_LE(server.refused(), 51 * (kPacers * kWorkers - 1)) << latency.count();
  }
}

TEST(Pacer, KeepsToItsShare) {
  Limited server(60, 60, {});
  std::deque<Pacer> pacers;
  pacers.emplace_back(std::map<std::string, RateLimit>{}, 0.5);
  send_for(pacers, server, seconds(590), milliseconds(10), 1);
  EXPECT_LE(server.served(), 10 * 30);
  EXPECT_GE(server.served(), 9 * 30);
}

TEST(Pacer, DividesALimitByShares) {
  Limited server(60, 60, {});
  std::deque<Pacer> pacers;
  for (std::size_t i = 0; i < 4; ++i) {
    pacers.emplace_back(std::map<std::string, RateLimit>{}, 0.25);
  }
  const auto sent = send_for(pacers, server, seconds(600), milliseconds(10), 2);
  EXPECT_EQ(server.refused(), 0);
  EXPECT_GE(server.served(), 580) << "of 600 that all together may send";
  for (const long one : sent) EXPECT_NEAR(static_cast<double>(one), 150.0, 15.0);
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
  pacer.abandon("a", now);
  EXPECT_EQ(pacer.wait_for("b", now), Duration::zero());
}

TEST(Pacer, LetsNoMoreRunAtATimeThanTheServerAllows) {
  Pacer pacer({{"a", {40, seconds(1), 2}}});
  const Instant now = Instant(seconds(kStart));
  EXPECT_EQ(pacer.begin("a", now), Duration::zero());
  EXPECT_EQ(pacer.begin("a", now), Duration::zero());
  EXPECT_GT(pacer.begin("a", now), Duration::zero()) << "two at a time until it is known better";
  pacer.end("a", answer(200, "", {{"x-sentry-rate-limit-concurrentlimit", "3"}}), now, now);
  EXPECT_EQ(pacer.begin("a", now), Duration::zero());
  EXPECT_EQ(pacer.begin("a", now), Duration::zero());
  const Duration wait = pacer.begin("a", now);
  EXPECT_GT(wait, Duration::zero());
  EXPECT_LE(wait, milliseconds(20)) << "an answer may come at any time";
  pacer.abandon("a", now);
  EXPECT_EQ(pacer.begin("a", now), Duration::zero());
}

/// What a server says that lets `limit` run at a time, with room for so many more.
Response at_a_time(int limit, int remaining, int status = 200) {
  return answer(status, "",
                {{"x-sentry-rate-limit-concurrentlimit", std::to_string(limit)},
                 {"x-sentry-rate-limit-concurrentremaining", std::to_string(remaining)}});
}

TEST(Pacer, LeavesThePlacesOfOthersToThem) {
  Pacer pacer;
  const Instant first = Instant(seconds(kStart)), second = first + milliseconds(1);
  pacer.begin("a", first);
  pacer.begin("a", second);
  pacer.end("a", at_a_time(8, 3), first, second);
  EXPECT_EQ(pacer.concurrent("a"), 5U) << "of five that ran two may have been ours";
  pacer.end("a", at_a_time(8, 6), second, second);
  EXPECT_EQ(pacer.concurrent("a"), 8U) << "and both of these two";
  pacer.begin("a", second);
  pacer.end("a", at_a_time(8, 0, 429), second, second);
  EXPECT_EQ(pacer.concurrent("a"), 1U) << "the refused one did not run";
  pacer.begin("a", second);
  pacer.end("a", answer(200, "", {{"x-sentry-rate-limit-concurrentlimit", "8"}}), second, second);
  EXPECT_EQ(pacer.concurrent("a"), 8U) << "nothing is said of others";
}

TEST(Pacer, TakesNoneOfItsOwnRequestsForOthers) {
  Pacer pacer;
  const Instant now = Instant(seconds(kStart));
  std::vector<Instant> sent;
  for (int i = 0; i < 5; ++i) pacer.begin("a", sent.emplace_back(now + milliseconds(i)));
  // In whatever order they are answered, also once the others have been.
  for (const int i : {4, 0, 3, 1, 2}) {
    pacer.end("a", at_a_time(5, 0), sent[static_cast<std::size_t>(i)], now + milliseconds(9));
    EXPECT_EQ(pacer.concurrent("a"), 5U);
  }
}

TEST(Pacer, DividesWhatRunsAtATimeByShares) {
  Pacer pacer({}, 0.25);
  const Instant now = Instant(seconds(kStart));
  for (const auto& [limit, ours] : {std::pair(25, 6U), std::pair(8, 2U), std::pair(1, 1U)}) {
    pacer.begin("a", now);
    pacer.end("a", at_a_time(limit, limit - 1), now, now);
    EXPECT_EQ(pacer.concurrent("a"), ours) << limit;
  }
}

/// A front that counts all requests alike and says nothing of limits, as nginx does.
class Front {
 public:
  Front(Duration each, std::size_t at_a_time) : each_(each), at_a_time_(at_a_time) {}

  bool takes(Instant now, std::size_t running) {
    if (now < next_ || running > at_a_time_) return false;
    next_ = now + each_;
    return true;
  }

 private:
  Duration each_;
  std::size_t at_a_time_;
  Instant next_ = Instant::min();
};

TEST(Pacer, FindsTheRateOfAFrontThatRefusesWithoutAWord) {
  // limit_req: two a second, no burst; limit_conn: one at a time. Seven workers of two groups.
  Response closed;
  closed.problem = TransportProblem::kBroken;
  const Response later = answer(503, "", {{"retry-after", "1"}});
  const struct {
    Front front;
    Response refusal;
    long least;  // answered in a minute
  } kCases[] = {{Front(milliseconds(500), 99), answer(503, ""), 40},
                {Front(milliseconds(500), 99), answer(429, ""), 40},
                {Front(milliseconds(500), 99), later, 40},
                {Front(milliseconds(500), 99), closed, 40},
                {Front({}, 1), answer(503, ""), 200},
                {Front({}, 1), later, 200},
                {Front({}, 1), closed, 200}};
  for (auto one : kCases) {
    constexpr std::size_t kWorkers = 7;
    constexpr milliseconds kLatency(40);
    struct Worker {
      std::optional<Instant> sent;
      Instant due;  // of its next step
      bool taken = false;
    };
    std::vector<Worker> workers(kWorkers, Worker{std::nullopt, Instant(seconds(kStart)), false});
    std::size_t running = 0;
    Pacer pacer;
    long served = 0, refused = 0;
    const Instant end = Instant(seconds(kStart + 60));
    for (;;) {
      const auto next =
          std::min_element(workers.begin(), workers.end(),
                           [](const Worker& a, const Worker& b) { return a.due < b.due; });
      const Instant now = next->due;
      if (now >= end) break;
      const std::string group = (next - workers.begin()) % 2 == 0 ? "a" : "b";
      if (next->sent) {
        running -= next->taken ? 1 : 0;
        ++(next->taken ? served : refused);
        pacer.end(group, next->taken ? answer(200, "") : one.refusal, *next->sent, now);
        next->sent.reset();
        next->due = now + (next->taken ? milliseconds(1) : milliseconds(1000));
        continue;
      }
      const Duration wait = pacer.begin(group, now);
      if (wait > Duration::zero()) {
        next->due = now + wait;
        continue;
      }
      next->taken = one.front.takes(now, running + 1);
      running += next->taken ? 1 : 0;
      next->sent = now;
      next->due = now + (next->taken ? kLatency : milliseconds(2));
    }
    const int status = one.refusal.status;
    EXPECT_GE(served, one.least) << status;
    // So that six in a row that are all refused do not happen.
    EXPECT_LT(refused * 3, served) << status;
  }
}

TEST(Pacer, IsFreeAgainWhenNothingIsRefusedForAWhile) {
  Pacer pacer;
  Instant now = Instant(seconds(kStart));
  for (int i = 0; i < 8; ++i) ASSERT_EQ(pacer.begin("a", now), Duration::zero());
  for (int i = 0; i < 8; ++i) pacer.end("a", answer(503, ""), now, now + milliseconds(1));
  now += seconds(2);
  ASSERT_EQ(pacer.begin("a", now), Duration::zero());
  EXPECT_GT(pacer.begin("b", now), Duration::zero()) << "all groups keep to it";
  pacer.end("a", answer(200, ""), now, now);
  for (int i = 0; i < 300; ++i) {
    now += seconds(2);
    ASSERT_EQ(pacer.begin("a", now), Duration::zero());
    pacer.end("a", answer(200, ""), now, now);
  }
  for (int i = 0; i < 50; ++i) EXPECT_EQ(pacer.begin("a", now), Duration::zero());
}

TEST(Pacer, NeverHoldsARequestForOneThatWasAskedAhead) {
  Pacer pacer;
  Instant now = Instant(seconds(kStart));
  pacer.begin("a", now);
  pacer.end("a", answer(503, ""), now, now);
  now += seconds(2);
  ASSERT_EQ(pacer.begin("a", now), Duration::zero()) << "and answered, but nobody looks yet";
  EXPECT_GT(pacer.begin("b", now + seconds(1)), Duration::zero());
  EXPECT_EQ(pacer.begin("b", now + seconds(2)), Duration::zero());
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
