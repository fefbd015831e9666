#pragma once

#include <string>
#include <string_view>

namespace source_sentry {

/// The JSON type of a jq program's results, where its last stage tells: "string", "number",
/// "boolean", "array" or "object"; empty where it does not.
std::string_view result_type(std::string_view expression);

/// Whether the program may give several outputs, by its spelling: it iterates, or has a comma.
bool may_give_several(std::string_view expression);

}  // namespace source_sentry
