#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace source_sentry {

/// A `map` that is a text, as forms give it: a JSON object as it is; a YAML mapping where the first
/// line begins with a name and a colon; anything else is one jq expression, and comes back as a
/// text. `name` is what errors begin with. Throws ConnectorError.
nlohmann::ordered_json map_of_text(const std::string& text, const std::string& name);

}  // namespace source_sentry
