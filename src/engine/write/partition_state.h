#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/expand/visit_pass.h"
#include "engine/plan/stream_plan.h"
#include "engine/state/checkpoint.h"
#include "engine/write/holes.h"
#include "engine/write/late_look.h"
#include "engine/write/look_back.h"
#include "engine/write/row_memory.h"

namespace source_sentry {

/// How far one partition is written: where the run began, how far it has come, and what could not
/// be read on the way. Nothing else changes that. Must outlive the pages, windows and lists that
/// report to it. Not thread-safe: one thread at a time reads a partition.
class PartitionState {
 public:
  /// Takes in how far the partition is written, and writes a STATE if one is due.
  using Save = std::function<void(const Checkpoint&)>;

  /// Begins a run at `saved`. `name`: the partition's, for people. The plan must outlive the state.
  PartitionState(const PartitionPlan& plan, std::string name, Checkpoint saved, bool full_refresh,
                 Save save);
  PartitionState(const PartitionState&) = delete;  // its parts point into it
  PartitionState& operator=(const PartitionState&) = delete;

  /// The causes that the run has logged already. Must outlive the state.
  void share(Causes& causes) { holes_.share(causes); }

  const std::string& name() const { return name_; }
  bool full_refresh() const { return full_refresh_; }

  /// Where the run began.
  const Checkpoint& began_with() const { return began_with_; }
  /// How far it has come, holes or not.
  const std::optional<Position>& position() const { return checkpoint_.position; }
  const std::optional<Instant>& high_water() const { return checkpoint_.high_water; }
  /// Older rows are not wanted. Exact, while windows begin at whole seconds. Nothing: all are.
  const std::optional<Instant>& oldest_wanted() const { return oldest_wanted_; }
  /// The second look, for records that arrived late; nothing if the run takes none.
  const std::optional<LateLook>& late() const { return late_; }
  /// When the last pass began that visited every parent of its children; nothing if none has, or
  /// all children are to be read.
  std::optional<Instant> children_since() const {
    return full_refresh_ || visits_.of_all() ? std::nullopt : began_with_.children_until;
  }
  /// Whether a window was read from its beginning, and so the whole look back was.
  bool looked_back() const { return looked_back_; }

  /// How far the partition is safely written: up to the first hole, or row that was left.
  const Checkpoint& safe() const {
    if (visits_.before()) return *visits_.before();
    return holes_.before() ? *holes_.before() : checkpoint_;
  }
  /// For a batch that cannot go on: where its partitions continue on their own.
  Checkpoint place() const;

  /// The reading of a window begins.
  void window_begun() { before_window_ = checkpoint_.position; }
  /// The window that begins at `from` is written down to `page`. Saves.
  void page_done(Instant from, PagePosition page);
  /// No saved page of this window is a place to resume from: returns to where it began. Saves.
  void take_back_pages();
  /// The server refuses the saved page: its window is read from the beginning.
  void leave_page();

  /// What is known of a window that was read to its end.
  struct ReadWindow {
    Window window;
    std::optional<Instant> newest;  ///< of its records
    std::string newest_of{};        ///< the partition that has it, if there are several
    bool from_beginning = true;     ///< false: only the rest of it was read
    bool last = false;              ///< `finish` follows, and so nothing is saved yet
  };
  void window_done(const ReadWindow& read);
  /// A window was left out, as a hole says; the next one begins at `end`.
  void window_left(Instant end);
  /// A list without windows was read to its end.
  void list_done(std::optional<Instant> newest);
  /// The partition was read to its end: everything before `until` is written.
  void finish(Instant until);

  /// Returns to where the run began, without holes: everything is read again.
  void begin_anew();
  /// Undoes the run: returns to where it began, with the look back still to do. Holes stay.
  void take_back();

  /// Writes a STATE of what is safely written, if one is due.
  void save();

  /// What could not be read. The functions below add to it, and throw after so many failures in a
  /// row that the server must be down, see Holes.
  const Holes& holes() const { return holes_; }
  void lose_window(const Window& window, const ConnectorError& why, bool narrowed = false);
  void lose_row(const std::string& where, const ConnectorError& why);
  void lose_record(std::string_view id, const ConnectorError& why);
  void lose_refused_record(std::string_view id, const ConnectorError& why);
  /// A list of children. Where all rows are remembered, it is read again however far the state is.
  void lose_list(const std::string& what, const ConnectorError& why);
  void lose_refused_list(const std::string& what, const ConnectorError& why);
  void lose_entries(std::size_t count, const Window* window);
  void failed_once(const ConnectorError& why) { holes_.failed_once(why); }
  [[noreturn]] void give_up(const ConnectorError& why) { holes_.give_up(why); }
  void went_well() { holes_.went_well(); }

  /// The ids of written records, which tell the rows that the look back lists again.
  LookBack& look_back() { return look_back_; }
  const LookBack& look_back() const { return look_back_; }
  /// The visits of rows for their children.
  VisitPass& visits() { return visits_; }
  const VisitPass& visits() const { return visits_; }
  /// A row was visited for its children, and need not be visited again unless it moves.
  void note_visit(const RecordView& row, std::optional<Instant> when);
  /// A row that wants a visit is left to the next run.
  void leave_visit();
  /// The rows whose changes are looked for.
  RowMemory& memory() { return memory_; }
  const RowMemory& memory() const { return memory_; }

 private:
  void note_late(Instant read_until);
  bool note_partial();

  const PartitionPlan& plan_;
  const std::string name_;
  const bool full_refresh_;
  const Save save_;
  Checkpoint checkpoint_;
  LookBack look_back_;
  RowMemory memory_;
  VisitPass visits_;
  Holes holes_;
  std::optional<LateLook> late_;
  bool looks_for_all_late_ = false;
  std::optional<Instant> oldest_wanted_;
  Checkpoint began_with_;
  std::optional<Position> before_window_;
  bool looked_back_ = false;
};

}  // namespace source_sentry
