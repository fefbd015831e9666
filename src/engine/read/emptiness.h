#pragma once

#include <optional>
#include <string>

#include "engine/fetch/fetcher.h"
#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// Call this where a partition that held data up to `held_until` now shows nothing, though that
/// second was asked for as well. Asks for its list without a window and, if that is empty too, for
/// the document of what the partition belongs to. Logs what may have happened, with the partition's
/// `name`. `holds_more`: whether the list without a window has rows, if that is known already.
/// Throws the ConnectorError of a refusal: on some servers a list that the token may no longer read
/// looks empty.
void question_emptiness(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                        const std::string& name, Instant held_until,
                        std::optional<bool> holds_more = std::nullopt);

/// Makes sure that the owner of an empty list exists: GlitchTip gives an empty list for an
/// organization that does not exist. Asks for the owner's document and, if the token may not read
/// that, for other lists that would show something of it. Throws a ConnectorError if the owner does
/// not exist, or if the token may not read the document and no list shows anything. If the server
/// fails to answer, only a warning is logged. `plan.owner` must be set.
void make_sure_of_owner(Fetcher& fetcher, const PartitionPlan& plan);

/// `error`, with which the reading of a list ended; where the server says that there is no such
/// thing, and answers for whom it belongs to, that the server does not offer it. Names would be
/// wrong for both.
ConnectorError of_seen_owner(Fetcher& fetcher, const PartitionPlan& plan,
                             const ConnectorError& error);

}  // namespace source_sentry
