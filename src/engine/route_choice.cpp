#include "engine/route_choice.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

namespace source_sentry {

RouteChoice::RouteChoice(std::vector<Route>& routes, const std::string& saved) : routes_(routes) {
  const auto known = std::find_if(routes_.begin(), routes_.end(),
                                  [&](const Route& route) { return route.name() == saved; });
  if (known != routes_.end()) go_back_to(*known);
}

void RouteChoice::give_up(const Verdict& refusal) {
  const Route& refused = route();
  // Nothing may lead back here.
  for (Route& other : routes_) std::erase(other.others, refused.path);
  const auto successor = std::find_if(routes_.begin(), routes_.end(), [&](const Route& other) {
    return other.path == refusal.successor;
  });
  const bool has_successor = successor != routes_.end();
  const bool has_next = refusal.other_route_may_help && chosen_ + 1 < routes_.size();
  if (!has_successor && !has_next) {
    // Of several routes that are no use the preferred one's answer says most.
    if (refusal.other_route_may_help && first_refusal_) throw *first_refusal_;
    throw *refusal.error;
  }
  if (!first_refusal_) first_refusal_ = refusal.error;
  if (has_successor) {
    spdlog::warn("{}", refusal.error->message());
    go_back_to(*successor);
  } else {
    if (refusal.kind == Verdict::Kind::kRetry) doubted_ = chosen_;
    ++chosen_;
  }
  spdlog::info("This server does not answer at {}; trying {}.", refused.path, route().path);
}

const Route* RouteChoice::doubted() {
  const auto doubted = std::exchange(doubted_, std::nullopt);
  return doubted ? &routes_[*doubted] : nullptr;
}

void RouteChoice::go_back_to(const Route& route) {
  chosen_ = static_cast<std::size_t>(&route - routes_.data());
}

}  // namespace source_sentry
