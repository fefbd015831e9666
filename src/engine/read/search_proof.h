#pragma once

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// What an empty answer to a search by time means.
enum class SearchAnswer {
  kFinds,     ///< the search finds rows of another time, so the server understands it
  kNothing,   ///< no other list shows rows either: there are none, as far as can be seen
  kCameLate,  ///< rows have come meanwhile
  kInVain,    ///< there are rows, and the search does not find them
};

/// Finds out whether an empty answer to the search by `route` for `read` can be believed. Servers
/// that do not understand a search answer it with an empty list (GlitchTip of 2022 does, to
/// `lastSeen:>=`). So this searches all times. If that finds nothing either, it asks for the same
/// list without a search, and then for the other lists of the same records. If one of them shows a
/// row that the search should have found, the search is in vain. Throws the ConnectorError of a
/// list that fails.
SearchAnswer question_search(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                             const Window& read);

}  // namespace source_sentry
