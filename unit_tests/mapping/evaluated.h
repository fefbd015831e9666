#pragma once

#include <string>
#include <string_view>

#include "mapping/expression/expression.h"

namespace source_sentry {

/// What the expression gives for `record`: its first output as JSON, "nothing", "fails: why", or
/// "refused: why".
inline std::string evaluated(const std::string& expression, std::string_view record,
                             JqPrograms& programs) {
  try {
    const Expression compiled(expression);
    compiled.check(programs);
    MappedRow row(record);
    std::string lent;
    const Evaluated result = compiled.first(row, programs, lent);
    if (result.worked()) return std::string(result.value);
    return result.error.empty() ? "nothing" : "fails: " + result.error;
  } catch (const ExpressionError& error) {
    return std::string("refused: ") + error.what();
  }
}

}  // namespace source_sentry
