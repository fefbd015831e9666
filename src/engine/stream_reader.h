#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/audit.h"
#include "engine/checkpoint.h"
#include "engine/fetcher.h"
#include "engine/holes.h"
#include "engine/late_look.h"
#include "engine/page_walk.h"
#include "engine/progress.h"
#include "engine/record_writer.h"
#include "engine/route_choice.h"
#include "engine/row_memory.h"
#include "engine/stream_plan.h"
#include "engine/sweep.h"
#include "engine/window_planner.h"
#include "engine/window_reader.h"
#include "protocol/stream_output.h"

namespace source_sentry {

/// Reads one partition of a stream from its checkpoint to the present and writes its records. One
/// reader serves one run.
class StreamReader {
 public:
  /// About so many rows make a window. Small enough that a window is soon done and the server's
  /// offset paging stays cheap, large enough that half-full last pages cost about 1 %.
  static constexpr std::size_t kWindowRows = 2000;
  static constexpr std::size_t kWindowPages = 50;

  /// Takes over how far the partition is written, and writes a STATE when one is due.
  using Save = std::function<void(const Checkpoint&)>;

  /// `output` must outlive the reader. `save` is called as records are written. `written_before`:
  /// records that this run has written already; may be null.
  StreamReader(PartitionPlan plan, StreamOutput& output, Checkpoint checkpoint, bool full_refresh,
               Save save, std::shared_ptr<const RecentRecords> written_before = nullptr);

  using Progress = source_sentry::Progress;

  /// Reads on: to the end of a window, or of a list that has none. kStopped when a stop was
  /// requested on the way. Throws a ConnectorError when the partition cannot go on, or has come to
  /// its end with holes; what was saved is safe: it covers what was written up to the first hole.
  /// Steps may come from different threads, one after the other, each with its own fetcher.
  Progress step(Fetcher& fetcher);

  /// How far the partition is safely written.
  const Checkpoint& checkpoint() const { return holes_.before() ? *holes_.before() : checkpoint_; }

  /// Of a partition that was read to its end: the time before which it has nothing that was not
  /// written. Nothing where that is not sure, because it is suspiciously empty, or came by a route
  /// that is not the preferred one.
  std::optional<Instant> read_to() const;

  /// Of a batch that cannot go on: where its partitions do by themselves, whether it has looked
  /// back for all of them, and what was written behind that place.
  Checkpoint place() const;
  bool has_looked_back() const { return looked_back_; }
  const RecentRecords& recent() const { return writer_.recent(); }

  /// For people: the stream, and the partition if it has a name.
  const std::string& name() const { return name_; }

  /// How much it asked for and got, for the log.
  std::string summary() const;

 private:
  using Tally = RecordWriter::Tally;
  enum class Outcome { kMore, kDone, kStopped, kOtherRoute, kBadPosition, kTooMuch };

  Outcome read_list(const Route& route);
  Outcome read_next_window(const Route& route);
  /// Gets a walk's first page, without asking ahead: it decides whether more is read at all. What
  /// to do instead when there is none.
  std::optional<Outcome> take_first_page(PageWalk& walk);
  Outcome prove_windows(const Route& route, bool& proven);
  Outcome finish_window(const Route& route);
  Outcome finish_window_or_leave_it(const Route& route);
  Outcome read_window(const Route& route, const WindowPlanner::Step& step, bool& read);
  Outcome read_window_or_leave_it(const Route& route, const WindowPlanner::Step& step, bool& read);
  Outcome read_rest(const WindowReader::Task& task, const Window& whole, PageWalk& walk,
                    Tally total);
  Outcome refused(const Verdict& refusal);
  void save();
  void note_late(Instant read_until);
  bool should_hold_data() const;

  Window wanted_of(const Window& window) const;
  bool doubted_route_answers();
  void start_over_windows();
  bool look_again();
  void report_lost_interval() const;
  void compare_counts();
  [[noreturn]] void leave_empty_batch();
  void finish();
  Instant start_of_reading() const;

  PartitionPlan plan_;
  StreamOutput& output_;
  Fetcher* fetcher_ = nullptr;  // of the step under way
  const std::string name_;
  Checkpoint checkpoint_;
  const bool full_refresh_;
  const Save save_;
  const std::shared_ptr<const RecentRecords> written_before_;
  std::optional<RouteChoice> route_;  // set from the beginning
  Checkpoint began_with_;
  std::optional<WindowPlanner> windows_left_;  // set once the reading by windows has begun
  Instant recent_until_ = Instant::min();  // end of the windows that may repeat what was written
  Holes holes_;
  std::optional<Instant> oldest_wanted_;  // exact, where windows are cut to seconds
  std::optional<LateLook> late_;
  bool looks_for_all_late_ = false;
  RowMemory memory_;
  std::optional<Sweep> sweep_;  // once the partition was read to its end
  bool windows_ignored_ = false;
  Audit audit_;
  Instant until_;                      // nothing from here on is read
  std::optional<Instant> server_now_;  // as of the latest answer
  std::uint64_t pages_before_look_ = 0;
  std::size_t looks_ = 0;
  std::uint64_t windows_ = 0;
  bool looked_back_ = false;
  bool doubted_ = false;  // it is empty where it held data
  RecordWriter writer_;
  WindowReader window_reader_;
};

}  // namespace source_sentry
