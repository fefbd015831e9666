#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/state/batches.h"
#include "engine/state/checkpoint.h"
#include "engine/state/partition.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// What a stream's STATE says before anything is read: the state that came in (null: none).
nlohmann::ordered_json state_before_reading(const nlohmann::json& saved,
                                            const std::string& cursor_key);

/// The STATE of one stream: the checkpoints of its partitions, and when they are written. A stream
/// with one nameless partition writes the official connector's form; one with named partitions
/// writes a list of them, in the form of Airbyte's per-partition cursors. Thread-safe.
class StreamState {
 public:
  /// `saved`: what came in for the stream, null for nothing. Not interpreted before `begin`.
  StreamState(StreamSink& output, std::string cursor_key, nlohmann::json saved);

  /// Finds each partition's checkpoint in the saved state. Throws a ConnectorError for a state that
  /// cannot be used; it is then kept as it came.
  void begin(const std::vector<Partition>& partitions);

  /// Why a saved state that seems to hold something is not resumed from; nothing if all is well.
  std::optional<std::string> unused() const;

  /// What the saved state is about, for people, where partitions do not resume from it because that
  /// is something else.
  std::vector<std::string> foreign() const;

  /// For how many partitions the saved state's ids of written records cannot be read.
  std::size_t damaged_ids() const;

  /// The saved state's entries for partitions that are not read this time; they are kept.
  std::vector<nlohmann::json> others() const;

  Checkpoint checkpoint(std::size_t partition) const;

  /// Where to begin with a batch of partitions that are at the same place.
  Checkpoint checkpoint(const Batch& batch) const;

  /// Records how far a partition is written, and writes a STATE if one is due: always for a single
  /// partition; with many of them, whose states are long, about once for a few times its size in
  /// records, or once a second.
  void save(std::size_t partition, const Checkpoint& checkpoint);

  /// The same for partitions that are read as one, and stay together.
  void save(const Batch& batch, const Checkpoint& checkpoint);

  /// Records the checkpoint of a partition that was read to its end. If it is the only one, its
  /// STATE is the stream's last. `read_to`: nothing of it is left before then, see `level`.
  void finish(std::size_t partition, const Checkpoint& checkpoint,
              std::optional<Instant> read_to = std::nullopt);
  void finish(const Batch& batch, const Checkpoint& checkpoint, std::optional<Instant> read_to);

  /// Moves every partition that was read to its end up to the newest mark among them, since each
  /// was read that far: so the next run finds them at the same place, and reads them as one.
  void level();

  /// The STATE that covers everything saved.
  nlohmann::ordered_json present_state() const;

  /// The STATE of a stream that was read to its end.
  nlohmann::ordered_json final_state() const;

 private:
  nlohmann::ordered_json as_json(bool at_end) const;
  void write_if_due();
  std::vector<std::size_t> shares_of_ids() const;

  StreamSink& output_;
  const std::string cursor_key_;
  const nlohmann::json saved_;
  mutable std::mutex mutex_;
  bool begun_ = false;
  bool has_entry_ = false;  // the saved state says how far one that is read now has got
  std::vector<nlohmann::ordered_json> keys_;
  std::vector<Checkpoint> checkpoints_;
  std::vector<std::string> numbers_;
  std::vector<nlohmann::ordered_json> origins_;
  std::vector<std::optional<Instant>> read_to_;
  std::vector<nlohmann::json> others_;  // partitions that are not read this time
  std::size_t last_size_ = 0;
  std::uint64_t last_bytes_ = 0;
  Instant last_time_;
};

}  // namespace source_sentry
