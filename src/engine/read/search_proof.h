#pragma once

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// What an empty answer to a search by time turned out to be.
enum class SearchAnswer {
  kFinds,     ///< the search finds something at another time, so it is understood
  kNothing,   ///< no list shows anything either: there is nothing, as far as can be seen
  kCameLate,  ///< there is something by now
  kInVain,    ///< there is something, and the search does not find it
};

/// Asks whether it can be believed that the search by `route` for `read` gave not one row. Servers
/// that do not understand a search answer it with an empty list (GlitchTip of 2022 does, to
/// `lastSeen:>=`). So it is asked for all times, and where that finds nothing either, the same list
/// without a search, and the other ways to the same records: what shows a row there is a search in
/// vain. Throws the ConnectorError of a list that fails.
SearchAnswer question_search(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                             const Window& read);

}  // namespace source_sentry
