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

/// Decides for each listed row of a partition whether to write it: the row must be the partition's
/// own, lie within the bounds, not have been met before in this run, and not be known from earlier
/// runs. Counts what it leaves out and why. Writes nothing. Not thread-safe.
class RowFilter {
 public:
  /// What a page or a window gave.
  struct Tally {
    std::size_t counted = 0;  ///< distinct rows that take part in the audit
    std::size_t older = 0;    ///< rows older than the bounds, which were set aside
    std::size_t newer = 0;    ///< rows newer than the bounds, which were set aside
    std::optional<Instant> newest;
    std::string newest_of;          ///< the partition that has it, if the plan tells several apart
    std::optional<Instant> oldest;  ///< of those counted

    /// Adds the tally of a page to that of its window.
    void add(const Tally& page);
  };

  /// How the rows of a page are judged.
  struct Terms {
    const Window* bounds = nullptr;  ///< where the rows' cursor values must lie; null: anywhere
    /// Rows of this time and newer are expected to come again: repeats of them are not counted.
    Instant known_from = Instant::max();
    /// Rows outside the bounds are set aside, see `take_strays`. Otherwise they are left out.
    bool strays_aside = false;
    std::optional<Instant> server_now{};  ///< when the page was listed
    bool by_row_number = false;           ///< the page begins at a row's number, see NamelessRows
  };

  /// The plan and the state must outlive the filter. `written_before`: records that another writer
  /// has written in this run; may be null.
  RowFilter(const PartitionPlan& plan, PartitionState& state, const RecentRecords* written_before)
      : plan_(plan), state_(state), written_before_(written_before), audit_(plan.now) {}

  /// A page, or a slice of it, begins.
  void begin(const RecordPage& page);
  /// It ends.
  void end(const RecordPage& page);

  /// A row belongs to somebody else: the route lists such rows too.
  void note_foreign();

  /// Whether the row is met for the first time and lies within the bounds. `when`: the time that
  /// its cursor value says; nothing if it says none. Adds the row to the page's `tally`.
  bool is_wanted(const RecordPage& page, const RecordView& row, std::optional<Instant> when,
                 const Terms& terms, Tally& tally);

  /// Whether a wanted row is news. `names_only`: the row only names a record, which is yet to be
  /// fetched and may tell more, see `is_news_when_whole`.
  bool is_news(const RecordView& row, std::optional<Instant> when, bool names_only);
  /// The same question once the whole record of such a row is there.
  bool is_news_when_whole(const RecordView& whole, std::optional<Instant> when);

  /// The record, which goes by this id, will be written next.
  void note(const RecordView& record, std::string_view id, std::optional<Instant> when);

  /// A row that was counted turned out to be gone.
  void take_back(std::optional<Instant> when, Tally& tally);

  /// A row that the server lists at another time than the row itself says.
  struct Stray {
    RecordView row;
    Instant when;  ///< the time that it counts for, within the bounds
  };
  /// The rows of the latest page that were set aside and not met before: to the server they lie
  /// within `bounds`. They do not move the state, because nothing is known of what lies around
  /// their own times.
  std::vector<Stray> take_strays(const Window& bounds, Tally& tally);
  /// Leaves these rows out instead, because the server ignores bounds.
  void leave_strays(const Terms& terms);

  /// Everything is read and written again: forgets which rows were met.
  void forget();
  /// The whole list is read again: rows without an id are recognised by their contents.
  void begin_pass() { nameless_.begin_pass(); }
  /// A window ends. The next one may list rows of their common edge again, but no others.
  void end_window() { recent_.age(); }

  /// The repeats so far hide no other rows: this was checked in another way.
  void settle_ties() { repeated_ties_ = 0; }
  /// So many rows may be missing, after everything was tried.
  void note_hidden(std::uint64_t rows) { hidden_ = std::max(hidden_, rows); }
  /// How many rows may be missing, because others came twice in their place.
  std::uint64_t hidden() const { return nameless_.hiding() + hidden_; }
  const NamelessRows& nameless() const { return nameless_; }

  Audit& audit() { return audit_; }
  const RecentRecords& recent() const { return recent_; }    ///< what was met lately
  std::uint64_t rows() const { return rows_; }               ///< listed, whatever became of them
  std::uint64_t left_out() const { return left_out_; }       ///< known from an earlier look back
  std::optional<Instant> oldest() const { return oldest_; }  ///< of all that were wanted
  /// Whether a row of the saved cursor value's own second was met.
  bool met_saved_second() const { return met_saved_second_; }

  /// What was left out and why, for the log; begins with a comma, or is empty.
  std::string summary() const;
  /// Logs warnings of what users of the records should know. `in_any_order`: the server ignores
  /// windows, and so may list rows of one time in any order.
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
  std::vector<RecordView> aside_;  // rows of the present page outside its bounds
  RecentRecords strays_;           // all that were written
  RecentRecords ahead_;            // dated in the future, and left out
  std::optional<Instant> oldest_;
  bool met_saved_second_ = false;
  std::uint64_t rows_ = 0;
  std::uint64_t foreign_ = 0;  // rows that belong to somebody else
  std::uint64_t repeats_ = 0;
  std::uint64_t hidden_ = 0;
  std::uint64_t repeated_ties_ = 0;  // of them, those between records of the same time
  std::uint64_t without_id_ = 0;
  std::uint64_t without_cursor_ = 0;
  std::uint64_t stray_count_ = 0;      // of those written
  std::uint64_t outside_ = 0;          // left out because they are older than the bounds
  std::uint64_t in_future_ = 0;        // left out because they are dated in the future
  Instant furthest_ = Instant::min();  // the latest date of those
  std::uint64_t left_out_ = 0;         // of the look back: earlier runs have written them
  std::uint64_t known_ = 0;            // other rows that earlier runs have written
};

}  // namespace source_sentry
