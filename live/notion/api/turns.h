#pragma once

#include <mutex>
#include <optional>

#include "base/time.h"

namespace source_sentry {

/// When the next of several calls may go: so many in a second, and some more at once after a while
/// without any. Times are the steady clock's. Thread-safe.
class Turns {
 public:
  /// `interval`: between two calls, on average. `burst`: how many may go at once.
  Turns(Duration interval, int burst) : interval_(interval), slack_(interval * (burst - 1)) {}

  /// Takes a turn, and returns how long to wait for it. Nothing where that is longer than
  /// `longest`; then `wait` says how long, and no turn is taken.
  std::optional<Duration> take(Instant now, Duration longest, Duration& wait);

  /// No call goes before `until`.
  void hold(Instant until);

 private:
  const Duration interval_;
  const Duration slack_;
  std::mutex mutex_;
  Instant next_ = Instant::min();  // when a call would go if none went before its time
  Instant held_until_ = Instant::min();
};

}  // namespace source_sentry
