#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// What one stream has done so far.
struct StreamFigures {
  enum class Phase { kWaiting, kReading, kComplete, kIncomplete };

  std::string name;
  Phase phase = Phase::kWaiting;
  std::uint64_t records = 0;            ///< that were written
  std::uint64_t bytes = 0;              ///< of them, as they are written
  Duration time{};                      ///< since it began, or that it took
  std::optional<double> part{};         ///< of what is to be read, an estimate; not set: unknown
  std::optional<Instant> at{};          ///< everything older is written
  std::optional<Instant> held_until{};  ///< a rate limit holds it up
  std::optional<Instant> asks_again{};  ///< when a request that failed is sent again
};

/// What all streams of a run have done, for whoever shows it. It watches their sinks: a page costs
/// a few numbers. Thread-safe.
class Board {
 public:
  explicit Board(Clock& clock) : clock_(clock) {}

  /// Sinks that do what those of `open` do, and are watched. The board must outlive them.
  OpenSink watch(OpenSink open);

  /// The process ends, because of `stream`, for which `why` is told: every stream that is being
  /// read is broken off, see StreamSink. For any thread.
  void break_off(const std::string& stream, const ConnectorError& why);

  /// In the order in which the sinks were opened.
  std::vector<StreamFigures> figures() const;

 private:
  struct Meter;
  class Sink;

  Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<std::shared_ptr<Meter>> meters_;
};

}  // namespace source_sentry
