#include "engine/fetch/fetcher.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// The time for a request after many others in a row have failed.
constexpr seconds kBriefly(30);

/// Waits shorter than this are the normal rhythm of a limited route and not worth a message.
constexpr seconds kWorthSaying(2);

const std::string& failure_group(const Route& route) {
  return route.failure_group.empty() ? route.rate_group : route.failure_group;
}

/// The verdict for a server that is down: neither less nor another way is asked for.
Verdict of_outage(Verdict verdict) {
  verdict.other_route_may_help = false;
  verdict.smaller_window_may_help = false;
  verdict.data_may_be_bad = false;
  return verdict;
}

/// Whether nothing came back from the server at all.
bool is_silence(const Response& response) {
  switch (response.problem) {
    case TransportProblem::kTimeout:
    case TransportProblem::kConnectFailure:
    case TransportProblem::kDnsFailure:
      return true;
    case TransportProblem::kProxyFailure:
      return response.status == 0;
    default:
      return false;
  }
}

}  // namespace

Duration backoff(int attempt) {
  constexpr int kMostDoublings = 6;
  return std::min<Duration>(seconds(1LL << std::min(attempt - 1, kMostDoublings)), seconds(60));
}

int Fetcher::Patience::attempts_for(const Verdict& verdict) const {
  if (verdict.timed_out && attempts_when_silent < attempts) return attempts_when_silent;
  if (!verdict.successor.empty()) return attempts_before_successor;
  if (verdict.server_may_be_busy) return attempts_when_busy;
  if (verdict.smaller_window_may_help) return attempts_before_smaller_window;
  if (verdict.data_may_be_bad && attempts_for_bad_data < attempts) return attempts_for_bad_data;
  return verdict.other_route_may_help ? attempts_before_other_route : attempts;
}

Fetcher::Fetcher(HttpClient& client, const Judge& judge, Pacer& pacer, Clock& clock,
                 std::stop_token stop)
    : client_(client), judge_(judge), pacer_(pacer), clock_(clock), stop_(std::move(stop)) {}

void Fetcher::start(std::string target, const Route& route) {
  cancel();
  route_ = &route;
  leave_ = pacer_.outages().leave(failure_group(route));
  const bool brief = leave_ == Outages::Leave::kBriefly;
  request_ = {std::move(target), route.largest, brief ? kBriefly : Duration::zero(), route.control,
              route.headers};
  kept_ = shares() && pages_->has(reader_, request_.target);
  send();
}

bool Fetcher::send() {
  if (sent_ || kept_) return true;
  if (leave_ == Outages::Leave::kNone) return false;
  sent_at_ = clock_.steady_now();
  sent_ = pacer_.begin(route_->rate_group, sent_at_) == Duration::zero();
  if (sent_) or_take_back([this] { client_.start(request_); });
  return sent_;
}

template <typename Work>
void Fetcher::or_take_back(Work work) {
  try {
    work();
  } catch (...) {
    sent_ = false;
    client_.cancel();
    pacer_.abandon(route_->rate_group, sent_at_);  // or its place would never be free again
    throw;
  }
}

Verdict Fetcher::finish(Response& response, const Patience& patience) {
  try {
    Verdict verdict = answer(response, patience);
    end_wait();
    return verdict;
  } catch (...) {
    end_wait();
    throw;
  }
}

void Fetcher::end_wait() {
  if (std::exchange(announced_, false) && listener_ != nullptr) listener_->running_again();
}

