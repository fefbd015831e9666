#pragma once

#include "app/settings/settings.h"
#include "http/curl_client.h"
#include "protocol/state.h"
#include "sentry/config.h"

namespace source_sentry {

/// The settings in the form of a configuration. Logs what its owner should know of the file and of
/// where other settings come from. Throws a ConnectorError if they cannot be read.
const nlohmann::json& open_config(const Settings& settings);

/// The same, checked. `for_person`: a key that is one letter from a known one is refused, and not
/// only told, since nobody but a person who mistyped it can have meant it.
Config load_config(const Settings& settings, bool for_person = false);

/// The states that a file of --state gives; none where its path is empty. Logs what was skipped.
/// Throws a ConnectorError if it cannot be read.
SavedStates load_states(const std::string& path);

/// Whose records a read of this configuration writes into a folder.
nlohmann::json owner_of_records(const Config& config);

/// What must not be printed: secrets of the configuration, and of the proxies in the environment.
Secrets known_secrets(const Settings& settings);

/// How to reach the configuration's server: with what the environment says of proxies and
/// certificates where the configuration says nothing. Throws a ConnectorError where that is wrong.
ConnectionOptions connection_options(const Config& config);

}  // namespace source_sentry
