#pragma once

#include "engine/stream_plan.h"
#include "sentry/streams.h"

namespace source_sentry {

/// The list of a project's error events by Sentry's query route ("Explore"), which only names them.
/// Takes the scope org:read.
Route explore_events(const StreamScope& scope);

/// The route of each event's whole body.
std::function<Route(std::string_view)> event_details(const StreamScope& scope);

/// Sentry's own count of a project's error events, by the same route; after the first refusal the
/// run's other projects do not ask any more. Empty when the project's number is not known.
RowCount count_events(const StreamScope& scope);

}  // namespace source_sentry
