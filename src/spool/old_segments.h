#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "base/time.h"
#include "spool/known_bodies.h"
#include "spool/spool_disk.h"
#include "spool/spool_position.h"

namespace source_sentry {

/// The segments before the one that is written: how large they are, and how long each is kept.
/// Not thread-safe.
class OldSegments {
 public:
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
    std::optional<Instant> last_at{};  ///< when its latest delivery came; nothing for none
  };

  /// Each is kept for the time of `keep` after its latest delivery.
  OldSegments(std::filesystem::path folder, Duration keep, SpoolDisk& disk)
      : folder_(std::move(folder)), keep_(keep), disk_(disk) {}

  /// Reads what the folder holds, and tells `known` of the bodies. Makes sure that all of it is on
  /// the disk: a writer that was killed may have stored something without having seen to that.
  /// Throws a ConnectorError where it cannot.
  void load(KnownBodies& known);

  void add(const Segment& segment);

  /// Whether what came at that time, and nothing since, is not kept any longer.
  bool is_old(Instant last_at, Instant now) const { return now - last_at >= keep_; }

  /// Removes the files that are old, and those without a delivery. What cannot be removed stays
  /// for the next time.
  void remove_old(Instant now);

  std::uint64_t bytes() const { return bytes_; }
  /// The number of the latest that load() found; 0 for none.
  std::uint64_t latest() const { return latest_; }
  /// Behind the latest delivery that load() found, or that is known to have been there.
  SpoolPosition end() const { return end_; }

 private:
  Segment read(std::uint64_t number, KnownBodies& known);

  std::filesystem::path folder_;
  const Duration keep_;
  SpoolDisk& disk_;
  std::vector<Segment> segments_;
  std::uint64_t bytes_ = 0;
  std::uint64_t latest_ = 0;
  SpoolPosition end_;
};

}  // namespace source_sentry
