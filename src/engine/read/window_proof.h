#pragma once

#include <optional>
#include <string>

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Whether the server heeds the windows that it is asked for. A row outside of its window does not
/// tell: servers search by another value than the one that they show (Sentry buffers an issue's
/// lastSeen, and stores keep other fractions of a second). So, when there is one, a window far from
/// it is asked for: a server that does not heed that end of a window lists the same rows again.
class WindowProof {
 public:
  /// The rows of a page that lie outside of the window that it was asked for.
  struct Outside {
    bool older = false;
    bool newer = false;
    bool mostly = false;  ///< they are more than the others

    bool any() const { return older || newer; }
  };

  explicit WindowProof(const PartitionPlan& plan) : plan_(plan) {}

  /// Whether it heeds them, judged by what it was asked before as far as possible. Where it does
  /// not answer, most rows decide.
  bool heeded(const Route& route, const Window& window, const Outside& outside, Fetcher& fetcher);

  /// Whether the route was found to ignore them, or has none.
  bool ignored(const Route& route) const;

 private:
  bool ask(std::optional<bool>& known, const Route& route, const Window& window, bool otherwise,
           Fetcher& fetcher) const;

  const PartitionPlan& plan_;
  std::string path_;  // what is known is of this route
  std::optional<bool> start_heeded_;
  std::optional<bool> end_heeded_;
};

}  // namespace source_sentry