Verdict Fetcher::answer(Response& response, const Patience& patience) {
  int failures = 0;
  int limits_met = 0;
  if (!sent_ && stopped()) throw Stopped();
  if (std::exchange(kept_, false) && pages_->take(reader_, request_.target, response)) {
    return judge_(response, *route_);
  }
  if (!sent_ && leave_ == Outages::Leave::kNone) {
    response.clear();
    response.problem = TransportProblem::kTimeout;
    return not_asked();
  }
  bool warns = false;
  for (;;) {
    if (!sent_ && patience.mere_check) {
      if (auto verdict = must_wait()) return *std::move(verdict);
    }
    if (!sent_) await_turn(limits_met > 0);
    if (let_go_) {
      response = *std::exchange(let_go_, std::nullopt);
    } else {
      take_in(response);
    }
    sent_ = false;
    if (response.problem == TransportProblem::kStopped) throw Stopped();
    Verdict verdict = judge_(response, *route_);
    if (verdict.kind != Verdict::Kind::kRetry) pacer_.outages().answered(failure_group(*route_));
    switch (verdict.kind) {
      case Verdict::Kind::kAccept:
        if (shares()) pages_->offer(reader_, request_.target, response, route_->shared);
        return verdict;
      case Verdict::Kind::kRefuse:
        // Many rows have no such list, and that is the answer to all that ask for it.
        if (shares() && route_->shared == Shared::kChildren && is_gone(verdict, response.status)) {
          pages_->offer(reader_, request_.target, response, route_->shared);
        }
        return verdict;
      case Verdict::Kind::kRateLimited: {
        if (patience.mere_check) return verdict;
        ++limits_met;
        Duration wait = verdict.wait.value_or(backoff(limits_met));
        if (!verdict.wait) wait += clock_.jitter(wait / 2);
        pacer_.block(route_->rate_group, wait, clock_.steady_now());
        break;  // the turn comes when the pacer says so, however long it takes
      }
      case Verdict::Kind::kRetry: {
        const int attempts = patience.attempts_for(verdict);
        ++failures;
        note_failure(verdict, response, patience, failures);
        if (leave_ != Outages::Leave::kFull) return of_outage(std::move(verdict));
        if (failures >= attempts) return verdict;
        if (verdict.timed_out && pacer_.outages().is_silent(failure_group(*route_))) {
          return of_outage(std::move(verdict));
        }
        // The other workers need not ask before then either.
        if (verdict.wait) pacer_.block(route_->rate_group, *verdict.wait, clock_.steady_now());
        Duration wait = std::max(verdict.wait.value_or(Duration::zero()), backoff(failures));
        wait += clock_.jitter(backoff(failures) / 2);
        const ConnectorError& why = *verdict.error;
        warns = warns || may_warn(why.cause());
        if (warns && causes_ != nullptr) causes_->warned(why.cause(), clock_.steady_now() + wait);
        spdlog::log(warns ? spdlog::level::warn : spdlog::level::debug,
                    "{} Attempt {} of {} in {:.0f} s.", why.message(), failures + 1, attempts,
                    as_seconds(wait));
        if (listener_ != nullptr) listener_->asks_again(clock_.now() + wait);
        pause(wait);
        break;
      }
    }
  }
}

Verdict Fetcher::fetch(std::string target, const Route& route, Response& response,
                       const Patience& patience) {
  start(std::move(target), route);
  return finish(response, patience);
}

void Fetcher::pause(Duration span) {
  if (!clock_.sleep_for(span, stop_)) throw Stopped();
}

std::vector<std::unique_ptr<Fetcher>> Fetcher::companions(std::size_t most) {
  std::vector<std::unique_ptr<Fetcher>> fetchers;
  const auto all = std::make_shared<std::vector<Fetcher*>>(1, this);
  while (clients_ && fetchers.size() < most) {
    auto client = clients_(fetchers.empty());
    if (!client) break;
    fetchers.push_back(std::make_unique<Fetcher>(*client, judge_, pacer_, clock_, stop_));
    fetchers.back()->own_client_ = std::move(client);
    fetchers.back()->listen(listener_);
    fetchers.back()->causes_ = causes_;
    fetchers.back()->pages_ = pages_;
    fetchers.back()->reader_ = reader_;
    fetchers.back()->side_by_side_ = all;
    all->push_back(fetchers.back().get());
  }
  return fetchers;
}

