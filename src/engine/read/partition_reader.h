#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/custom/custom_walk.h"
#include "engine/fetch/fetcher.h"
#include "engine/plan/route_choice.h"
#include "engine/plan/stream_plan.h"
#include "engine/read/search_doubt.h"
#include "engine/read/sweep.h"
#include "engine/read/window_walk.h"
#include "engine/series/series_walk.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_writer.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// What is to be done after a step of a partition.
enum class Progress {
  kMore,   ///< the next step
  kDone,   ///< nothing: it is read to its end
  kWaits,  ///< the next step, once the stream's other partitions are read
};

/// Reads one partition of a stream from its checkpoint to the present and writes its records. One
/// reader serves one run. Not thread-safe.
class PartitionReader {
 public:
  using Save = PartitionState::Save;

  /// `output` must outlive the reader. `full_refresh`: reads everything, whatever the checkpoint
  /// says was written. `save` is given each new checkpoint, once the records that it covers are
  /// written. `written_before`: records that this run has written already; may be null.
  PartitionReader(PartitionPlan plan, StreamSink& output, Checkpoint checkpoint, bool full_refresh,
                  Save save, std::shared_ptr<const RecentRecords> written_before = nullptr);

  /// `causes`: the errors that the run has reported already; must outlive the reader.
  void share(Causes& causes) { state_.share(causes); }

  using Progress = source_sentry::Progress;

  /// Reads the next window to its end, or the whole list if it has no windows. kWaits: nothing was
  /// found, and the other partitions that share the plan's `trust` may show whether that can be
  /// believed. Throws a ConnectorError when the partition cannot be read any further, or was read
  /// to its end with holes; and Stopped. The saved checkpoint is then safe: it covers what was
  /// written up to the first hole. Steps may run on different threads, one after the other, each
  /// with its own fetcher.
  Progress step(Fetcher& fetcher);

  /// How far the partition is safely written.
  const Checkpoint& checkpoint() const { return state_.safe(); }

  /// For a partition that was read to its end: everything older than this time is written. Nothing
  /// if that is not certain, because the partition is suspiciously empty, or was not read by its
  /// preferred route.
  std::optional<Instant> read_to() const;

  /// For a batch that cannot be read any further: the place where its partitions continue by
  /// themselves, whether it has looked back for all of them, and the records that were written
  /// after that place.
  Checkpoint place() const { return state_.place(); }
  bool has_looked_back() const { return state_.looked_back(); }
  const RecentRecords& recent() const { return writer_.filter().recent(); }

  /// For people: the name of the stream, and of the partition if it has one.
  const std::string& name() const { return state_.name(); }

  /// How much was requested and written, for the log.
  std::string summary() const;

 private:
  Progress go_on(Fetcher& fetcher);
  using Turn = WindowWalk::Turn;

  /// Reads what comes next by the partition's way of being read.
  Turn take_turn(const Route& route);
  /// Reads a list without windows to its end. kEnd or kOtherRoute.
  Turn read_list(const Route& route);
  bool should_hold_data() const;

  bool doubted_route_answers();
  SearchDoubt::Answer question_nothing();
  void leave_search();
  void begin_anew();
  [[noreturn]] void fail_for_ties();
  bool look_again();
  void report_lost_interval() const;
  void compare_counts();
  [[noreturn]] void leave_empty_batch();
  void finish();

  PartitionPlan plan_;
  StreamSink& output_;
  Fetcher* fetcher_ = nullptr;  // of the step under way
  const std::shared_ptr<const RecentRecords> written_before_;
  PartitionState state_;
  RouteChoice routes_;
  RecordWriter writer_;
  WindowWalk windows_;
  SeriesWalk series_;
  std::optional<CustomWalk> custom_;  // of a stream of the configuration's own
  SearchDoubt search_;
  std::optional<Sweep> sweep_;  // set once the partition was read to its end
  Instant until_;               // only what is older is read
  std::uint64_t pages_before_look_ = 0;
  std::size_t looks_ = 0;
  bool doubted_ = false;  // it is empty where it held data
};

}  // namespace source_sentry
