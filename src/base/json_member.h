#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace source_sentry {

/// A member of a JSON object, where null counts as absent, as Airbyte's clients write it. Null when
/// it is absent or `object` is not an object.
const nlohmann::json* member(const nlohmann::json& object, std::string_view key);

/// The member's text; empty when it is absent or not text.
std::string text_member(const nlohmann::json& object, std::string_view key);

}  // namespace source_sentry
