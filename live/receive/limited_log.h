#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

#include "base/clock.h"
#include "live/receive/recent_table.h"

namespace source_sentry {

/// Where lines for people go. Called from any thread.
struct ReceiverLog {
  std::function<void(const std::string&)> inform;
  std::function<void(const std::string&)> warn;
};

/// A log that nobody can fill: of one subject a warning a minute, and of all together one a second.
/// What is left out is counted in the next. Thread-safe.
class LimitedLog {
 public:
  /// `clock` outlives it.
  LimitedLog(ReceiverLog log, Clock& clock);

  void inform(const std::string& line) { log_.inform(line); }
  void warn(const std::string& subject, const std::string& line);

 private:
  struct Subject {
    Instant told{};
    std::size_t untold = 0;
  };

  const ReceiverLog log_;
  Clock& clock_;
  std::mutex mutex_;
  RecentTable<Subject> subjects_;
  Instant minute_;  // when it began
  std::size_t lines_ = 0;
};

}  // namespace source_sentry
