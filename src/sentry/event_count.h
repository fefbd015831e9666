#pragma once

#include "engine/stream_plan.h"
#include "sentry/streams.h"

namespace source_sentry {

/// Sentry's own count of a project's error events, by its query route ("Explore"). Takes the scope
/// org:read, and a server that has the route; after the first refusal the run's other projects do
/// not ask any more. Empty when the project's number is not known.
RowCount count_events(const StreamScope& scope);

}  // namespace source_sentry
