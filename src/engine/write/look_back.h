#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "engine/state/checkpoint.h"

namespace source_sentry {

/// Keeps a checkpoint's ids of written records true while its partition is read, and tells which of
/// the records that an incremental run lists again, because it looks back before its cursor, were
/// written by an earlier one. An id is noted once its record has gone out, never before.
class LookBack {
 public:
  /// Both must outlive it.
  LookBack(const PartitionPlan& plan, Checkpoint& checkpoint)
      : plan_(plan), checkpoint_(checkpoint) {}

  /// Begins a run. Takes the ids out of the checkpoint where the run has no use for them: a full
  /// refresh leaves nothing out.
  void begin(bool full_refresh);

  bool active() const { return active_; }
  bool has_saved() const { return active_ && checkpoint_.written.has_saved(); }

  /// A record of that time was met, which will move the cursor: the next look back is from there.
  void come_to(Instant newest);

  /// Whether an earlier run has written it; then it is not to be written. `until`: it is listed
  /// again by look backs that come to there, which is its time as a rule.
  bool is_known(std::string_view id, Instant until);

  /// The record is on its way out.
  void note(std::string_view id, Instant until);

  /// All that was noted has gone out.
  void gone_out();

  /// Forgets what no look back comes to any more, or no state has room for. Due before the
  /// checkpoint is saved.
  void tidy();

  /// The partition was read to its end, and the checkpoint has come there.
  void finish();

 private:
  void add(WrittenIds::Mark mark, Instant until);

  const PartitionPlan& plan_;
  Checkpoint& checkpoint_;
  bool active_ = false;
  std::optional<Instant> began_with_;
  Instant newest_ = Instant::min();   // of all that were met
  Instant reaches_ = Instant::min();  // a look back from there
  struct Pending {
    WrittenIds::Mark mark;
    Instant until;
  };
  std::vector<Pending> pending_;
};

}  // namespace source_sentry
