#pragma once

#include <string>
#include <string_view>

#include "http/base_url.h"

namespace source_sentry {

/// Path and query of an address below the API's base, percent-encoded, see Request. An absolute
/// address is taken for one of the configured server where it names that, or sentry.io or a host
/// below it; what counts is what follows its first /api/0/. `given`: the server has given it
/// itself, and may call itself by any name there. Throws a ConnectorError that says what is wrong
/// with it.
std::string below_api(std::string_view address, const BaseUrl& server, bool given);

/// Whether the address names sentry.io and the configured server is another one.
bool means_other_server(std::string_view address, const BaseUrl& server);

}  // namespace source_sentry
