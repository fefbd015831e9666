#pragma once

#include <string>

#include "engine/fetcher.h"
#include "engine/stream_plan.h"

namespace source_sentry {

/// Asks once more before it is believed that a partition, which held data up to `held_until` and
/// was asked for that very second again, has nothing: its list without any window, and, if that is
/// empty too, the document of what it belongs to. What may have happened goes to the log, with the
/// partition's `name`. False when a stop was requested. Throws the ConnectorError of a refusal:
/// what the token may not see any more looks empty on some servers.
bool question_emptiness(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                        const std::string& name, Instant held_until);

}  // namespace source_sentry
