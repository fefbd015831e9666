#pragma once

#include <cstddef>
#include <optional>

#include "http/http.h"

namespace source_sentry {

/// A rate limit as servers state it: so many requests in each window of time, and so many at once.
struct RateLimit {
  long requests = 0;
  Duration window{};
  std::size_t concurrent = 0;  ///< 0: not stated
};

/// What an answer says about the server's patience. Everything may be absent: a self-hosted Sentry
/// sends none of it.
struct RateHeaders {
  std::optional<long> limit;                        ///< requests allowed in a window
  std::optional<long> remaining;                    ///< requests left in this window
  std::optional<Instant> reset_at;                  ///< when it ends, by the server's clock
  std::optional<Duration> reset_in;                 ///< until then, from the answer's Date on
  std::optional<std::size_t> concurrent_limit;      ///< requests allowed at the same time
  std::optional<std::size_t> concurrent_remaining;  ///< how many more of them could have run
};

/// Reads X-Sentry-Rate-Limit-*. The reset is an epoch second there, so it is compared with the Date
/// header of the same answer: our own clock may be wrong by hours. Without that header, and for
/// resets in the past or more than a day ahead (nonsense), both resets stay empty.
RateHeaders read_rate_headers(const Response& response);

/// How long a 429 asks to wait, from the most to the least exact source: the reset header,
/// Retry-After (seconds or a date), the window named in the text ("Limit is 40 requests in 1
/// seconds", "Limit is 3/1s"). Where requests are left in the window, only Retry-After counts.
/// Nothing when it does not say; the caller then doubles its own waits.
std::optional<Duration> rate_limit_wait(const Response& response);

/// The limit named in the text of a 429: the only place that gives the length of a window.
std::optional<RateLimit> limit_in_text(const Response& response);

/// The wait in Retry-After, in seconds or as a date; nothing where it makes no sense.
std::optional<Duration> retry_after(const Response& response);

}  // namespace source_sentry
