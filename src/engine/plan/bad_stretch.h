#pragma once

#include <functional>
#include <optional>

#include "base/time.h"

namespace source_sentry {

/// Where a stretch of bad seconds ends, as when a part of the server's storage is broken: the first
/// second that is answered, or `until` when there is none. `from`: the first bad second.
///
/// `answers` looks at a second; nothing when a stop was requested. The first sixteen seconds are
/// looked at one by one, then ever fewer of them: some sixty looks for an hour, and a hundred and
/// twenty for a month.
std::optional<Instant> end_of_bad_stretch(
    Instant from, Instant until, const std::function<std::optional<bool>(Instant)>& answers);

}  // namespace source_sentry