void Fetcher::note_use(const Route& route, bool usable) {
  Outages& outages = pacer_.outages();
  usable ? outages.usable(failure_group(route)) : outages.garbled(failure_group(route));
}

bool Fetcher::gets_garbage(const Route& route) const {
  return pacer_.outages().is_garbled(failure_group(route));
}

void Fetcher::cancel() {
  kept_ = false;
  if (!std::exchange(sent_, false)) return;
  if (std::exchange(let_go_, std::nullopt)) return;
  client_.cancel();
  pacer_.abandon(route_->rate_group, sent_at_);
}

void Fetcher::take_in(Response& response) {
  or_take_back([&] { client_.finish(response, stop_); });
  response.distrust_date(clock_.now());
  pacer_.end(route_->rate_group, response, sent_at_, clock_.steady_now());
}

void Fetcher::let_others_go() {
  if (!side_by_side_) return;
  for (Fetcher* const other : *side_by_side_) other->let_go();
}

void Fetcher::let_go() {
  if (!sent_ || let_go_) return;
  Response response;
  take_in(response);
  let_go_ = std::move(response);
}

/// Tells the run about an attempt that failed. A request that could make do with less has not shown
/// that the server is down.
void Fetcher::note_failure(const Verdict& verdict, const Response& response,
                           const Patience& patience, int failures) {
  constexpr int kInAll = 6;
  if (patience.mere_check) return;
  if (causes_ != nullptr) causes_->failed(*verdict.error);
  const bool last = failures >= patience.attempts_for(verdict);
  int weight = 0;
  if (verdict.timed_out) {
    weight = 1;  // it took two minutes
  } else if (last && patience.attempts >= kInAll && failures > 1) {
    weight = failures >= kInAll ? Outages::kTriedForLong : 1;
  }
  pacer_.outages().failed(failure_group(*route_), is_silence(response), weight);
}

Verdict Fetcher::not_asked() const {
  Verdict verdict;
  verdict.kind = Verdict::Kind::kRetry;
  verdict.timed_out = true;
  // The cause is the same as for the requests that were sent.
  if (causes_ != nullptr) verdict.error = causes_->latest();
  if (verdict.error) return verdict;
  verdict.error =
      ConnectorError(
          FailureKind::kTransient,
          "Sentry no longer answers, so it was not asked for " + route_->what +
              ". Try again later, and tell whoever runs the server if this keeps happening.",
          "GET " + route_->path + ": not asked, since no request like it was answered")
          .but_for(route_->what);
  return verdict;
}

/// The result of a mere check whose turn comes too late.
std::optional<Verdict> Fetcher::must_wait() {
  if (pacer_.wait_for(route_->rate_group, clock_.steady_now()) < kWorthSaying) return std::nullopt;
  Verdict verdict;
  verdict.kind = Verdict::Kind::kRateLimited;
  verdict.error = ConnectorError(FailureKind::kTransient,
                                 "Sentry's rate limit for " + route_->what + " is reached.",
                                 "GET " + route_->path + ": not asked, the rate limit is reached");
  return verdict;
}

void Fetcher::await_turn(bool refused) {
  for (bool at_once = true;; at_once = false) {
    if (stopped()) throw Stopped();
    sent_at_ = clock_.steady_now();
    const Duration wait = pacer_.begin(route_->rate_group, sent_at_);
    if (wait == Duration::zero()) break;
    if (refused || wait >= kWorthSaying) announce(wait);
    // What it waits for may be a place that one of them has: their answers are read only after this
    // one.
    if (!at_once) let_others_go();
    pause(wait);
  }
  or_take_back([this] { client_.start(request_); });
}

void Fetcher::announce(Duration wait) {
  const bool again = std::exchange(announced_, true);
  if (listener_ != nullptr) {
    listener_->rate_limited(route_->what, clock_.now() + wait, again);
  } else if (!again) {
    spdlog::info("Sentry's rate limit for {} is reached: continuing in {:.0f} s.", route_->what,
                 as_seconds(wait));
  }
}

}  // namespace source_sentry
