#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "spool/delivery.h"

namespace source_sentry {

class SpoolDisk;

/// How large a spool may get, and how long it keeps what came.
struct SpoolLimits {
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;
  std::uint64_t most_bytes = std::uint64_t{1} << 30;  ///< of all segments
  Duration keep = std::chrono::hours(7 * 24);         ///< a segment, after its last delivery
  /// Bodies, so that none comes twice, and no more of them than KnownBodies holds. After a restart
  /// those that are still kept.
  Duration know = std::chrono::hours(7 * 24);
};

/// Takes in deliveries. One process at a time may write to a folder; any number may read from it.
/// Thread-safe.
class SpoolWriter {
 public:
  enum class Result {
    kStored,     ///< it is on the disk
    kDuplicate,  ///< the same body is, already
    kFull,       ///< `most_bytes` are used up, the disk is full, or it is so slow that 64 MiB wait
    kFailed,     ///< the disk has failed: nothing more is taken in
  };
  /// Is told how it ended, once, from another thread; from within append() where nothing can be
  /// taken in (kFull, kFailed). It must neither block nor throw, nor end the writer.
  using Done = std::function<void(Result)>;

  /// Opens the folder, or makes it, for this user alone. Begins a new segment: what a killed
  /// process has left of an unfinished delivery is never written behind. Throws a ConnectorError
  /// where the folder cannot be used: no right, another writer, no room.
  SpoolWriter(std::filesystem::path folder, const SpoolLimits& limits, Clock& clock);
  /// The same, with another disk than the machine's.
  SpoolWriter(std::filesystem::path folder, const SpoolLimits& limits, Clock& clock,
              SpoolDisk& disk);
  /// Stores what was handed over before.
  ~SpoolWriter();
  SpoolWriter(const SpoolWriter&) = delete;
  SpoolWriter& operator=(const SpoolWriter&) = delete;

  /// Stores the delivery and then calls `done`. Those of several threads become one write and one
  /// sync, in the order of the calls. Returns at once. An id that is not 32 hexadecimal digits in
  /// lower case is never a duplicate.
  void append(Delivery delivery, Done done);

  /// How much of `most_bytes` is used: 0 to 1.
  double fill() const;
  /// Bytes of all segments.
  std::uint64_t bytes() const;
  /// Whether the disk takes in what comes. False once a write or a sync has failed for another
  /// reason than lack of room.
  bool works() const;
  /// How long the latest sync took, or how long the one under way has.
  Duration sync_time() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace source_sentry
