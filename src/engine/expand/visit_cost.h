#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/expand/visit_budget.h"

namespace source_sentry {

/// Says in the log, once and before the first of them is visited, how many rows of a list are going
/// to be visited for their children. Not thread-safe.
class VisitCost {
 public:
  /// `counted`: the rows of the list, as the server counts them, or as far (`capped`) as it counts;
  /// nothing where it does not. `budget`: null for none.
  void tell(const std::string& name, std::optional<std::uint64_t> counted, bool capped,
            const VisitBudget* budget);

 private:
  bool told_ = false;
};

}  // namespace source_sentry
