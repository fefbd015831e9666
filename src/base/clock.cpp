#include "base/clock.h"

#include <condition_variable>
#include <mutex>
#include <random>

namespace source_sentry {

Instant SystemClock::now() {
  return std::chrono::floor<Duration>(std::chrono::system_clock::now());
}

Instant SystemClock::steady_now() {
  const auto passed = std::chrono::steady_clock::now().time_since_epoch();
  return Instant(std::chrono::floor<Duration>(passed));
}

bool SystemClock::sleep_for(Duration span, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any waker;
  std::unique_lock lock(mutex);
  // The steady clock underneath: a wait does not change its length when the time of day is set.
  waker.wait_for(lock, stop, span, [] { return false; });
  return !stop.stop_requested();
}

Duration SystemClock::jitter(Duration most) {
  thread_local std::minstd_rand dice{std::random_device{}()};
  return Duration(std::uniform_int_distribution<Duration::rep>(0, most.count())(dice));
}

}  // namespace source_sentry
