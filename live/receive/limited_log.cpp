#include "live/receive/limited_log.h"

#include <chrono>
#include <utility>

namespace source_sentry {
namespace {

constexpr std::size_t kMostSubjects = 4'096;
constexpr std::size_t kMostLines = 60;  // in a minute
constexpr Duration kPeriod = std::chrono::minutes(1);

}  // namespace

LimitedLog::LimitedLog(ReceiverLog log, Clock& clock)
    : log_(std::move(log)), clock_(clock), subjects_(kMostSubjects), minute_(clock.steady_now()) {}

void LimitedLog::warn(const std::string& subject, const std::string& line) {
  const Instant now = clock_.steady_now();
  std::size_t others = 0;
  {
    const std::scoped_lock lock(mutex_);
    if (now - minute_ >= kPeriod) {
      minute_ = now;
      lines_ = 0;
    }
    Subject& known = subjects_.at(subject, {.told = now - kPeriod});
    if (now - known.told < kPeriod || lines_ == kMostLines) {
      ++known.untold;
      return;
    }
    ++lines_;
    known.told = now;
    others = std::exchange(known.untold, 0);
  }
  log_.warn(others == 0 ? line : line + " (and " + std::to_string(others) + " more since)");
}

}  // namespace source_sentry
