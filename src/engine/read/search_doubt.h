#pragma once

#include <optional>

#include "engine/fetch/fetcher.h"
#include "engine/plan/route_choice.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Decides whether to believe that a partition's search by time finds nothing. It uses what the
/// stream's other partitions have found, see SearchTrust, and asks the server itself otherwise.
/// Everything here is about the route that is chosen at the time. For one partition and one run;
/// not thread-safe.
class SearchDoubt {
 public:
  /// Both must outlive it.
  SearchDoubt(const PartitionPlan& plan, const RouteChoice& routes)
      : plan_(plan), routes_(routes) {}

  /// Whether other partitions have found that the route's search misses rows that exist.
  bool is_in_vain() const;

  /// The route has listed rows, so the server understands its search, whatever others have found.
  void note_found();

  enum class Answer {
    kBelieved,  ///< there are no rows, as far as can be seen
    kWaits,     ///< call again when the other partitions are read: they may show the answer
    kCameLate,  ///< there are rows by now: read the partition again
    kInVain,    ///< there are rows that the search does not find: call `leave`
  };

  /// Call this if nothing was listed of `asked_for`. `marked_by_others`: the saved mark is another
  /// partition's, and a search for all of them has found it, so the search is understood. Throws
  /// the ConnectorError of a list that fails.
  Answer question(Fetcher& fetcher, const Window& asked_for, bool marked_by_others);

  /// Gives the search up. The refusal to give up its route with.
  Verdict leave();

  /// Whether a search was given up.
  bool has_left() const { return left_; }

  /// Whether the list has rows of other times; nothing if that was not asked.
  std::optional<bool> holds_more() const { return holds_more_; }

 private:
  const PartitionPlan& plan_;
  const RouteChoice& routes_;
  bool waited_ = false;  // for the other partitions
  bool came_late_ = false;
  bool left_ = false;
  std::optional<bool> holds_more_;
};

}  // namespace source_sentry
