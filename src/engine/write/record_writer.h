#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/fetch/recent_records.h"
#include "engine/plan/stream_plan.h"
#include "engine/write/audit.h"
#include "engine/write/holes.h"
#include "engine/write/late_look.h"
#include "engine/write/look_back.h"
#include "engine/write/nameless_rows.h"
#include "engine/write/record_block.h"
#include "engine/write/row_memory.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// Writes the pages of a partition as record lines: the rows inside the bounds, each once,
/// completed or fetched where the plan says so. Keeps count of what it meets; what cannot be
/// written becomes a hole.
class RecordWriter {
 public:
  /// What a page or a window gave.
  struct Tally {
    std::size_t counted = 0;  ///< distinct rows that the audit wants
    std::size_t older = 0;    ///< rows below the bounds, and set aside
    std::size_t newer = 0;    ///< rows above them, and set aside
    std::optional<Instant> newest;
    std::string newest_of;          ///< partition that has it, where the plan tells several apart
    std::optional<Instant> oldest;  ///< of those counted
    bool cut_short = false;         ///< a stop came in the middle of the page

    void add(const Tally& page);
  };

  /// Whose pages they are. All must outlive the writer, which reads them as they are when it
  /// writes.
  struct Context {
    const PartitionPlan& plan;
    const std::string& name;  ///< for people
    StreamSink& output;
    const Checkpoint& began_with;  ///< as it was saved
    const Checkpoint& checkpoint;  ///< how far it is written now
    const std::optional<LateLook>& late;
    LookBack& look_back;
    RowMemory& memory;
    const Audit& audit;
    Holes& holes;
    const RecentRecords* written_before;  ///< in this run, by another writer; may be null
  };
  explicit RecordWriter(Context context) : of_(context), block_(of_.output) {}

  /// On what terms a page is written.
  struct Terms {
    const Window* bounds = nullptr;  ///< where the rows' cursor values must lie; null: anywhere
    /// Rows from there on are expected to come again: repeats of them are left out without a
    /// word.
    Instant known_from = Instant::max();
    /// Rows outside of the bounds are set aside, for `write_strays` or `leave_strays`; otherwise
    /// they are left out.
    bool strays_aside = false;
    std::optional<Instant> server_now{};  ///< when the page was listed
    bool by_row_number = false;           ///< it begins at a row's number, see NamelessRows
  };

  /// Writes the rows of a page, or of a slice of it, that came by `route`. Throws a
  /// ConnectorError when so much fails that the partition cannot go on.
  Tally write(const RecordPage& page, const Route& route, const Terms& terms, Fetcher& fetcher);

  /// Writes the rows that the latest page has set aside: the server holds them to lie inside of
  /// the bounds. They do not move the state, since it knows nothing of what lies around them.
  Tally write_strays(const Route& route, const Window& bounds, Fetcher& fetcher);

  /// Leaves them out: the server heeds no bounds.
  void leave_strays(const Terms& terms);

  /// Part of a window cannot be read, and what lies around it can.
  void leave_out(const Window& window, const ConnectorError& why) {
    of_.holes.add_window(window, why, of_.checkpoint);
  }

  /// A row is stepped over, see PageWalk.
  void lose_row(const std::string& where, const ConnectorError& why) {
    of_.holes.add_row(where, why, of_.checkpoint);
  }

  /// What was written lately.
  const RecentRecords& recent() const { return recent_; }

  /// From here on nothing that was written is expected to be listed again.
  void forget() {
    recent_ = RecentRecords();
    nameless_ = NamelessRows();
    hidden_ = 0;
  }

  /// The whole list comes again: rows without an id are known by what they say.
  void begin_pass() { nameless_.begin_pass(); }
  const NamelessRows& nameless() const { return nameless_; }

  /// What came twice so far hides nothing: it was looked for in another way.
  void settle_ties() { repeated_ties_ = 0; }
  /// Whatever was tried, so many rows may be missing.
  void note_hidden(std::uint64_t rows) { hidden_ = std::max(hidden_, rows); }
  /// How many may be: others came twice in their place.
  std::uint64_t hidden() const { return nameless_.hiding() + hidden_; }

  /// A window ends here: the next one may list rows of its edge again, and no more.
  void end_window() { recent_.age(); }

  std::uint64_t written() const { return written_; }  ///< records
  /// Records that this run has met first, written or left out of the look back.
  std::uint64_t met() const { return written_ + left_out_; }
  std::uint64_t pages() const { return pages_; }
  std::uint64_t rows() const { return rows_; }  ///< listed, whatever became of them
  std::optional<Instant> oldest() const { return oldest_; }
  /// Whether a record of the saved cursor value's own second was met.
  bool met_saved_second() const { return met_saved_second_; }

  /// How much it wrote, in how many windows, for the log.
  std::string summary(std::uint64_t windows) const;

  /// Warns of what a reader of the records should know, what is dated in the future included.
  /// `in_any_order`: the server does not heed windows, and so is known to keep records of the
  /// same time in no fixed order.
  void warn(bool in_any_order) const;

 private:
  bool is_wanted(const RecordPage& page, const RecordView& record, std::optional<Instant> when,
                 const Terms& terms, Tally& tally);
  void note_outside(const RecordView& record, Instant when, const Terms& terms, Tally& tally);
  void leave(const RecordView& record, Instant when, const Terms& terms);
  void take(const RecordView& record, const Route& route, std::optional<Instant> when,
            Fetcher& fetcher);
  void note_time(Instant when, Tally& tally);
  bool is_late(std::optional<Instant> when) const;
  bool is_known(const RecordView& record, std::optional<Instant> when);
  bool is_left_out(const RecordView& record, std::optional<Instant> when);
  Instant looked_for_until(const RecordView& record, Instant when) const;
  bool is_unchanged(const RecordView& record);
  bool append(const RecordView& record, Fetcher& fetcher);
  void note(const RecordView& record, std::string_view id, std::optional<Instant> when);
  void write_block();
  bool add_filled(std::string_view json);
  void append_details(Fetcher& fetcher, Tally& tally);

  const Context of_;
  RecentRecords recent_;
  NamelessRows nameless_;
  std::string last_cursor_;        // of the page before
  RecordBlock block_;              // of the page at hand
  std::vector<RecordView> named_;  // rows of the page at hand whose records are to be fetched
  std::vector<RecordView> aside_;  // rows of the page at hand that lie outside of its bounds
  RecentRecords strays_;           // all that were written
  RecentRecords ahead_;            // dated in the future, and left out
  std::optional<Instant> oldest_;
  bool met_saved_second_ = false;
  bool told_of_nobody_ = false;  // that some do not say which partition they belong to
  std::uint64_t written_ = 0;
  std::uint64_t pages_ = 0;
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
  std::uint64_t gone_ = 0;             // named by a list, and not there any more when asked for
  std::uint64_t left_out_ = 0;         // of the look back, since earlier runs have written them
  std::uint64_t known_ = 0;  // rows that were read again, and were written by earlier runs
};

}  // namespace source_sentry
