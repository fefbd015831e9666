#pragma once

#include <cstddef>
#include <mutex>
#include <optional>
#include <vector>

#include "engine/state/checkpoint.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// How far a stream has got, for people, as its parts tell it. An estimate: all partitions count
/// alike, and records as if they were spread evenly over the time that is read. Thread-safe.
class PartsReach {
 public:
  /// A part of so many partitions, which is read from `from` (not set: from the oldest record,
  /// which is not known yet) to `until`.
  void add(std::size_t part, std::size_t partitions, std::optional<Instant> from, Instant until);

  /// It is read in other parts instead.
  void drop(std::size_t part);

  /// The part is written up to the checkpoint. Nothing where that says nothing of time.
  std::optional<Reach> moved(std::size_t part, const Checkpoint& to);

  /// The part was read to its end.
  Reach done(std::size_t part);

 private:
  struct Part {
    double weight = 0;
    double done = 0;  // of it
    std::optional<Instant> from;
    Instant until;
  };
  double share() const;

  std::mutex mutex_;
  std::vector<Part> parts_;
};

}  // namespace source_sentry
