#pragma once

#include <optional>
#include <string>

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Asks once more before it is believed that a partition, which held data up to `held_until` and
/// was asked for that very second again, has nothing: its list without any window, and, if that is
/// empty too, the document of what it belongs to. What may have happened goes to the log, with the
/// partition's `name`. `holds_more`: whether its list was seen to hold rows of other times, where
/// it was looked at. Throws the ConnectorError of a refusal: what the token may not see any more
/// looks empty on some servers.
void question_emptiness(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                        const std::string& name, Instant held_until,
                        std::optional<bool> holds_more = std::nullopt);

/// Makes sure that what an empty list belongs to exists: GlitchTip gives an empty list for an
/// organization that there is not. Where the token may not see its document, its other lists may
/// show it. Throws the ConnectorError that says that there is none, or that nothing shows it. What
/// the server cannot tell proves nothing.
void make_sure_of_owner(Fetcher& fetcher, const PartitionPlan& plan);

}  // namespace source_sentry
