#pragma once

#include <cstddef>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "live/receive/recent_table.h"

namespace source_sentry {

/// Knows which clients send nothing but nonsense, so that it need not be read. Thread-safe; what it
/// remembers is bounded.
///
/// A client whose requests were right is not held up for a week: Sentry sends the webhooks of all
/// of its customers from a few addresses, and one of them could have it send nonsense here, to keep
/// out what is meant for us.
class FailureLimit {
 public:
  /// `most`: failures of one client that are let through in a minute. `clock` outlives it.
  FailureLimit(std::size_t most, Clock& clock);

  /// Whether the client has used up its failures. `client`: see sender_of; never of an empty one.
  bool is_blocked(const std::string& client);

  /// A request of it was refused.
  void fail(const std::string& client);

  /// A request of it was right.
  void succeed(const std::string& client);

 private:
  /// So many failures are left to it, and as many again in a minute.
  struct Allowance {
    double left = 0;
    Instant at{};
  };
  void refill(Allowance& allowance, Instant now) const;

  const double most_;
  Clock& clock_;
  std::mutex mutex_;
  RecentTable<Allowance> clients_;
  RecentTable<Instant> right_;  // and when they were, last
};

}  // namespace source_sentry
