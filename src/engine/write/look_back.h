#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "engine/state/checkpoint.h"

namespace source_sentry {

/// An incremental run looks back before its cursor, and so lists records again. This tells which of
/// them an earlier run has written, by the ids in the checkpoint, and keeps these up to date while
/// the partition is read. An id enters the checkpoint only after its record was written. Not
/// thread-safe.
class LookBack {
 public:
  /// Both must outlive it.
  LookBack(const PartitionPlan& plan, Checkpoint& checkpoint)
      : plan_(plan), checkpoint_(checkpoint) {}

  /// Begins a run. Removes the ids from the checkpoint if the run has no use for them: a full
  /// refresh leaves nothing out.
  void begin(bool full_refresh);

  /// Whether this run keeps ids.
  bool active() const { return active_; }
  /// Whether there are ids from earlier runs.
  bool has_saved() const { return active_ && checkpoint_.written.has_saved(); }

  /// A record of this time was met and will move the cursor: the next run looks back from there.
  void come_to(Instant newest);

  /// Whether an earlier run has written the record, so that this one must not. `until`: look backs
  /// that begin no later than this list it again; usually the record's own time.
  bool is_known(std::string_view id, Instant until);

  /// The record will be written next.
  void note(std::string_view id, Instant until);

  /// All records that were noted are written.
  void gone_out();

  /// Forgets ids that no look back can list again, and those that a state has no room for. Call
  /// this before the checkpoint is saved.
  void tidy();

  /// The partition was read to its end, and the checkpoint has its last cursor value.
  void finish();

 private:
  void add(WrittenIds::Mark mark, Instant until);

  const PartitionPlan& plan_;
  Checkpoint& checkpoint_;
  bool active_ = false;
  std::optional<Instant> began_with_;
  Instant newest_ = Instant::min();   // the newest time that was met
  Instant reaches_ = Instant::min();  // where a look back from there begins
  struct Pending {
    WrittenIds::Mark mark;
    Instant until;
  };
  std::vector<Pending> pending_;
};

}  // namespace source_sentry
