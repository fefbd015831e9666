#include "http/pacer.h"

#include <algorithm>

#include "http/rate_headers.h"

namespace source_sentry {

Duration Pacer::wait_for(const std::string& group, Instant now) const {
  const std::scoped_lock lock(mutex_);
  const auto found = free_at_.find(group);
  if (found == free_at_.end()) return Duration::zero();
  return std::max(Duration::zero(), found->second - now);
}

void Pacer::observe(const std::string& group, const Response& response, Instant now) {
  const RateHeaders rate = read_rate_headers(response);
  if (rate.remaining && *rate.remaining <= 0 && rate.reset_in) block(group, *rate.reset_in, now);
}

void Pacer::block(const std::string& group, Duration wait, Instant now) {
  const std::scoped_lock lock(mutex_);
  Instant& free_at = free_at_[group];
  free_at = std::max(free_at, now + wait);
}

}  // namespace source_sentry
