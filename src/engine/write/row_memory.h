#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "engine/state/checkpoint.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Keeps a checkpoint's memory of rows up to date while its partition is read. Tells which rows of
/// the tail, which is read again to find changes, have changed. Not thread-safe.
class RowMemory {
 public:
  /// Both must outlive the memory.
  RowMemory(const PartitionPlan& plan, Checkpoint& checkpoint)
      : plan_(plan), checkpoint_(checkpoint) {}

  /// Begins a run, and returns where it must begin. `usual`: where it would begin without a tail.
  /// Removes the memory from the checkpoint if the run has no use for it.
  Instant begin(bool full_refresh, Instant usual);

  /// Whether a listed row was written before in its present form, so that it must not be written
  /// again. If earlier runs left no memory, all rows older than `usual` count as known. Rows older
  /// than `usual` that have no id always do.
  bool is_known(const RecordView& row);

  /// The row was written.
  void note(const RecordView& row);

  /// Where rows are known by their whole contents: the ids of those that this run, which has read
  /// the list to its end by `route`, did not see any more. None where nothing at all was listed:
  /// the rows are more likely hidden than gone; and none where earlier runs used another route.
  std::vector<std::string> gone(const std::string& route);

  /// The partition was read to its end. `all`: from its beginning, and not from the middle on.
  void finish(bool all);

  /// Whether it remembers every row of a list that is read whole: a run begins at its first row,
  /// and passes over those that are known.
  bool spans_all() const { return active() && !plan_.in_windows; }
  /// Whether it spans all and has grown enough since this was last said, by a sixteenth: a state
  /// with so many rows is long.
  bool is_worth_saving();

  /// Whether anything is remembered.
  bool active() const { return checkpoint_.refresh.has_value(); }
  /// What is remembered. Requires `active`, as everything below does but `sweep_is_due`.
  KnownRows& rows() { return checkpoint_.refresh->rows; }
  const KnownRows& rows() const { return checkpoint_.refresh->rows; }

  /// Whether this run must sweep the partition, see Sweep.
  bool sweep_is_due() const;
  /// Begins a sweep, or resumes the one under way.
  void begin_sweep();
  /// Rows created before this are yet to be listed by the sweep; kBeginningOfTime: none are. Not
  /// set: no sweep is under way.
  const std::optional<Instant>& sweep_down_to() const { return checkpoint_.refresh->sweep_down_to; }
  /// The sweep under way has listed all rows created at `created` or later.
  void swept_down_to(Instant created);
  void end_sweep() { checkpoint_.refresh->sweep_down_to.reset(); }

 private:
  std::uint64_t fingerprint_of(const RecordView& row) const;

  const PartitionPlan& plan_;
  Checkpoint& checkpoint_;
  bool had_memory_ = false;
  bool reads_all_ = false;
  std::size_t noted_ = 0;  // since it was last worth saving
  Instant usual_ = Instant::min();
};

}  // namespace source_sentry
