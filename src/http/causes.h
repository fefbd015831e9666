#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "base/error.h"
#include "base/time.h"

namespace source_sentry {

/// What has gone wrong in a run: each cause is told once, however many streams, projects and
/// requests meet it. Thread-safe.
class Causes {
 public:
  /// Has `stream` tell that it failed for `cause`: calls `say` with the stream that told of the
  /// cause before, or with an empty name. Two streams tell one after the other.
  void tell(const std::string& cause, const std::string& stream,
            const std::function<void(const std::string& told_by)>& say);

  /// Why the latest unsuccessful request failed; nothing where none has.
  void failed(const ConnectorError& error);
  std::optional<ConnectorError> latest() const;

  /// Whether the log hears of something for the first time: texts that differ only in names and
  /// numbers count as one.
  bool is_new(const std::string& text);

  /// Whether a request may tell the log of a failure that will be met again and again while it
  /// lasts: only one request at a time does. `now`: by the steady clock.
  bool may_warn(const std::string& text, Instant now);

  /// The request that may warn does so, and is reported until `until` at least.
  void warned(const std::string& text, Instant until);

 private:
  /// How long a cause that was told is not repeated: longer each time, as long as it recurs.
  struct Quiet {
    Instant until = Instant::min();
    Duration span = Duration::zero();
  };

  mutable std::mutex mutex_;
  std::optional<ConnectorError> latest_;
  std::map<std::string, std::string> told_by_;
  std::set<std::string> known_;
  std::map<std::string, Quiet> quiet_;
};

}  // namespace source_sentry
