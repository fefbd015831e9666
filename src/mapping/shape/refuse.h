#pragma once

#include <string>

#include "base/error.h"
#include "mapping/expression/expression.h"

namespace source_sentry {

/// Throws what tells the person who filled in the configuration what is wrong with it.
[[noreturn]] inline void refuse_config(const std::string& message) {
  throw ConnectorError(FailureKind::kConfig, message);
}

/// Compiles it. Throws ConnectorError that begins with `place`.
inline void check_expression(const Expression& expression, JqPrograms& programs,
                             const std::string& place) {
  try {
    expression.check(programs);
  } catch (const ExpressionError& error) {
    refuse_config(place + ": " + error.what() + ".");
  }
}

}  // namespace source_sentry
