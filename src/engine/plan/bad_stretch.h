#pragma once

#include <functional>

#include "base/time.h"

namespace source_sentry {

/// Where a stretch of bad seconds ends, as when a part of the server's storage is broken: the first
/// second that is answered, or `until` when there is none. `from`: the first bad second.
///
/// `answers` checks one second. The first sixteen seconds are checked one by one, and after that
/// fewer and fewer: about sixty checks for an hour, and a hundred and twenty for a month.
Instant end_of_bad_stretch(Instant from, Instant until,
                           const std::function<bool(Instant)>& answers);

}  // namespace source_sentry
