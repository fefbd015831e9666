#pragma once

#include <optional>

#include "http/http.h"

namespace source_sentry {

/// What an answer says about the server's patience. Everything may be absent: a self-hosted Sentry
/// sends none of it.
struct RateHeaders {
  std::optional<long> remaining;     ///< requests left in this window
  std::optional<Duration> reset_in;  ///< until the window ends, by the server's own clock
};

/// Reads X-Sentry-Rate-Limit-*. The reset is an epoch second there, so it is held against the Date
/// header of the same answer: our own clock may be wrong by hours. Without that header, and for
/// resets that lie in the past or more than a day ahead (nonsense), `reset_in` stays empty.
RateHeaders read_rate_headers(const Response& response);

/// How long a 429 asks to wait, from the most to the least exact source: the reset header,
/// Retry-After (seconds or a date), the window named in the text ("Limit is 40 requests in 1
/// seconds", "Limit is 3/1s"). Nothing when it does not say; the caller then doubles its own waits.
std::optional<Duration> rate_limit_wait(const Response& response);

}  // namespace source_sentry
