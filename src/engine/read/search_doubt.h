#pragma once

#include <optional>

#include "engine/fetch/fetcher.h"
#include "engine/plan/route_choice.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Whether it is believed that a partition's search by time finds nothing: what this run has asked,
/// and what the other partitions of the stream have found, see SearchTrust. It always speaks of the
/// route that is chosen. One doubt serves one partition and one run; not thread-safe.
class SearchDoubt {
 public:
  /// Both must outlive it.
  SearchDoubt(const PartitionPlan& plan, const RouteChoice& routes)
      : plan_(plan), routes_(routes) {}

  /// Whether others have found the route's search to be in vain.
  bool is_in_vain() const;

  /// The route has listed something: it is understood, also where others found nothing by it.
  void note_found();

  enum class Answer {
    kBelieved,  ///< there is nothing, as far as can be seen
    kWaits,     ///< the others may show meanwhile that the search is understood: ask again then
    kCameLate,  ///< there is something by now: read it anew
    kInVain,    ///< there is something that the search does not find: see `leave`
  };

  /// Nothing was listed of `asked_for`. `marked_by_others`: the saved mark is another partition's,
  /// which a search for all of them has found. Throws the ConnectorError of a list that fails.
  Answer question(Fetcher& fetcher, const Window& asked_for, bool marked_by_others);

  /// Gives the search up: why its route is to be left.
  Verdict leave();

  /// Whether one was given up.
  bool has_left() const { return left_; }

  /// Whether the list was seen to hold rows of other times; nothing where nobody looked.
  std::optional<bool> holds_more() const { return holds_more_; }

 private:
  const PartitionPlan& plan_;
  const RouteChoice& routes_;
  bool waited_ = false;  // for what the others find
  bool came_late_ = false;
  bool left_ = false;
  std::optional<bool> holds_more_;
};

}  // namespace source_sentry
