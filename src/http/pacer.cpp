#include "http/pacer.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace source_sentry {
namespace {

using std::chrono::milliseconds;

/// Window ends are known to within a round trip; a request that comes just after is not refused.
constexpr milliseconds kMargin(20);
/// How soon to look again whether an answer has come.
constexpr milliseconds kSoon(5);
/// An answer whose window ends this long before the last one is not just late: the server's clock
/// was set back.
constexpr std::chrono::minutes kSetBack(5);

/// After a refusal: this long between two requests at first, then twice as long each time.
constexpr milliseconds kFirstGap(100);
constexpr milliseconds kLongestGap(1000);
constexpr milliseconds kNoGap(10);
/// With each answer the gap shrinks by so much.
constexpr double kGapKept = 0.9;
/// After so many good answers one more may run at a time, and in the end any number.
constexpr int kQuiet = 10;
constexpr std::size_t kFreeFrom = 20;
/// A request that is older is assumed to be answered, though not yet looked at: one that is asked
/// ahead waits for what the page before it still needs.
constexpr std::chrono::seconds kSurelyRunning(2);
constexpr int kUnavailable = 503;
constexpr int kTooMany = 429;

/// Whether a front has turned the request away to protect those that it lets through: with an
/// answer, or by closing the connection, as nginx's 444 does. An answer that names a limit is held
/// to that limit. A mere wait names none: all who keep to it come back at once.
bool is_turned_away(const Response& response, const RateHeaders& rate) {
  if (response.status == 0) {
    return response.problem == TransportProblem::kBroken ||
           response.problem == TransportProblem::kConnectFailure;
  }
  if (response.status == kUnavailable) return true;
  const bool explained = rate.limit || rate.concurrent_limit || limit_in_text(response) ||
                         retry_after(response).has_value();
  return response.status == kTooMany && !explained;
}

}  // namespace

Pacer::Pacer(const std::map<std::string, RateLimit>& start, double share) : share_(share) {
  for (const auto& [name, limit] : start) {
    if (limit.concurrent > 0) groups_[name].concurrent = limit.concurrent;
  }
}

Duration Pacer::begin(const std::string& name, Instant now) {
  const std::scoped_lock lock(mutex_);
  Group& group = groups_[name];
  if (const Duration span = std::max(wait(group, now), throttled(now)); span > Duration::zero()) {
    return span;
  }
  throttle_.next = now + throttle_.gap;
  if (group.window_end && *group.window_end <= now) {  // a new window
    group.window_end.reset();
    group.allowed = group.limit;
    // It may count those under way; answers that name windows will tell.
    group.own = group.reset ? static_cast<long>(group.under_way.size()) : 0;
  }
  ++group.own;
  // Without a reset header the window is assumed to begin with our first request in it.
  if (!group.window_end && group.window) group.window_end = now + *group.window + kMargin;
  const std::size_t running = group.under_way.size() + 1;
  for (UnderWay& one : group.under_way) one.most = std::max(one.most, running);
  group.under_way.push_back({now, running});
  return Duration::zero();
}

void Pacer::end(const std::string& name, const Response& response, Instant sent, Instant now) {
  const std::scoped_lock lock(mutex_);
  const auto shown = response.server_time();
  server_clock_.observe(shown, sent, now);
  newest_ = std::max(newest_, shown);
  Group& group = groups_[name];
  const UnderWay request = take(group, sent);
  const RateHeaders rate = read_rate_headers(response);
  const bool turned_away = is_turned_away(response, rate);
  if (turned_away || response.status != 0) {
    learn_refusal(turned_away, sent, now, surely_running(now) + 1);
  }
  if (response.status == 0) return;
  if (!std::exchange(group.answered, true)) group.concurrent.reset();
  // A refused request did not run.
  learn_concurrent(group, rate,
                   request.most - (response.status == 429 && request.most > 0 ? 1 : 0));
  // Where headers name what is left, they do so for every window.
  if (const auto told = limit_in_text(response); told && !rate.reset_at) {
    group.limit = told->requests;
    group.window = told->window;
    group.allowed = 0;
    group.window_end = now + told->window;
  }
  if (rate.limit) group.limit = rate.limit;
  if (rate.remaining && rate.reset_at) learn(group, rate, now);
}

void Pacer::learn_refusal(bool refused, Instant sent, Instant now, std::size_t running) {
  Throttle& throttle = throttle_;
  if (refused) {
    throttle.quiet = 0;
    // Those that were sent together are refused together: one step for all of them.
    if (sent < throttle.since) return;
    throttle.since = now;
    const std::size_t most = throttle.most > 0 ? std::min(throttle.most, running) : running;
    throttle.most = std::max<std::size_t>(1, most / 2);
    throttle.gap = std::clamp<Duration>(throttle.gap * 2, kFirstGap, kLongestGap);
    return;
  }
  if (throttle.most == 0) return;
  throttle.gap = Duration(std::lround(kGapKept * static_cast<double>(throttle.gap.count())));
  if (throttle.gap < kNoGap) throttle.gap = Duration::zero();
  if (++throttle.quiet < kQuiet) return;
  throttle.quiet = 0;
  if (++throttle.most >= kFreeFrom) throttle = {0, {}, 0, {}, throttle.since};
}

