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

/// Goes through all rows of a partition, in the order of their creation, which never changes, and
/// writes those whose state differs from the known one; then asks for the known ones that it did
/// not come by, and writes a marker for each that is gone. It takes kRequests requests of a run at
/// most; what is left is for the next run.
///
/// Neither moves the cursor. Rows outside of the bounds of the partition are not written.
class Sweep {
 public:
  static constexpr std::size_t kRequests = 100;

  /// The partition that is swept, which has been read to its end by `plan.routes[route]`. All must
  /// outlive the sweep.
  struct Partition {
    const PartitionPlan& plan;
    std::size_t route;
    PartitionState& state;  ///< with a memory of its rows
    StreamSink& output;
  };
  explicit Sweep(Partition partition);

  /// Sweeps on; whether there is more to do in this run. Throws the ConnectorError of a request
  /// that fails for good, or once it is done one that says of listed entries that are no rows; what
  /// was saved is safe.
  bool step(Fetcher& fetcher);

  /// How much it asked for and found, for the log.
  std::string summary() const;

 private:
  bool list(Fetcher& fetcher);
  bool ask(Fetcher& fetcher);
  bool ask_for(const Route& route, std::vector<std::string> ids, const std::string& control,
               Fetcher& fetcher);
  bool end();
  void take(const RecordPage& page);

  const Partition of_;
  std::string cursor_;      // of the page to go on with
  Instant created_before_;  // what its list is asked for
  RecordBlock block_;
  std::size_t requests_ = 0;
  std::uint64_t not_rows_ = 0;  // listed, and no rows with an id
  std::uint64_t changed_ = 0;
  std::uint64_t gone_ = 0;
};

}  // namespace source_sentry
