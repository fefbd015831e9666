#pragma once

#include <optional>

#include "engine/fetch/page_walk.h"
#include "engine/plan/list_census.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/record_writer.h"

namespace source_sentry {

/// Reads a list that cannot be asked for by time, from its first page to its last. With page
/// numbers, a row is skipped when another one vanishes above it, so such a list is read again until
/// that brings nothing new. A list that shows a row twice, or fewer rows than the server counts, is
/// read again with other parameters, see in_another_way. Not thread-safe.
class ListReader {
 public:
  enum class End { kDone, kRefused };
  struct Result {
    End end = End::kDone;
    std::optional<Instant> newest;  ///< the newest time of the rows
    Verdict refusal;                ///< if `end` is kRefused
  };

  /// All must outlive it. `last_way`: see RouteChoice.
  ListReader(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer, bool last_way)
      : plan_(plan), state_(state), writer_(writer), last_way_(last_way) {}

  /// Writes all rows that are not older than `oldest_wanted`, if it is set. Throws a ConnectorError
  /// when the list cannot be read to its end, and Stopped.
  Result read(const Route& route, std::optional<Instant> oldest_wanted, Fetcher& fetcher);

 private:
  struct Pass {
    Result result;
    bool may_hide_rows = false;  ///< rows may have moved to pages that were read before
  };
  Pass go_through(const Route& route, std::optional<Instant> oldest_wanted, std::size_t pass_number,
                  bool otherwise, Fetcher& fetcher);

  const PartitionPlan& plan_;
  PartitionState& state_;
  RecordWriter& writer_;
  const bool last_way_;
  ListCensus census_;
};

}  // namespace source_sentry
