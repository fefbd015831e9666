#include "live/notion/work/address_limit.h"

namespace source_sentry {
namespace {

/// Addresses that are remembered. More are a flood, in which each begins anew now and then.
constexpr std::size_t kMost = 1'000;

}  // namespace

bool AddressLimit::admits(const std::string& address, Instant now) {
  const std::scoped_lock lock(mutex_);
  if (turns_.size() >= kMost && !turns_.contains(address)) turns_.clear();
  std::unique_ptr<Turns>& turns = turns_[address];
  if (!turns) turns = std::make_unique<Turns>(interval_, burst_);
  Duration wait{};
  return turns->take(now, Duration::zero(), wait).has_value();
}

}  // namespace source_sentry