/// How many requests of all groups are under way for certain.
std::size_t Pacer::surely_running(Instant now) const {
  std::size_t count = 0;
  for (const auto& [name, group] : groups_) {
    for (const UnderWay& one : group.under_way) count += one.sent + kSurelyRunning > now ? 1 : 0;
  }
  return count;
}

Duration Pacer::throttled(Instant now) const {
  if (throttle_.most == 0) return Duration::zero();
  const Duration wait = std::max<Duration>(throttle_.next - now, Duration::zero());
  return surely_running(now) < throttle_.most ? wait : std::max<Duration>(wait, kSoon);
}

/// Ends the request that was sent at that time.
Pacer::UnderWay Pacer::take(Group& group, Instant sent) {
  auto found = std::find_if(group.under_way.begin(), group.under_way.end(),
                            [&](const UnderWay& one) { return one.sent == sent; });
  if (found == group.under_way.end()) found = group.under_way.begin();
  if (found == group.under_way.end()) return {};
  const UnderWay taken = *found;
  group.under_way.erase(found);
  return taken;
}

/// Of the running requests that the server counted, no more were ours than ran at a time while this
/// one was under way. The rest are others', and their places are not ours to take.
void Pacer::learn_concurrent(Group& group, const RateHeaders& rate, std::size_t most_ours) {
  if (!rate.concurrent_limit) return;
  group.concurrent = rate.concurrent_limit;
  const std::size_t limit = *rate.concurrent_limit;
  const std::size_t running = limit - std::min(limit, rate.concurrent_remaining.value_or(limit));
  group.others = running - std::min(running, most_ours);
}

/// Takes in what an answer says about the window that counted its request.
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
    // The server has begun a window before us: this request belongs to it, and those under way
    // may.
    if (group.window_end) group.own = static_cast<long>(group.under_way.size()) + 1;
    group.reset = named;
    group.allowed = group.limit;
  }
  long allowed = group.own + *rate.remaining;
  // What is used beyond our own requests was used by others. Then the server may have counted those
  // under way or not; when we are alone, our own count tells.
  if (group.limit && allowed < *group.limit) allowed -= static_cast<long>(group.under_way.size());
  group.allowed = std::min(group.allowed.value_or(allowed), allowed);
  group.window_end = now + (named - server_clock_.at(now)) + kMargin;
}

std::optional<Instant> Pacer::server_time() const {
  const std::scoped_lock lock(mutex_);
  return newest_;
}

void Pacer::abandon(const std::string& name, Instant sent) {
  const std::scoped_lock lock(mutex_);
  take(groups_[name], sent);
}

void Pacer::block(const std::string& name, Duration wait, Instant now) {
  const std::scoped_lock lock(mutex_);
  Group& group = groups_[name];
  group.free_at = std::max(group.free_at, now + wait);
}

Duration Pacer::wait_for(const std::string& name, Instant now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(name);
  const Duration own = found == groups_.end() ? Duration::zero() : wait(found->second, now);
  return std::max(own, throttled(now));
}

std::optional<std::size_t> Pacer::concurrent(const std::string& name) const {
  const std::scoped_lock lock(mutex_);
  const auto found = groups_.find(name);
  return found == groups_.end() ? std::nullopt : at_a_time(found->second);
}

Duration Pacer::wait(const Group& group, Instant now) const {
  Instant until = group.free_at;
  const Instant next_answer = group.under_way.empty() ? now : now + kSoon;
  if (is_used_up(group)) {
    // Where no answer has named the present window yet, one is about to.
    until = std::max(until, group.window_end.value_or(next_answer));
  }
  if (const auto most = at_a_time(group); most && group.under_way.size() >= *most) {
    until = std::max(until, next_answer);
  }
  return until > now ? until - now : Duration::zero();
}

bool Pacer::is_used_up(const Group& group) const {
  if (group.allowed && group.own >= *group.allowed) return true;
  if (!group.limit || share_ >= 1.0) return false;
  return group.own >= share_of(*group.limit);
}

long Pacer::share_of(long limit) const {
  return std::max(1L, std::lround(std::floor(share_ * static_cast<double>(limit))));
}

/// How many may run at a time: always one, or we would never learn that others have left.
std::optional<std::size_t> Pacer::at_a_time(const Group& group) const {
  if (!group.concurrent) return std::nullopt;
  const std::size_t limit = *group.concurrent;
  const auto share = static_cast<std::size_t>(share_of(static_cast<long>(limit)));
  return std::max<std::size_t>(1, std::min(share, limit - std::min(limit, group.others)));
}

}  // namespace source_sentry
