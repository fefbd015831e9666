#pragma once

#include <functional>
#include <string>

#include "base/error.h"

namespace source_sentry {

/// What the error says that `act` ends with.
inline std::string message_of(const std::function<void()>& act) {
  try {
    act();
  } catch (const ConnectorError& error) {
    return error.message();
  }
  return "nothing was wrong";
}

}  // namespace source_sentry
