#pragma once

#include <string>
#include <vector>

#include "sentry/config.h"

namespace source_sentry {

/// ` Did you mean "web-app"?` for a name that is not among those known; empty when none is similar.
std::string did_you_mean(const std::string& wanted, const std::vector<std::string>& known);
/// The same for several names, each with those similar to it.
std::string did_you_mean(const std::vector<std::string>& wanted,
                         const std::vector<std::string>& known);

/// What to tell people when the organization, whose projects are `known`, lacks the configured one.
std::string no_such_project(const Config& config, const std::vector<std::string>& known);

}  // namespace source_sentry
