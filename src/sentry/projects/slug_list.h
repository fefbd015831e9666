#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/fetch/fetcher.h"
#include "sentry/config.h"

namespace source_sentry {

/// All slugs in a list, as far as a person could have meant one of them; nothing where the list
/// cannot be read.
std::optional<std::vector<std::string>> slugs_in_list(const Route& route, Fetcher& fetcher);

/// What to tell people where there is no such organization, or none that the token may see; nothing
/// where there is one, or where this is unknown. Sentry does not say whether it is the organization
/// or the project that it cannot find.
std::optional<ConnectorError> no_such_organization(const Config& config, Fetcher& fetcher);

}  // namespace source_sentry
