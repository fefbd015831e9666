#pragma once

#include <string>

namespace source_sentry {

/// The value of an environment variable; empty when it is not set.
std::string environment(const char* name);

/// Whether we run on Airbyte Cloud.
bool in_cloud();

}  // namespace source_sentry
