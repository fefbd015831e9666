#pragma once

#include <memory>
#include <optional>

#include "engine/fetch/fetcher.h"
#include "engine/plan/custom_plan.h"
#include "mapping/jq/watchdog.h"

namespace source_sentry {

/// Why a custom stream cannot be read.
struct CustomRefusal {
  Verdict verdict;
  Response response;  ///< the answer; empty where none was asked for
};

/// Makes the first request of a custom stream and of those that lead to it, each for one parent.
/// Nothing where all were answered, as far as there are parents. `now`: in place of a saved time.
/// Throws a ConnectorError where an expression fails, and Stopped.
/// `work`: where a watchdog looks; null: nobody looks.
std::optional<CustomRefusal> look_at_custom(const CustomPlan& plan, Instant now, Fetcher& fetcher,
                                            const Fetcher::Patience& patience,
                                            std::shared_ptr<JqWork> work);

}  // namespace source_sentry
