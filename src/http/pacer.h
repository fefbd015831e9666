#pragma once

#include <map>
#include <mutex>
#include <string>

#include "http/http.h"

namespace source_sentry {

/// Knows, for each group of routes that share a rate limit, from when on the next request may go.
/// It learns from the answers' headers: a group whose window is used up rests until the window
/// ends, so that the 429 is not provoked. All workers of a run share one. Thread-safe.
class Pacer {
 public:
  /// How long a request of `group` has to wait at `now`; zero when it may go.
  Duration wait_for(const std::string& group, Instant now) const;

  /// Learns from an answer to a request of `group` that came in at `now`.
  void observe(const std::string& group, const Response& response, Instant now);

  /// Holds the whole group back for `wait` from `now` on.
  void block(const std::string& group, Duration wait, Instant now);

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Instant> free_at_;
};

}  // namespace source_sentry
