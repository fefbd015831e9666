#pragma once

#include <optional>

#include "engine/fetch/page_walk.h"
#include "engine/plan/list_census.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/record_writer.h"

namespace source_sentry {

/// Reads a list that cannot be asked for by time, from its first page to its last. Pages that go by
/// number hide a row when another vanishes above it, so such a list is gone through until that
/// brings nothing new. One that shows a row twice, or fewer than it counts, is had in another way.
class ListReader {
 public:
  enum class End { kDone, kRefused };
  struct Result {
    End end = End::kDone;
    std::optional<Instant> newest;  ///< of the rows
    Verdict refusal;                ///< of a list that is refused
  };

  /// All must outlive it. `last_way`: see RouteChoice.
  ListReader(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer, bool last_way)
      : plan_(plan), state_(state), writer_(writer), last_way_(last_way) {}

  /// Writes the rows from `oldest_wanted` on, or all. Throws a ConnectorError when the list cannot
  /// be read to its end.
  Result read(const Route& route, std::optional<Instant> oldest_wanted, Fetcher& fetcher);

 private:
  struct Pass {
    Result result;
    bool may_hide_rows = false;
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
