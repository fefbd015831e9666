#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "http/http.h"
#include "http/outages.h"
#include "http/rate_headers.h"
#include "http/server_clock.h"

namespace source_sentry {

/// Decides when the next request of a group of routes that share a rate limit may go, so that the
/// limit is used up without provoking a 429. Servers count in fixed windows: requests go as fast as
/// they can until the window is used up, and then wait for the next one.
///
/// It learns from the answers: the headers (limit, remaining, reset, concurrent limit and
/// remaining), and the two numbers in the text of a 429 where there are no headers. A server that
/// says nothing is not limited. No more requests are under way at a time than it allows, minus
/// those that are certainly others'. After a refusal that says nothing about limits (503 or 429 of
/// a proxy before the server, which counts all requests alike) all groups together send less often
/// and fewer at a time, and recover step by step while nothing is refused. All workers of a run
/// share one pacer. Every `now` is the steady clock's: setting the time of day changes no wait.
/// Thread-safe.
class Pacer {
 public:
  /// `start`: the limits of groups that are known beforehand. Only how many requests may run at a
  /// time is taken from there, until a group's first answer tells the rest. `share`: the part of
  /// every limit that this pacer may use, more than 0 and at most 1, whatever others leave of the
  /// rest; always at least one request in each window, and one at a time. So the shares of several
  /// pacers add up.
  explicit Pacer(const std::map<std::string, RateLimit>& start = {}, double share = 1.0);

  /// Zero if the request may go (it counts as sent), or how long to wait before asking again.
  Duration begin(const std::string& group, Instant now);

  /// The request sent at `sent` was answered at `now`.
  void end(const std::string& group, const Response& response, Instant sent, Instant now);

  /// The newest time that the server has shown.
  std::optional<Instant> server_time() const;

  /// The request sent at `sent` was given up without an answer.
  void abandon(const std::string& group, Instant sent);

  /// Holds the whole group back for `wait` from `now` on.
  void block(const std::string& group, Duration wait, Instant now);

  /// What `begin` would answer, without sending a request.
  Duration wait_for(const std::string& group, Instant now) const;

  /// How many requests of the group may run at the same time, as far as is known.
  std::optional<std::size_t> concurrent(const std::string& group) const;

  /// What the run knows of requests that come to nothing.
  Outages& outages() { return outages_; }

 private:
  struct UnderWay {
    Instant sent;
    std::size_t most = 0;  // of ours that ran at a time since then, including this one
  };
  struct Group {
    bool answered = false;
    std::optional<long> limit;          // of a window
    std::optional<Duration> window;     // its length, where a text gave it
    std::optional<Instant> reset;       // the latest window that an answer named, by the server
    std::optional<Instant> window_end;  // of the present window, by the steady clock
    long own = 0;                       // requests of ours that the present window may have counted
    std::optional<long> allowed;        // how many there may be at most, as far as is known
    std::optional<std::size_t> concurrent;  // how many may run at a time
    std::size_t others = 0;                 // at least so many are others', by the last answer
    std::vector<UnderWay> under_way;
    Instant free_at = Instant::min();
  };

  static UnderWay take(Group& group, Instant sent);
  static void learn_concurrent(Group& group, const RateHeaders& rate, std::size_t most_ours);
  void learn(Group& group, const RateHeaders& rate, Instant now) const;
  Duration wait(const Group& group, Instant now) const;
  bool is_used_up(const Group& group) const;
  long share_of(long limit) const;
  std::optional<std::size_t> at_a_time(const Group& group) const;

  /// What all groups observe after refusals.
  struct Throttle {
    std::size_t most = 0;  // at a time; 0: any number
    Duration gap{};        // between two requests
    int quiet = 0;         // answers since the last refusal, or since `most` grew
    Instant next;          // when another one may go
    Instant since;         // a refusal of an earlier request is not news
  };
  void learn_refusal(bool refused, Instant sent, Instant now, std::size_t running);
  Duration throttled(Instant now) const;
  std::size_t surely_running(Instant now) const;

  Outages outages_;
  const double share_;
  Throttle throttle_;
  mutable std::mutex mutex_;
  ServerClock server_clock_;
  std::optional<Instant> newest_;
  std::map<std::string, Group> groups_;
};

}  // namespace source_sentry
