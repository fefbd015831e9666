#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace source_sentry {

/// An expression of Port's file in jq's own spelling; a boolean or a number that YAML has read as
/// such stays that literal. Throws ConnectorError for any other value.
nlohmann::ordered_json port_expression(const nlohmann::ordered_json& value,
                                       const std::string& place);

/// The native map of an entity's `mappings`: its members in the order of Port's API, only those
/// that are there. Throws ConnectorError.
nlohmann::ordered_json port_map(const nlohmann::ordered_json& mappings, const std::string& place);

}  // namespace source_sentry
