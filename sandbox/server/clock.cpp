#include "sandbox/server/clock.h"

#include <condition_variable>
#include <mutex>

namespace sandbox {
namespace {

Instant machine_now() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

}  // namespace

SandboxClock::SandboxClock(std::optional<Instant> start) {
  if (start) set(*start);
}

Instant SandboxClock::now() const { return machine_now() + Duration(ahead_.load()); }

void SandboxClock::advance(Duration span) { ahead_ += span.count(); }

void SandboxClock::set(Instant now) { ahead_ = (now - machine_now()).count(); }

void sleep_for(Duration span, const std::stop_token& stop) {
  if (span <= Duration::zero()) return;
  std::mutex mutex;
  std::condition_variable_any waker;
  std::unique_lock lock(mutex);
  waker.wait_for(lock, stop, span, [] { return false; });
}

}  // namespace sandbox
