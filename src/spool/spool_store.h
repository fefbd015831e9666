#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.h"
#include "base/descriptor.h"
#include "spool/known_bodies.h"
#include "spool/old_segments.h"
#include "spool/segment_writer.h"
#include "spool/spool_writer.h"

namespace source_sentry {

/// The files of a spool, for its one writer: what is stored, in which segment, how long and how
/// much of it. Not thread-safe, but for what says so.
class SpoolStore {
 public:
  using Result = SpoolWriter::Result;

  /// As SpoolWriter's.
  SpoolStore(std::filesystem::path folder, const SpoolLimits& limits, Clock& clock,
             SpoolDisk& disk);

  /// Stores the deliveries, in that order, and makes sure that they are on the disk. Tells of each
  /// how it ended.
  std::vector<Result> store(std::span<const Delivery> batch);

  /// Removes what is too old, if that was not done within the last hour.
  void tidy();

  /// Stores nothing from now on.
  void give_up() { works_ = false; }

  // These are safe to call from any thread.
  bool works() const { return works_; }
  std::uint64_t bytes() const { return bytes_; }
  Duration sync_time() const;

 private:
  struct Round;
  using Outcome = SegmentWriter::Outcome;

  void place(Round& round, std::size_t index);
  bool has_room(std::uint64_t bytes);
  bool is_next_due(const Delivery& delivery) const;
  Outcome begin_next();
  void add_beginning(Round& round);
  void write(Round& round);
  void commit(Round& round);
  bool sync();
  void remove_old();
  Outcome outcome_of(int code);
  std::uint64_t used() const;

  const std::filesystem::path folder_;
  const SpoolLimits limits_;
  Clock& clock_;
  SpoolDisk& disk_;
  Descriptor lock_;
  KnownBodies known_;
  OldSegments old_;
  std::uint64_t number_ = 0;  // of the segment that is written
  std::unique_ptr<SegmentWriter> segment_;
  std::optional<Instant> first_at_;  // of its deliveries
  std::optional<Instant> last_at_;
  SpoolPosition end_;  // behind the latest delivery
  Instant tidied_at_{};
  int code_ = 0;  // why something did not work
  std::atomic<bool> works_ = true;
  std::atomic<std::uint64_t> bytes_ = 0;
  std::atomic<Duration::rep> sync_began_ = -1;  // negative where none is under way
  std::atomic<Duration::rep> sync_took_ = 0;
};

}  // namespace source_sentry
