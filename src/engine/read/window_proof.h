#pragma once

#include <optional>
#include <string>

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Finds out whether the server respects windows. A row outside its window does not prove that it
/// ignores them: servers search by another value than the one that they show (Sentry buffers an
/// issue's lastSeen, and stores keep other fractions of a second). So if there is such a row, this
/// asks for a window far away from it. A server that ignores that end of a window lists the same
/// rows again. Not thread-safe.
class WindowProof {
 public:
  /// The rows of a page that lie outside its window.
  struct Outside {
    bool older = false;
    bool newer = false;
    bool mostly = false;  ///< more rows lie outside than inside

    bool any() const { return older || newer; }
  };

  /// `plan` must outlive it.
  explicit WindowProof(const PartitionPlan& plan) : plan_(plan) {}

  /// Whether the server respects the route's windows, after a page of `window` had these rows
  /// outside. Asks the server once for each end of a window, and remembers the answer. If it does
  /// not answer, `outside.mostly` decides.
  bool heeded(const Route& route, const Window& window, const Outside& outside, Fetcher& fetcher);

  /// Whether the route has no windows, or was found to ignore them.
  bool ignored(const Route& route) const;

 private:
  bool ask(std::optional<bool>& known, const Route& route, const Window& window, bool otherwise,
           Fetcher& fetcher) const;

  const PartitionPlan& plan_;
  std::string path_;  // of the route that the rest is about
  std::optional<bool> start_heeded_;
  std::optional<bool> end_heeded_;
};

}  // namespace source_sentry
