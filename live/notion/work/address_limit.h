#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/time.h"
#include "live/notion/api/turns.h"

namespace source_sentry {

/// How often one address may ask. The signature of a call for options is the same for ever, so who
/// has seen one can repeat it. Thread-safe.
class AddressLimit {
 public:
  AddressLimit(Duration interval, int burst) : interval_(interval), burst_(burst) {}

  /// `now`: the steady clock's.
  bool admits(const std::string& address, Instant now);

 private:
  const Duration interval_;
  const int burst_;
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Turns>> turns_;
};

}  // namespace source_sentry
