#include "engine/run/first_page.h"

#include <algorithm>

#include "engine/fetch/page_size.h"
#include "engine/plan/route_choice.h"
#include "engine/series/days.h"

namespace source_sentry {
namespace {

/// What a read asks for, where the list can be asked for by time.
std::optional<Window> window_for(const PartitionPlan& plan, const Route& route) {
  if (plan.series) return newest_day(plan);
  if (!plan.in_windows || !route.window_query) return std::nullopt;
  const Instant until = whole_seconds(plan.until);
  Instant from = plan.from;
  if (route.horizon) from = std::max(from, until - *route.horizon);
  return Window{whole_seconds(from), until};
}

/// Its newest part; false where it is short already.
bool narrow(Window& window) {
  constexpr int kParts = 8;
  const Duration width = window.to - window.from;
  if (width <= std::chrono::days(1)) return false;
  window.from = whole_seconds(window.to - width / kParts);
  return true;
}

/// By one way. Nothing if that went well; otherwise the refusal, with the status in `status`.
std::optional<Verdict> by(const Route& route, const PartitionPlan& plan, std::size_t rows,
                          Fetcher& fetcher, const TakePage& take, int& status) {
  auto window = window_for(plan, route);
  const std::string query = rows > 0 ? with_page_size(route.query, rows) : route.query;
  for (;;) {
    PageWalk walk(fetcher, plan.listing(route), query, window ? &*window : nullptr, "");
    const PageWalk::Turn turn = walk.next(false);
    if (turn == PageWalk::Turn::kPage) take(walk, route);
    if (turn == PageWalk::Turn::kPage || turn == PageWalk::Turn::kEnd) return std::nullopt;
    status = walk.status();
    const bool too_much = turn == PageWalk::Turn::kTooMuch;
    if (!too_much || !window || !narrow(*window)) return walk.refusal();
  }
}

}  // namespace

Refusal refusal_of(const Verdict& verdict, int status) {
  constexpr int kForbidden = 403;
  return {*verdict.error, status == kForbidden, verdict.scopes};
}

std::optional<Refusal> with_first_page(PartitionPlan& plan, std::size_t rows, Fetcher& fetcher,
                                       const TakePage& take) {
  RouteChoice routes(plan.routes, "");
  std::optional<Refusal> first;
  for (;;) {
    int status = 0;
    const auto refused = by(routes.route(), plan, rows, fetcher, take, status);
    if (!refused) return std::nullopt;
    if (!first) first = refusal_of(*refused, status);
    try {
      routes.give_up(*refused);
    } catch (const ConnectorError& error) {
      first->error = error;  // it names all the ways
      return first;
    }
  }
}

}  // namespace source_sentry
