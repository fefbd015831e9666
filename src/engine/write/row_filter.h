#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fetch/recent_records.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/audit.h"
#include "engine/write/nameless_rows.h"
#include "engine/write/partition_state.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Tells of each listed row of a partition whether it is to be written: it is the partition's own,
/// lies inside of the bounds, was not met before in this run, and is news to what earlier runs have
/// written. Counts what it leaves out and why. Writes nothing.
class RowFilter {
 public:
  /// What a page or a window gave.
  struct Tally {
    std::size_t counted = 0;  ///< distinct rows that the audit wants
    std::size_t older = 0;    ///< rows below the bounds, and set aside
    std::size_t newer = 0;    ///< rows above them, and set aside
    std::optional<Instant> newest;
    std::string newest_of;          ///< partition that has it, where the plan tells several apart
    std::optional<Instant> oldest;  ///< of those counted

    void add(const Tally& page);
  };

  /// On what terms a page is written.
  struct Terms {
    const Window* bounds = nullptr;  ///< where the rows' cursor values must lie; null: anywhere
    /// Rows from there on are expected to come again: repeats of them are left out without a
    /// word.
    Instant known_from = Instant::max();
    /// Rows outside of the bounds are set aside, see `take_strays`; otherwise they are left out.
    bool strays_aside = false;
    std::optional<Instant> server_now{};  ///< when the page was listed
    bool by_row_number = false;           ///< it begins at a row's number, see NamelessRows
  };

  /// The plan and the state must outlive it. `written_before`: records that this run has written
  /// already, by another reader; may be null.
  RowFilter(const PartitionPlan& plan, PartitionState& state, const RecentRecords* written_before)
      : plan_(plan), state_(state), written_before_(written_before), audit_(plan.now) {}

  /// A page, or a slice of it, comes next.
  void begin(const RecordPage& page);
  /// And ends.
  void end(const RecordPage& page);

  /// The row is one of others, which the route lists too and nobody asked for.
  void note_foreign();

  /// Whether the row is met for the first time and lies inside of the bounds. `when`: the time of
  /// its cursor value.
  bool is_wanted(const RecordPage& page, const RecordView& row, std::optional<Instant> when,
                 const Terms& terms, Tally& tally);

  /// Whether a wanted row is news. `names_only`: its record is yet to be fetched, and may tell
  /// more, see `is_news_when_whole`.
  bool is_news(const RecordView& row, std::optional<Instant> when, bool names_only);
  /// Whether the whole record of a row that only named it is.
  bool is_news_when_whole(const RecordView& whole, std::optional<Instant> when);

  /// The record was taken in to be written; as the one of `id`.
  void note(const RecordView& record, std::string_view id, std::optional<Instant> when);

  /// A row that was counted turned out to be gone.
  void take_back(std::optional<Instant> when, Tally& tally);

  /// A row of another time than the server lists it at.
  struct Stray {
    RecordView row;
    Instant when;  ///< where it counts: inside of the bounds
  };
  /// Those rows of the latest page that were set aside, and not met before: the server holds them
  /// to lie inside of `bounds`. They do not move the state, since it knows nothing of what lies
  /// around them.
  std::vector<Stray> take_strays(const Window& bounds, Tally& tally);
  /// The server heeds no bounds: they are left out.
  void leave_strays(const Terms& terms);

  /// From here on nothing that was written is expected to be listed again.
  void forget();
  /// The whole list comes again: rows without an id are known by what they say.
  void begin_pass() { nameless_.begin_pass(); }
  /// A window ends here: the next one may list rows of its edge again, and no more.
  void end_window() { recent_.age(); }

  /// What came twice so far hides nothing: it was looked for in another way.
  void settle_ties() { repeated_ties_ = 0; }
  /// Whatever was tried, so many rows may be missing.
  void note_hidden(std::uint64_t rows) { hidden_ = std::max(hidden_, rows); }
  /// How many may be: others came twice in their place.
  std::uint64_t hidden() const { return nameless_.hiding() + hidden_; }
  const NamelessRows& nameless() const { return nameless_; }

  Audit& audit() { return audit_; }
  const RecentRecords& recent() const { return recent_; }    ///< what was met lately
  std::uint64_t rows() const { return rows_; }               ///< listed, whatever became of them
  std::uint64_t left_out() const { return left_out_; }       ///< of the look back
  std::optional<Instant> oldest() const { return oldest_; }  ///< of all that were wanted
  bool met_saved_second() const {
    return met_saved_second_;
  }  ///< a row of the saved value's second

  /// What was left out and why, for the log; begins with a comma, or is empty.
  std::string summary() const;
  /// Warns of what a reader of the records should know. `in_any_order`: see RecordWriter::warn.
  void warn(bool in_any_order) const;

 private:
  void note_outside(const RecordView& row, Instant when, const Terms& terms, Tally& tally);
  void leave(const RecordView& row, Instant when, const Terms& terms);
  void note_time(Instant when, Tally& tally);
  bool is_late(std::optional<Instant> when) const;
  bool is_left_out(const RecordView& row, std::optional<Instant> when);
  Instant looked_for_until(const RecordView& row, Instant when) const;

  const PartitionPlan& plan_;
  PartitionState& state_;
  const RecentRecords* const written_before_;
  Audit audit_;
  RecentRecords recent_;
  NamelessRows nameless_;
  std::string last_cursor_;        // of the page before
  std::vector<RecordView> aside_;  // rows of the page at hand that lie outside of its bounds
  RecentRecords strays_;           // all that were written
  RecentRecords ahead_;            // dated in the future, and left out
  std::optional<Instant> oldest_;
  bool met_saved_second_ = false;
  std::uint64_t rows_ = 0;
  std::uint64_t foreign_ = 0;  // rows that the route lists and nobody asked for
  std::uint64_t repeats_ = 0;
  std::uint64_t hidden_ = 0;
  std::uint64_t repeated_ties_ = 0;  // of them, those between records of the same time
  std::uint64_t without_id_ = 0;
  std::uint64_t without_cursor_ = 0;
  std::uint64_t stray_count_ = 0;      // of those written
  std::uint64_t outside_ = 0;          // left out because they lie outside of the bounds
  std::uint64_t in_future_ = 0;        // of them, those dated in the future
  Instant furthest_ = Instant::min();  // of those
  std::uint64_t left_out_ = 0;         // of the look back, since earlier runs have written them
  std::uint64_t known_ = 0;  // rows that were read again, and were written by earlier runs
};

}  // namespace source_sentry
