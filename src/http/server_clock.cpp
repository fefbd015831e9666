#include "http/server_clock.h"

#include <algorithm>

namespace source_sentry {

void ServerClock::observe(std::optional<Instant> shown, Instant sent, Instant received) {
  if (!shown) return;
  // The answer was made between `sent` and `received`, within the second that the header names.
  const Duration earliest = *shown - received;
  const Duration latest = *shown + std::chrono::seconds(1) - sent;
  // A single answer that goes back is from a cache; after several in a row, the clock was set.
  constexpr int kBelieved = 3;
  if (earliest_ && latest < *earliest_ && ++back_in_a_row_ < kBelieved) return;
  back_in_a_row_ = 0;
  earliest_ = std::max(earliest_.value_or(earliest), earliest);
  latest_ = std::min(latest_.value_or(latest), latest);
  if (*earliest_ > *latest_) {  // a clock was set: what was known before is worth nothing
    earliest_ = earliest;
    latest_ = latest;
  }
}

}  // namespace source_sentry
