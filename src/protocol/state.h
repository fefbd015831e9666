#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

namespace source_sentry {

/// The saved state of each stream, by name: whatever object was there, not yet interpreted.
using SavedStates = std::map<std::string, nlohmann::json>;

/// Reads a state document in every shape that Airbyte's platform, its clients and older protocol
/// versions have written: absent, `{}`, `[]`, a list of STREAM states (with nulls and foreign keys,
/// as PyAirbyte writes them), one GLOBAL state, LEGACY states, a bare object of streams. `warnings`
/// receives what was skipped. Throws a ConnectorError for an element that is none of these.
SavedStates read_saved_states(const nlohmann::json& document, std::vector<std::string>& warnings);

}  // namespace source_sentry
