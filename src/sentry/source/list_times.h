#pragma once

#include <map>
#include <mutex>
#include <string>

#include "base/time.h"

namespace source_sentry {

/// Up to when each list is read. Streams that share one read it up to the same time, and so ask for
/// the same pages, see PageShare. Thread-safe.
class ListTimes {
 public:
  /// The time for a reader of `list` that begins `now`: that of the first one. `anew`: the reader
  /// had a time before and needs a newer one.
  Instant of(const std::string& list, Instant now, bool anew) {
    const std::scoped_lock lock(mutex_);
    auto& time = times_.try_emplace(list, now).first->second;
    if (anew) time = now;
    return time;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Instant> times_;
};

}  // namespace source_sentry
