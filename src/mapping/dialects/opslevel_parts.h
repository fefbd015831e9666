#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace source_sentry {

/// One extractor. Facts by OpsLevel/community-integrations f60cbaa8, custom_integration_mapping.
struct Extractor {
  std::string kind;
  std::string name;  ///< its stream's
  std::string place;
  std::string for_each;           ///< the parent's kind; empty: none
  nlohmann::ordered_json stream;  ///< its entry of custom_streams; null where it does not poll
  std::int64_t expires_after_days = 0;
};

/// Reads an extractor. `streams`: the names that its own cannot have. What it says and nobody heeds
/// goes to `warnings`. Throws ConnectorError.
Extractor read_extractor(const nlohmann::ordered_json& entry, const std::string& place,
                         const std::vector<std::string>& streams,
                         std::vector<std::string>& warnings);

/// A transform's entry of mapped_streams. Throws ConnectorError.
nlohmann::ordered_json read_transform(const nlohmann::ordered_json& entry, const std::string& place,
                                      std::vector<std::string>& warnings);

}  // namespace source_sentry
