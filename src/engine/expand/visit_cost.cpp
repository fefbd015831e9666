#include "engine/expand/visit_cost.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"

namespace source_sentry {

void VisitCost::tell(const std::string& name, std::optional<std::uint64_t> counted, bool capped,
                     const VisitBudget* budget) {
  if (!counted || *counted == 0 || std::exchange(told_, true)) return;
  const std::string limit =
      budget == nullptr ? ""
                        : " This run may spend " + number_of(budget->requests(), "request") +
                              " on them, for all of the stream (child_budget).";
  spdlog::info("{}: up to {}{}, each of which takes a request of its own or more.{}", name,
               number_of(*counted, "row"), capped ? " or more" : "", limit);
}

}  // namespace source_sentry
