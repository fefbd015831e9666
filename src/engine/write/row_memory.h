#pragma once

#include "engine/plan/stream_plan.h"
#include "engine/state/checkpoint.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Keeps a checkpoint's memory of rows true while its partition is read, and lets it say which
/// rows of the tail, which is read again for the sake of changes, have changed.
class RowMemory {
 public:
  /// Both must outlive the memory.
  RowMemory(const PartitionPlan& plan, Checkpoint& checkpoint)
      : plan_(plan), checkpoint_(checkpoint) {}

  /// Begins a run. Takes the memory out of the checkpoint where the run has no use for it. `usual`:
  /// where the run begins without a tail. Gives where it is to begin.
  Instant begin(bool full_refresh, Instant usual);

  /// Whether a listed row was written before as it is, so that it is not to be written. In a run
  /// without a memory of earlier ones this is said of all rows before `usual`, and always of those
  /// there that have no id.
  bool is_known(const RecordView& row);

  /// The row was written.
  void note(const RecordView& row);

  /// The partition was read to its end. `all`: not only from the middle on.
  void finish(bool all);

  /// Whether anything is remembered.
  bool active() const { return checkpoint_.refresh.has_value(); }
  /// What is; only where it is active.
  KnownRows& rows() { return checkpoint_.refresh->rows; }

  /// Whether the partition is to be swept in this run, see Sweep.
  bool sweep_is_due() const;
  /// Begins a sweep, or resumes one.
  void begin_sweep();
  /// Rows created before that are yet to be listed; kBeginningOfTime: none. Not set: no sweep is
  /// under way.
  const std::optional<Instant>& sweep_down_to() const { return checkpoint_.refresh->sweep_down_to; }
  /// The sweep's list has come down to there.
  void swept_down_to(Instant created);
  void end_sweep() { checkpoint_.refresh->sweep_down_to.reset(); }

 private:
  const PartitionPlan& plan_;
  Checkpoint& checkpoint_;
  bool had_memory_ = false;
  bool reads_all_ = false;
  Instant usual_ = Instant::min();
};

}  // namespace source_sentry
