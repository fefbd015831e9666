#include "engine/series/series_walk.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/fetch/page_walk.h"
#include "engine/series/days.h"

namespace source_sentry {
namespace {

using std::chrono::days;

/// Sentry cuts an answer off after so many points, a group's value of one interval, and does not
/// say so (getsentry/sentry, snuba/sessions_v2.py, SNUBA_LIMIT).
constexpr std::size_t kMostPoints = 5000;

int days_in(const Window& window) {
  return static_cast<int>(std::chrono::floor<days>(window.to - window.from).count());
}

Verdict too_many_points(const Route& route) {
  Verdict verdict;
  verdict.kind = Verdict::Kind::kRetry;
  verdict.smaller_window_may_help = true;
  verdict.error =
      ConnectorError(FailureKind::kSystem,
                     "Sentry's answer for " + route.what + " has " + std::to_string(kMostPoints) +
                         " values or more for a single day, after which Sentry cuts it off.");
  return verdict;
}

}  // namespace

SeriesWalk::Turn SeriesWalk::next(const Route& route, Instant until, Fetcher& fetcher) {
  fetcher_ = &fetcher;
  if (!left_) begin(until);
  while (left_->from < left_->to) {
    const Window window{left_->from, std::min(left_->from + days(days_), left_->to)};
    if (const auto refusal = read(route, window)) {
      const Turn turn = settle(route, window, *refusal);
      if (turn == Turn::kOtherRoute) return turn;
      continue;
    }
    done(window);
    return left_->from < left_->to ? Turn::kMore : Turn::kEnd;
  }
  return Turn::kEnd;
}

void SeriesWalk::start_over() {
  left_.reset();
  answers_ = false;
}

void SeriesWalk::begin(Instant until) {
  const auto& position = state_.position();
  Instant from = position ? position->read_until : state_.oldest_wanted().value_or(plan_.from);
  from = std::max(from, plan_.from);
  left_ = whole_days({from, until});
  settled_until_ = left_->to - kDay - std::chrono::ceil<days>(plan_.lookback);
  days_ = plan_.series->days;
}

std::optional<Verdict> SeriesWalk::read(const Route& route, const Window& window) {
  const bool one_day = days_in(window) <= 1;
  PageWalk walk(*fetcher_, plan_.listing(route), route.query, &window, "");
  if (one_day) walk.windows_do_not_help();
  if (answers_) walk.route_answers();
  try {
    for (auto turn = walk.next(true); turn != PageWalk::Turn::kEnd; turn = walk.next(true)) {
      if (turn != PageWalk::Turn::kPage) return walk.refusal();
      auto records = plan_.series->records(walk.records().records.front().json, window);
      answers_ = true;
      // A page that another one follows was not cut off.
      const bool is_all = walk.cursor().empty() && walk.last();
      if (is_all && records.size() >= kMostPoints) return too_many_points(route);
      writer_.write_made(walk.records(), std::move(records));
    }
  } catch (const ConnectorError& error) {
    if (error.kind() == FailureKind::kConfig) throw;
    Verdict failure;
    failure.kind = Verdict::Kind::kRetry;
    failure.error = error;
    return failure;
  }
  return std::nullopt;
}

void SeriesWalk::done(const Window& window) {
  ++windows_;
  state_.went_well();
  left_->from = window.to;
  // A run that continues there must read again what may still change, however late that is.
  const Instant place = std::min(window.to, settled_until_);
  state_.window_done({.window = {window.from, place},
                      .newest = std::min(window.to - kDay, plan_.now),
                      .last = left_->from >= left_->to});
}

/// Decides about days that cannot be read: asks for fewer at a time, or leaves out the only one.
/// Throws if it is not about these days.
SeriesWalk::Turn SeriesWalk::settle(const Route& route, const Window& window,
                                    const Verdict& refusal) {
  const bool refused = refusal.kind == Verdict::Kind::kRefuse;
  const bool of_token = refused && !refusal.row_may_be_refused;
  if (of_token && answers_) throw *refusal.error;
  if (of_token || (!answers_ && !answers_elsewhere(route))) {
    routes_.give_up(refusal);
    return Turn::kOtherRoute;
  }
  const ConnectorError why = refused ? of_refused_row(*refusal.error) : *refusal.error;
  if (const int width = days_in(window); width > 1) {
    days_ = width / 2;
    spdlog::info("{}: {} days are too much for one answer; asking for {} at a time. {}",
                 state_.name(), width, days_, why.message());
    if (!refused && !refusal.smaller_window_may_help) state_.failed_once(why);
    return Turn::kMore;
  }
  state_.lose_window(window, why, refused);
  left_->from = window.to;
  state_.window_left(window.to);
  return Turn::kMore;
}

/// Whether the route answers for the newest day. If so, the refusal was about the days asked for.
bool SeriesWalk::answers_elsewhere(const Route& route) {
  const Window day{left_->to - kDay, left_->to};
  PageWalk walk(*fetcher_, plan_.listing(route), route.query, &day, "");
  walk.windows_do_not_help();
  try {
    answers_ = walk.next(false) == PageWalk::Turn::kPage;
  } catch (const ConnectorError&) {
    // What is not valid is no answer.
  }
  return answers_;
}

}  // namespace source_sentry
