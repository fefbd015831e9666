#include "http/pacer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

/// Window ends are known to about a round trip; a request that comes just after is not refused.
constexpr milliseconds kMargin(20);
/// How soon to look again whether an answer has come.
constexpr milliseconds kSoon(5);
/// A window that ends so long before the last one is no late answer's: the server's clock was set.
constexpr std::chrono::minutes kSetBack(5);

}  // namespace

Pacer::Pacer(const std::map<std::string, RateLimit>& start, double share) : share_(share) {
  for (const auto& [name, limit] : start) {
    if (limit.concurrent > 0) groups_[name].concurrent = limit.concurrent;
  }
}

Duration Pacer::begin(const std::string& name, Instant now) {
  const std::scoped_lock lock(mutex_);
  Group& group = groups_[name];
  if (const Duration span = wait(group, now); span > Duration::zero()) return span;
  if (group.window_end && *group.window_end <= now) {  // a new window
    group.window_end.reset();
    group.allowed = group.limit;
    // It may count those under way; the answers will tell, where they name windows.
    group.own = group.reset ? static_cast<long>(group.under_way) : 0;
  }
  ++group.own;
  // Without a reset header the window is taken to begin with our first request in it.
  if (!group.window_end && group.window) group.window_end = now + *group.window + kMargin;
  ++group.under_way;
  return Duration::zero();
}

void Pacer::end(const std::string& name, const Response& response, Instant sent, Instant now) {
  const std::scoped_lock lock(mutex_);
  server_clock_.observe(response, sent, now);
  Group& group = groups_[name];
  if (group.under_way > 0) --group.under_way;
  if (response.status == 0) return;
  const RateHeaders rate = read_rate_headers(response);
  if (!std::exchange(group.answered, true)) group.concurrent.reset();
  if (rate.concurrent_limit) group.concurrent = rate.concurrent_limit;
  // Where headers tell the rest, they tell it of every window.
  if (const auto told = limit_in_text(response); told && !rate.reset_at) {
    group.limit = told->requests;
    group.window = told->window;
    group.allowed = 0;
    group.window_end = now + told->window;
  }
  if (rate.limit) group.limit = rate.limit;
  if (rate.remaining && rate.reset_at) learn(group, rate, now);
}

/// Takes in what an answer says of the window that counted its request.
void Pacer::learn(Group& group, const RateHeaders& rate, Instant now) const {
  const Instant named = *rate.reset_at;
  if (group.reset && named + kSetBack < *group.reset) group.reset.reset();
  // Answers overtake each other, and a window may have begun since.
  const bool older =
      group.reset && (group.window_end ? named < *group.reset : named <= *group.reset);
  if (older) {
    group.own = std::max(0L, group.own - 1);
    return;
  }
  if (named != group.reset) {
    // The server has begun a window before we have: this request is its, and those under way may
    // be.
    if (group.window_end) group.own = static_cast<long>(group.under_way) + 1;
    group.reset = named;
    group.allowed = group.limit;
  }
  long allowed = group.own + *rate.remaining;
  // Whatever is used beyond our own requests, others have used. Then the server may have counted
  // those under way or not; alone, our own count tells.
  if (group.limit && allowed < *group.limit) allowed -= static_cast<long>(group.under_way);
  group.allowed = std::min(group.allowed.value_or(allowed), allowed);
  group.window_end = now + (named - server_clock_.at(now)) + kMargin;
}

void Pacer::abandon(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  Group& group = groups_[name];
  if (group.under_way > 0) --group.under_way;
}

void Pacer::block(const std::string& name, Duration wait, Instant now) {
  const std::scoped_lock lock(mutex_);
  Group& group = groups_[name];
  group.free_at = std::max(group.free_at, now + wait);
}

Duration Pacer::wait_for(const std::string& name, Instant now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(name);
  return found == groups_.end() ? Duration::zero() : wait(found->second, now);
}

std::optional<std::size_t> Pacer::concurrent(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(name);
  return found == groups_.end() ? std::nullopt : found->second.concurrent;
}

Duration Pacer::wait(const Group& group, Instant now) const {
  Instant until = group.free_at;
  const Instant next_answer = group.under_way > 0 ? now + kSoon : now;
  if (is_used_up(group)) {
    // Where no answer has named the present window yet, one is about to.
    until = std::max(until, group.window_end.value_or(next_answer));
  }
  if (group.concurrent && group.under_way >= *group.concurrent) {
    until = std::max(until, next_answer);
  }
  return until > now ? until - now : Duration::zero();
}

bool Pacer::is_used_up(const Group& group) const {
  if (group.allowed && group.own >= *group.allowed) return true;
  if (!group.limit || share_ >= 1.0) return false;
  return group.own >=
         std::max(1L, std::lround(std::floor(share_ * static_cast<double>(*group.limit))));
}

}  // namespace source_sentry
