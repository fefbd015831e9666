#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "sentry/mapping_config.h"

namespace source_sentry {

/// All that a configuration says of mapped and custom streams, in the native form: what
/// `preview --translated` prints. Each entry has a place, which messages begin with.
struct Definitions {
  nlohmann::ordered_json mapped = nlohmann::ordered_json::array();
  nlohmann::ordered_json custom = nlohmann::ordered_json::array();
  bool some_are_lost = false;  ///< custom streams, since something is wrong with their definition
  std::vector<std::string> mapped_places;
  std::vector<std::string> custom_places;
  std::vector<std::string> notes;     ///< worth knowing, one line each
  std::vector<std::string> warnings;  ///< what will not be done
};

/// Puts the native entries and those of Port's and OpsLevel's definitions together. `streams`: the
/// names of the table's. `each` is told what is wrong, and where.
Definitions definitions_of(const MappingConfig& config, const std::vector<std::string>& streams,
                           EveryMistake& each);

}  // namespace source_sentry
