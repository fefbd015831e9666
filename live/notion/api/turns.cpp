#include "live/notion/api/turns.h"

#include <algorithm>

namespace source_sentry {

std::optional<Duration> Turns::take(Instant now, Duration longest, Duration& wait) {
  const std::scoped_lock lock(mutex_);
  const Instant next = std::max(next_, now);
  const Instant goes = std::max({now, next - slack_, held_until_});
  wait = goes - now;
  if (wait > longest) return std::nullopt;
  next_ = std::max(next, held_until_) + interval_;
  return wait;
}

void Turns::hold(Instant until) {
  const std::scoped_lock lock(mutex_);
  held_until_ = std::max(held_until_, until);
}

}  // namespace source_sentry
