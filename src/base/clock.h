#pragma once

#include <stop_token>

#include "base/time.h"

namespace source_sentry {

/// The time of day and the passing of time, so that tests of waiting need not wait. Implementations
/// are safe to use from several threads.
class Clock {
 public:
  virtual ~Clock() = default;

  /// This machine's idea of now. Never compared with a server's times: those come from its answers.
  virtual Instant now() = 0;

  /// The same, for measuring how long something takes: its zero is arbitrary, it passes evenly and
  /// is never set. Compared only with itself.
  virtual Instant steady_now() = 0;

  /// Waits for `span`, or until `stop` is requested. False when it was stopped.
  virtual bool sleep_for(Duration span, std::stop_token stop) = 0;

  /// A random part of `most`, so that requests refused together are not sent again together. Zero
  /// unless an implementation is random.
  virtual Duration jitter(Duration /*most*/) { return Duration::zero(); }
};

/// The machine's own clock.
class SystemClock final : public Clock {
 public:
  Instant now() override;
  Instant steady_now() override;
  bool sleep_for(Duration span, std::stop_token stop) override;
  Duration jitter(Duration most) override;
};

}  // namespace source_sentry
