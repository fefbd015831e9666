#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/fetch/fetcher.h"
#include "engine/fetch/page_walk.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_block.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// Finds rows of a partition that changed or were deleted without a new cursor value. First lists
/// all rows by their creation, an order that never changes, and writes those that differ from what
/// is remembered of them. Then asks for the remembered rows that were not listed, and writes a
/// marker for each that is gone. Sends at most kRequests requests in a run; the next run continues.
///
/// It does not move the stream's cursor. Rows outside the partition's bounds are not written. Not
/// thread-safe.
class Sweep {
 public:
  static constexpr std::size_t kRequests = 100;

  /// The partition to sweep, which was read to its end by `plan.routes[route]`. `plan.sweep` must
  /// be set. All must outlive the sweep.
  struct Partition {
    const PartitionPlan& plan;
    std::size_t route;
    PartitionState& state;  ///< remembers the rows
    StreamSink& output;
  };
  explicit Sweep(Partition partition);

  /// Continues the sweep for a few pages. Whether there is more to do in this run. Throws the
  /// ConnectorError of a request that fails for good, or, once the sweep is done, one about listed
  /// entries that are not rows; and Stopped. What was saved is safe.
  bool step(Fetcher& fetcher);

  /// How much was requested and found, for the log.
  std::string summary() const;

 private:
  bool list(Fetcher& fetcher);
  bool ask(Fetcher& fetcher);
  bool ask_for(const Route& route, std::vector<std::string> ids, const std::string& control,
               Fetcher& fetcher);
  bool end();
  void add(const RecordView& row);
  void take(const RecordPage& page);

  const Partition of_;
  std::string cursor_;      // of the next page
  Instant created_before_;  // the end of the list's window
  RecordBlock block_;
  std::size_t requests_ = 0;
  std::uint64_t not_rows_ = 0;  // listed entries that are not rows with an id
  std::uint64_t changed_ = 0;
  std::uint64_t gone_ = 0;
};

}  // namespace source_sentry
