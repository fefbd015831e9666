#pragma once

#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace source_sentry {

/// The configuration's keys for streams that it makes itself by expressions and templates.
inline constexpr std::array<std::string_view, 8> kMappingKeys = {
    "mapped_streams",     "custom_streams",  "port_app_config", "opslevel_extract",
    "opslevel_transform", "opslevel_output", "mapping_errors",  "secrets"};

/// What they say, as it came: StreamTable reads the entries, which may name streams.
struct MappingConfig {
  nlohmann::ordered_json mapped_streams = nlohmann::ordered_json::array();
  nlohmann::ordered_json custom_streams = nlohmann::ordered_json::array();
  std::string port_app_config;     ///< the text, whether a file had it or not; empty: none
  std::string opslevel_extract;    ///< the same
  std::string opslevel_transform;  ///< the same
  bool opslevel_push = false;      ///< records are in the form that OpsLevel's webhook takes
  bool errors_are_fatal = false;   ///< the first failure of an expression ends its stream
  std::map<std::string, std::string> secrets;  ///< for headers, by name
};

/// Reads these keys of a configuration document. `in_cloud`: no text may be in a file of its own.
/// Throws a ConnectorError that names every key that is wrong.
MappingConfig read_mapping_config(const nlohmann::json& document, bool in_cloud);

}  // namespace source_sentry
