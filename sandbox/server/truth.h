#pragma once

#include <string>

#include "sandbox/api/query_string.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// What a complete read must find, as JSON: of one project (`organization`, `project`), of an
/// organization, or an overview. With `count=1` only how many, with `ids=1` only the ids, with
/// `only` (repeatable) just the lists of these names. Nothing for unknown names.
std::optional<std::string> truth(const World& world, const QueryString& query, Instant now);

}  // namespace sandbox
