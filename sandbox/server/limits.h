#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sandbox/api/auth.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// So many requests in a fixed window, so many at once (0: any number).
struct Limit {
  std::uint32_t requests = 0;
  std::uint32_t seconds = 1;
  std::uint32_t concurrent = 0;
};

/// One rate group of sentry.io and its limits (sentry-api.md 3.3).
struct LimitRow {
  std::string_view group;
  Limit ip;
  Limit user;
  Limit organization;

  const Limit& of(IdentityKind kind) const;
};

std::span<const LimitRow> limit_table();

/// `GROUP=N/SECONDS[/CONCURRENT]`. Nothing when malformed or the group is unknown.
struct LimitOverride {
  std::string group;
  Limit limit;
};
std::optional<LimitOverride> parse_limit(std::string_view text);

/// What a limit says about one request.
struct Verdict {
  bool limited = false;
  bool by_concurrency = false;
  Limit limit;
  std::uint32_t remaining = 0;
  Second reset = 0;  ///< when the window ends; an absolute time
  std::uint32_t concurrent_remaining = 0;
  std::shared_ptr<void> lease;  ///< keep it while the request runs: it counts as one at once
};

/// The X-Sentry-Rate-Limit-* headers of a verdict (sentry-api.md 3.1).
Headers rate_headers(const Verdict& verdict);

/// The gateway's 429: a bare JSON string declared to be HTML, no Retry-After (3.2).
Answer gateway_refusal(const Verdict& verdict);

/// Counts requests per group and identity in fixed windows. Safe from several threads.
class RateLimiter {
 public:
  RateLimiter(bool enforced, std::span<const LimitOverride> overrides);

  bool enforced() const { return enforced_; }

  /// Counts a request of `group`. `identity` tells callers of one kind apart.
  Verdict check(std::string_view group, const Caller& caller, std::string_view identity,
                Instant now);

  /// The limit of a group for a kind of caller, in force or not.
  Limit limit_of(std::string_view group, IdentityKind kind) const;

 private:
  struct Bucket {
    Second window = 0;
    std::uint32_t count = 0;
    std::uint32_t running = 0;
  };

  void release(const std::string& key);

  bool enforced_;
  std::map<std::string, Limit, std::less<>> overrides_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

}  // namespace sandbox
