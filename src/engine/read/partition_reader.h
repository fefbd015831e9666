#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/fetch/fetcher.h"
#include "engine/plan/route_choice.h"
#include "engine/plan/stream_plan.h"
#include "engine/read/search_doubt.h"
#include "engine/read/sweep.h"
#include "engine/read/window_walk.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_writer.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// How far a partition has come that is read step by step.
enum class Progress {
  kMore,   ///< another step is to follow
  kDone,   ///< it has come to its end
  kWaits,  ///< it has found nothing, and may know more of that once the others have come so far
};

/// Reads one partition of a stream from its checkpoint to the present and writes its records. One
/// reader serves one run.
class PartitionReader {
 public:
  using Save = PartitionState::Save;

  /// `output` must outlive the reader. `save` is called as records are written. `written_before`:
  /// records that this run has written already; may be null.
  PartitionReader(PartitionPlan plan, StreamSink& output, Checkpoint checkpoint, bool full_refresh,
                  Save save, std::shared_ptr<const RecentRecords> written_before = nullptr);

  /// What others of the run have told already. It must outlive the reader.
  void share(Causes& causes) { state_.share(causes); }

  using Progress = source_sentry::Progress;

  /// Reads on: to the end of a window, or of a list that has none. kWaits when nothing was found,
  /// and other partitions that share the plan's `trust` may prove meanwhile that this can be
  /// believed: the next step is to come when they are read. Throws a ConnectorError when the
  /// partition cannot go on, or has come to its end with holes; what was saved is safe: it covers
  /// what was written up to the first hole. Steps may come from different threads, one after the
  /// other, each with its own fetcher.
  Progress step(Fetcher& fetcher);

  /// How far the partition is safely written.
  const Checkpoint& checkpoint() const { return state_.safe(); }

  /// Of a partition that was read to its end: the time before which it has nothing that was not
  /// written. Nothing where that is not sure, because it is suspiciously empty, or came by a route
  /// that is not the preferred one.
  std::optional<Instant> read_to() const;

  /// Of a batch that cannot go on: where its partitions do by themselves, whether it has looked
  /// back for all of them, and what was written behind that place.
  Checkpoint place() const { return state_.place(); }
  bool has_looked_back() const { return state_.looked_back(); }
  const RecentRecords& recent() const { return writer_.filter().recent(); }

  /// For people: the stream, and the partition if it has a name.
  const std::string& name() const { return state_.name(); }

  /// How much it asked for and got, for the log.
  std::string summary() const;

 private:
  using Turn = WindowWalk::Turn;

  /// To its end: kEnd or kOtherRoute.
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
  SearchDoubt search_;
  std::optional<Sweep> sweep_;  // once the partition was read to its end
  Instant until_;               // nothing from here on is read
  std::uint64_t pages_before_look_ = 0;
  std::size_t looks_ = 0;
  bool doubted_ = false;  // it is empty where it held data
};

}  // namespace source_sentry
