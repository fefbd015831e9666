#include "live/receive/failure_limit.h"

#include <algorithm>
#include <chrono>

namespace source_sentry {
namespace {

constexpr std::size_t kMostClients = 4'096;
constexpr Duration kMinute = std::chrono::minutes(1);
constexpr Duration kWeek = std::chrono::hours(7 * 24);

}  // namespace

FailureLimit::FailureLimit(std::size_t most, Clock& clock)
    : most_(static_cast<double>(most)),
      clock_(clock),
      clients_(kMostClients),
      right_(kMostClients) {}

bool FailureLimit::is_blocked(const std::string& client) {
  if (client.empty()) return false;
  const Instant now = clock_.steady_now();
  const std::scoped_lock lock(mutex_);
  Allowance* const allowance = clients_.find(client);
  if (allowance == nullptr) return false;
  refill(*allowance, now);
  if (allowance->left >= 1) return false;
  const Instant* const right = right_.find(client);
  return right == nullptr || now - *right > kWeek;
}

void FailureLimit::fail(const std::string& client) {
  if (client.empty()) return;
  const Instant now = clock_.steady_now();
  const std::scoped_lock lock(mutex_);
  Allowance& allowance = clients_.at(client, {.left = most_, .at = now});
  refill(allowance, now);
  allowance.left = std::max(0.0, allowance.left - 1);
}

void FailureLimit::succeed(const std::string& client) {
  if (client.empty()) return;
  const Instant now = clock_.steady_now();
  const std::scoped_lock lock(mutex_);
  right_.at(client, now) = now;
}

void FailureLimit::refill(Allowance& allowance, Instant now) const {
  const double minutes = as_seconds(now - allowance.at) / as_seconds(kMinute);
  allowance.left = std::min(most_, allowance.left + minutes * most_);
  allowance.at = now;
}

}  // namespace source_sentry
