#pragma once

#include <string>
#include <string_view>

#include "sandbox/world/world.h"

namespace sandbox {

/// Applies the changes of a JSON object, member by member, and answers what was made as JSON.
/// Throws std::invalid_argument with a message; members before the wrong one stay applied.
std::string change_world(World& world, std::string_view json, Instant now);

/// Reads a moment of a JSON value given as text: an ISO time, or a number of seconds before `now`.
Instant parse_moment(std::string_view json, Instant now);

}  // namespace sandbox
