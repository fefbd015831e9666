#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace source_sentry {

/// What says that a row has news for its children: see StreamSpec::visits_changed.
using Signal = std::function<std::uint64_t(std::string_view row, Instant now)>;

/// The values of these members; "lastCommit.id" is a member of a member. `again`: each row also
/// counts as changed once in so long, for what its members do not tell; rows take turns, so that
/// not all of them are visited by one run. Zero: never.
Signal members_moved(std::vector<std::string> keys, Duration again = {});

/// For what rows never tell: those created in the last `young` count as changed in every run of
/// another day, and older ones never do. `created`: the member with the time.
Signal row_is_young(std::string created, Duration young);

}  // namespace source_sentry
