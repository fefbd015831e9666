#pragma once

#include "app/settings/config_file.h"
#include "http/curl_client.h"
#include "sentry/config.h"

namespace source_sentry {

/// What the configuration file says. Logs a warning about it where its owner should know. Throws a
/// ConnectorError if it cannot be read.
const nlohmann::json& open_config(const ConfigFile& file);

/// The same, checked.
Config load_config(const ConfigFile& file);

/// How to reach the configuration's server: with what the environment says of proxies and
/// certificates where the configuration says nothing. Throws a ConnectorError where that is wrong.
ConnectionOptions connection_options(const Config& config);

}  // namespace source_sentry
