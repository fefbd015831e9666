#pragma once

#include <cstdint>
#include <optional>

#include "engine/fetch/fetcher.h"
#include "engine/plan/route_choice.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_writer.h"

namespace source_sentry {

/// Reads a time series by whole days, oldest first, from the place in the partition's state, and
/// moves that place. What is too much for one answer is asked for in fewer days; a day that cannot
/// be read becomes a hole. Not thread-safe.
class SeriesWalk {
 public:
  enum class Turn {
    kMore,        ///< some days were read or left out, and others follow
    kEnd,         ///< all days are done
    kOtherRoute,  ///< this route is refused, and another one was chosen
  };

  /// All must outlive the walk.
  SeriesWalk(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer,
             RouteChoice& routes)
      : plan_(plan), state_(state), writer_(writer), routes_(routes) {}

  /// Reads the next days by `route`, up to the one that `until` lies in. Throws a ConnectorError
  /// when the partition cannot be read any further, and Stopped.
  Turn next(const Route& route, Instant until, Fetcher& fetcher);

  /// Starts over at the place in the state, by whichever route comes next.
  void start_over();

  /// How many windows were read to their ends.
  std::uint64_t windows() const { return windows_; }

 private:
  void begin(Instant until);
  /// Writes the records of these days. If that cannot be done: why.
  std::optional<Verdict> read(const Route& route, const Window& window);
  void done(const Window& window);
  Turn settle(const Route& route, const Window& window, const Verdict& refusal);
  bool answers_elsewhere(const Route& route);

  const PartitionPlan& plan_;
  PartitionState& state_;
  RecordWriter& writer_;
  RouteChoice& routes_;
  Fetcher* fetcher_ = nullptr;  // of the present call of `next`
  std::optional<Window> left_;  // set once reading has begun
  Instant settled_until_;       // older days do not change any more
  int days_ = 1;                // of the next request, at most
  bool answers_ = false;        // the route has answered
  std::uint64_t windows_ = 0;
};

}  // namespace source_sentry
