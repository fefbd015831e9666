#pragma once

#include "engine/plan/stream_plan.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The lists of a project's error events from Sentry's query route ("Explore"), which only name
/// them: one for each way to ask servers for errors, today's first. They need the scope
/// org:read.
std::vector<Route> explore_events(const StreamScope& scope);

/// The route of each event's whole body.
std::function<Route(std::string_view)> event_details(const StreamScope& scope);

/// Sentry's own count of a project's error events, by the same route and in the same ways; what the
/// server refuses once is not asked for again for the run's other projects. Empty when the
/// project's number is not known.
RowCount count_events(const StreamScope& scope);

}  // namespace source_sentry
