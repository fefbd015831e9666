#pragma once

#include <string>

#include "base/error.h"

namespace source_sentry {

/// Throws what tells the person who filled in the configuration what is wrong with it.
[[noreturn]] inline void refuse_config(const std::string& message) {
  throw ConnectorError(FailureKind::kConfig, message);
}

}  // namespace source_sentry
