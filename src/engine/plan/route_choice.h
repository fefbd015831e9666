#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/fetch/route.h"
#include "engine/fetch/verdict.h"

namespace source_sentry {

/// Which of the ways to the same records is gone: the preferred one, until the server refuses it
/// and another one may help.
class RouteChoice {
 public:
  /// `routes`, the preferred one first, must outlive the choice, which removes from them what may
  /// not be tried again. `saved`: name of the one that a saved page belongs to, a good start
  /// because the server answered there; may be empty.
  RouteChoice(std::vector<Route>& routes, const std::string& saved);

  const Route& route() const { return routes_[chosen_]; }
  std::size_t index() const { return chosen_; }
  bool is_preferred() const { return chosen_ == 0; }

  /// The present route is refused: moves on to its successor or to the next one, or if none is
  /// left, back to one that may have failed on what it was asked for, see `is_last_way`. Throws the
  /// ConnectorError that says most when no route is left.
  void give_up(const Verdict& refusal);

  /// Whether every other way was tried in vain, so that what this one gives is all.
  bool is_last_way() const { return last_way_; }

  /// The route that was given up for errors that may have been temporary; once. It is worth another
  /// look at the end, because older routes do not show everything that it does.
  const Route* doubted();

  /// Returns to a route that was given up.
  void go_back_to(const Route& route);

 private:
  bool begin_last_way();
  bool comes_into_question(const Route& route, const Verdict& refusal) const;

  std::vector<Route>& routes_;
  std::size_t chosen_ = 0;
  bool not_understood_ = false;  // Sentry's words were met with that
  std::optional<std::size_t> doubted_;
  std::optional<std::size_t> stumbled_;  // the first that may have failed because of bad data
  bool last_way_ = false;
  std::vector<ConnectorError> refusals_;
};

/// What to say when none of the ways to the same records works: the preferred one's message, which
/// says most, and what each of them answered, unless the token or the configuration is at fault,
/// which is the same everywhere. `refusals` must not be empty.
ConnectorError of_all_ways(const std::vector<ConnectorError>& refusals);

}  // namespace source_sentry
