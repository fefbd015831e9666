#pragma once

#include <optional>
#include <string>

#include "engine/plan/stream_plan.h"
#include "engine/state/checkpoint.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// The second, deeper look of an incremental run, for records that reached the server long after
/// their own time. It lists the stretch before the usual look back once more, and what was received
/// since the last such look is written. Servers cannot be asked for a time of receipt, so the
/// records themselves must tell.
class LateLook {
 public:
  /// The look that `plan` asks for, given how far `checkpoint` says that a stream was read.
  /// `usual`: where the run would begin without it. Nothing if there is no need for one.
  static std::optional<LateLook> make(const PartitionPlan& plan, const Checkpoint& checkpoint,
                                      Instant usual);

  /// The stretch to list again.
  const Window& window() const { return window_; }

  /// Whether a record of that stretch may have been received since the last look. True if it does
  /// not say when it was received.
  bool is_news(const RecordView& record) const;

  /// When the record was received; nothing if it does not say.
  std::optional<Instant> received(const RecordView& record) const;

 private:
  LateLook(Window window, Instant received_from, std::string received_key)
      : window_(window), received_from_(received_from), received_key_(std::move(received_key)) {}

  Window window_;
  Instant received_from_;
  std::string received_key_;
};

}  // namespace source_sentry
