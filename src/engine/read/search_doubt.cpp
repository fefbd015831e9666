#include "engine/read/search_doubt.h"

#include <utility>

#include "engine/read/search_proof.h"

namespace source_sentry {

bool SearchDoubt::is_in_vain() const {
  return routes_.route().window_query && plan_.trust && plan_.trust->in_vain(routes_.index());
}

void SearchDoubt::note_found() {
  if (plan_.trust && routes_.route().window_query) plan_.trust->note_found(routes_.index());
}

SearchDoubt::Answer SearchDoubt::question(Fetcher& fetcher, const Window& asked_for,
                                          bool marked_by_others) {
  const Route& route = routes_.route();
  const std::size_t index = routes_.index();
  const bool searches = static_cast<bool>(route.window_query);
  if (searches) {
    if (marked_by_others || (plan_.trust && plan_.trust->understood(index)))
      return Answer::kBelieved;
    if (plan_.trust && !std::exchange(waited_, true)) return Answer::kWaits;
  }
  switch (question_search(fetcher, plan_, route, asked_for)) {
    case SearchAnswer::kFinds:
      holds_more_ = true;
      if (plan_.trust) plan_.trust->note_found(index);
      return Answer::kBelieved;
    case SearchAnswer::kNothing:
      if (searches) holds_more_ = false;
      return Answer::kBelieved;
    case SearchAnswer::kCameLate:
      // The partition is read again once. If that finds nothing either, the search is of no use.
      if (!std::exchange(came_late_, true)) return Answer::kCameLate;
      break;
    case SearchAnswer::kInVain:
      break;
  }
  if (plan_.trust && searches) plan_.trust->note_in_vain(index);
  return Answer::kInVain;
}

Verdict SearchDoubt::leave() {
  const Route& route = routes_.route();
  left_ = true;
  Verdict refusal;
  refusal.kind = Verdict::Kind::kRefuse;
  refusal.other_route_may_help = true;
  refusal.in_vain = true;
  refusal.error = ConnectorError(
      FailureKind::kSystem,
      "The server finds nothing when " + route.what +
          " are searched by time, though it lists some of that time without a search. Check that "
          "it is one of those that docs/compatibility.md names.",
      route.path + " does not understand the search by time");
  return refusal;
}

}  // namespace source_sentry
