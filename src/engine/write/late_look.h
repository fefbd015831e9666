#pragma once

#include <optional>
#include <string>

#include "engine/plan/stream_plan.h"
#include "engine/state/checkpoint.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// The second, deeper look of an incremental run for records that reached the server long after
/// their own time: the stretch before the usual look back is listed once more, and what was
/// received since the last such look is written. Servers cannot be asked by that time, so the
/// records themselves tell.
class LateLook {
 public:
  /// The look that `plan` asks for after what `checkpoint` says was read. `usual`: where the run
  /// begins without it. Nothing when it is not asked for.
  static std::optional<LateLook> make(const PartitionPlan& plan, const Checkpoint& checkpoint,
                                      Instant usual);

  /// The stretch that is looked at.
  const Window& window() const { return window_; }

  /// Whether a record of that stretch may have come since the last look; one that does not say when
  /// it was received may.
  bool is_news(const RecordView& record) const;

  /// When it was received; nothing where it does not say.
  std::optional<Instant> received(const RecordView& record) const;

 private:
  LateLook(Window window, Instant received_from, std::string received_key)
      : window_(window), received_from_(received_from), received_key_(std::move(received_key)) {}

  Window window_;
  Instant received_from_;
  std::string received_key_;
};

}  // namespace source_sentry
