#pragma once

#include <algorithm>

#include "engine/plan/stream_plan.h"

namespace source_sentry {

inline constexpr std::chrono::days kDay(1);

inline Instant begin_of_day(Instant when) { return std::chrono::floor<std::chrono::days>(when); }

/// The days, in UTC, of which any part lies in that time.
inline Window whole_days(const Window& window) {
  return {begin_of_day(window.from), std::chrono::ceil<std::chrono::days>(window.to)};
}

/// The newest day of a partition, for a look at what it holds.
inline Window newest_day(const PartitionPlan& plan) {
  const Instant end = std::chrono::ceil<std::chrono::days>(plan.until);
  return {end - kDay, end};
}

}  // namespace source_sentry
