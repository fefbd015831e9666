#pragma once

#include <mutex>
#include <vector>

#include "base/clock.h"

namespace source_sentry {

/// The time at which tests read.
inline const Instant kNow = *parse_instant("2026-01-15T12:00:00Z");

/// A clock that moves only when somebody sleeps on it, so that tests of waiting take no time. Its
/// time of day can be set.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Instant start = kNow) : now_(start) {}

  Instant now() override {
    const std::scoped_lock lock(mutex_);
    return now_;
  }

  Instant steady_now() override {
    const std::scoped_lock lock(mutex_);
    return Instant(slept_);
  }

  void set(Instant now) {
    const std::scoped_lock lock(mutex_);
    now_ = now;
  }

  bool sleep_for(Duration span, std::stop_token stop) override {
    const std::scoped_lock lock(mutex_);
    now_ += span;
    slept_ += span;
    sleeps_.push_back(span);
    return !stop.stop_requested();
  }

  /// All of what may be added, where `dice` are thrown at all.
  Duration jitter(Duration most) override { return dice ? most : Duration::zero(); }
  bool dice = false;

  std::vector<Duration> sleeps() {
    const std::scoped_lock lock(mutex_);
    return sleeps_;
  }

 private:
  std::mutex mutex_;
  Instant now_;
  Duration slept_ = std::chrono::hours(5);  // the machine has been up for a while
  std::vector<Duration> sleeps_;
};

}  // namespace source_sentry
