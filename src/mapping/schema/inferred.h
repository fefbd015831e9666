#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace source_sentry {

/// A JSON schema (draft-07) that all of `records` fit, JSON objects each: every member that one of
/// them has, with the types that it had and null. Members of objects are described, too; what the
/// elements of lists hold is left open where they differ in kind.
nlohmann::ordered_json inferred_schema(const std::vector<std::string>& records);

}  // namespace source_sentry
