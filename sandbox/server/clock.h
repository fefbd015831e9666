#pragma once

#include <atomic>
#include <optional>
#include <stop_token>

#include "sandbox/world/model.h"

namespace sandbox {

/// The sandbox's time: starts where it is told and ticks on from there. Safe from several threads.
class SandboxClock {
 public:
  explicit SandboxClock(std::optional<Instant> start);

  Instant now() const;
  void advance(Duration span);
  void set(Instant now);

 private:
  std::atomic<std::int64_t> ahead_{0};  // of the machine's clock, in microseconds
};

/// Waits for `span` of real time, or less once `stop` is requested.
void sleep_for(Duration span, const std::stop_token& stop);

}  // namespace sandbox
