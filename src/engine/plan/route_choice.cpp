#include "engine/plan/route_choice.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace source_sentry {

RouteChoice::RouteChoice(std::vector<Route>& routes, const std::string& saved) : routes_(routes) {
  const auto known = std::find_if(routes_.begin(), routes_.end(),
                                  [&](const Route& route) { return route.name() == saved; });
  if (known != routes_.end()) go_back_to(*known);
}

void RouteChoice::give_up(const Verdict& refusal) {
  const Route& refused = route();
  // No route may lead back here.
  for (Route& other : routes_) std::erase(other.others, refused.path);
  const auto successor = std::find_if(routes_.begin(), routes_.end(), [&](const Route& other) {
    return other.path == refusal.successor;
  });
  const bool has_successor = !last_way_ && successor != routes_.end();
  std::size_t next = chosen_ + 1;
  // A different question on that route does not help if the token or the path is at fault.
  const bool any_question =
      refusal.error->kind() == FailureKind::kConfig && refused.names_only && !refusal.of_question;
  while (any_question && next < routes_.size() && routes_[next].path == refused.path) ++next;
  not_understood_ = not_understood_ || refusal.not_understood;
  while (next < routes_.size() && !comes_into_question(routes_[next], refusal)) ++next;
  const bool has_next = !last_way_ && refusal.other_route_may_help && next < routes_.size();
  // What a busy server refuses has been asked for in parts by then, on every route.
  const bool untried = refusal.data_may_be_bad && !refusal.server_may_be_busy;
  if (untried && !stumbled_) stumbled_ = chosen_;
  const bool answered = refusal.other_route_may_help || refusal.kind == Verdict::Kind::kRetry;
  if (!has_successor && !has_next && answered && begin_last_way()) {
    refusals_.push_back(*refusal.error);
    return;
  }
  if (!has_successor && !has_next) {
    if (!refusal.other_route_may_help) throw *refusal.error;
    refusals_.push_back(*refusal.error);
    throw of_all_ways(refusals_);
  }
  refusals_.push_back(*refusal.error);
  if (has_successor) {
    spdlog::warn("{}", refusal.error->message());
    go_back_to(*successor);
  } else {
    // The more preferred of two shows more.
    if (refusal.kind == Verdict::Kind::kRetry && !doubted_) doubted_ = chosen_;
    chosen_ = next;
  }
  // Two ways may differ only in their parameters.
  const std::string now = route().path == refused.path ? route().name() : route().path;
  const std::string& answer = refusal.error->detail();
  spdlog::info("{}; trying {}.", answer.empty() ? refusal.error->message() : answer, now);
}

/// Routes that had another one after them were given up whole when they failed.
bool RouteChoice::begin_last_way() {
  if (last_way_ || !stumbled_ || *stumbled_ + 1 == routes_.size()) return false;
  last_way_ = true;
  chosen_ = *stumbled_;
  doubted_.reset();
  return true;
}

/// A plain list takes more requests, and may show less, where a search is understood.
bool RouteChoice::comes_into_question(const Route& route, const Verdict& refusal) const {
  if (route.in_other_words) return not_understood_;
  return !route.unsearched || refusal.in_vain;
}

const Route* RouteChoice::doubted() {
  const auto doubted = std::exchange(doubted_, std::nullopt);
  return doubted ? &routes_[*doubted] : nullptr;
}

ConnectorError of_all_ways(const std::vector<ConnectorError>& refusals) {
  const ConnectorError& first = refusals.front();
  const bool tells = std::any_of(refusals.begin(), refusals.end(), [](const ConnectorError& one) {
    return one.kind() != FailureKind::kConfig;
  });
  if (refusals.size() == 1 || !tells) return first;
  std::vector<std::string> known;  // ways that differ only in parameters are often refused alike
  std::string answers;
  for (const ConnectorError& one : refusals) {
    const std::string answer = without_ids(one.detail());
    if (std::find(known.begin(), known.end(), answer) != known.end()) continue;
    known.push_back(answer);
    answers.append(answers.empty() ? "" : "; ").append(one.detail());
  }
  if (known.size() == 1) return first;
  const ConnectorError of_all(first.kind(), first.message(), answers, first.cause());
  return of_all.with("Every way to ask was tried: " + answers + ".");
}

void RouteChoice::go_back_to(const Route& route) {
  chosen_ = static_cast<std::size_t>(&route - routes_.data());
}

}  // namespace source_sentry
