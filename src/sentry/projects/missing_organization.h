#pragma once

#include <optional>

#include "base/error.h"
#include "engine/fetch/fetcher.h"
#include "sentry/config.h"

namespace source_sentry {

/// What to tell people if the configured organization does not exist, or the token may not see it;
/// nothing if there is one, or if this is unknown. Answers about a project do not say which of the
/// two cannot be found, so this asks for the organization itself. Sends each request once, and
/// throws Stopped.
std::optional<ConnectorError> no_such_organization(const Config& config, Fetcher& fetcher);

}  // namespace source_sentry
