#pragma once

#include <string>
#include <vector>

#include "live/app/options.h"
#include "live/receive/endpoint.h"

namespace source_sentry {

/// The endpoints that the command line, the environment and the file of endpoints name, with their
/// secrets. Reads the files anew each time. Throws a ConnectorError that says what is missing.
std::vector<Endpoint> endpoints_of(const ListenOptions& options);

/// All of their secrets, which no log may show.
std::vector<std::string> secrets_of(const std::vector<Endpoint>& endpoints);

}  // namespace source_sentry
