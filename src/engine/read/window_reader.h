#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/fetch/page_walk.h"
#include "engine/plan/stream_plan.h"
#include "engine/read/list_order.h"
#include "engine/read/listed_rows.h"
#include "engine/read/window_proof.h"
#include "engine/state/checkpoint.h"
#include "engine/write/hidden_rows.h"
#include "engine/write/partition_state.h"
#include "engine/write/record_writer.h"

namespace source_sentry {

/// Reads windows to their ends, page by page, newest row first, and notices when rows move
/// meanwhile. Not thread-safe.
///
/// A cursor that is a row's number skips rows when others vanish above it, as the events of a
/// deleted issue do. So such a list is read in one of three ways:
/// - Each page begins with the last row of the page before. If that is another row, rows moved.
/// - If pages have few rows, repeating one on each would cost too much. The pages are read without,
///   and their rows are compared with the server's count from before. If there are fewer, rows
///   moved.
/// - Page numbers cannot be moved back by a row. They are not used: the next request asks for the
///   first page of what is older. Only if one second has more rows than a page are its pages read
///   by number, again and again until that brings nothing new.
///
/// If rows moved, the rest of the window is asked for again by time, from the oldest second on that
/// may have more rows. The writer leaves out rows that come again. If more rows share one time than
/// a cursor can pass, that second is left out and reading continues below it. If windows are
/// ignored and a page shows rows of the page before, both are read again with another page size.
class WindowReader {
 public:
  /// A STATE is due inside a long window after this many pages. If each record takes a request of
  /// its own, one is due after every page.
  static constexpr std::size_t kPagesPerState = 10;

  enum class End { kDone, kRefused, kTooMuch };
  using Tally = RecordWriter::Tally;
  /// Takes the place inside a window where the next run continues. Only those members of the
  /// PagePosition are set that name this place.
  using Save = std::function<void(PagePosition)>;

  /// One window, and the walk through it.
  struct Task {
    const Route& route;
    Window window;              ///< the one that the walk asks for
    Window wanted;              ///< rows of other times are not written
    bool by_time = true;        ///< false: only the server's own cursors lead to the next page
    bool page_at_hand = false;  ///< the walk has its first page already
  };

  /// All must outlive it.
  WindowReader(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer)
      : plan_(plan), state_(state), writer_(writer), proof_(plan) {}

  /// Reads a window to its end and adds its rows to `total`. For kRefused and kTooMuch the walk has
  /// the reason. Throws a ConnectorError when the window cannot be read, and Stopped.
  End read(const Task& task, PageWalk& walk, Tally& total, Fetcher& fetcher, const Save& save);

  /// Whether the walk was refused because the server lists only so many rows of a window.
  bool lists_no_further(const PageWalk& walk) const;

  /// The reason for leaving out a second, with the number of its rows, where the server counts them
  /// for that.
  ConnectorError with_number(const Window& second, const ConnectorError& why,
                             Fetcher& fetcher) const;

  /// Tells whether the server respects windows.
  WindowProof& proof() { return proof_; }

  /// The part of a window that is still to be read after the saved place `page`. `from`: the
  /// window's beginning. If the place was saved with a count, the server is asked for it again, and
  /// more is read if rows have moved since.
  Window left_of(Instant from, const PagePosition& page, Fetcher& fetcher) const;

 private:
  /// How the next page is reached.
  enum class Way {
    kUndecided,  ///< decided after each page
    kLinks,      ///< by the server's own cursors
    kOverlap,    ///< by these, moved back by a row
    kCounted     ///< by the server's own cursors; the rows are compared with its count
  };

  void begin(const Task& task, Fetcher& fetcher);
  Tally write_page(const Task& task, PageWalk& walk);
  Tally write_slice(const Task& task, PageWalk& walk, Instant known);
  Tally settle_strays(const Task& task, PageWalk& walk, const RecordWriter::Terms& terms);
  void follow_links(PageWalk& walk);
  void note_order(const Task& task, const RecordPage& page);
  bool is_below(const Task& task) const;
  bool look_for_hidden(const Task& task, PageWalk& walk);
  std::optional<End> next_page(PageWalk& walk);
  bool go_on_below_refused(PageWalk& walk);
  void pass_by(PageWalk& walk, const PageWalk::Crowd& crowd);
  void settle_crowd(const PageWalk& walk);
  bool ends(PageWalk& walk, bool below, std::optional<Instant> sure);
  void decide(PageWalk& walk);
  bool count(PageWalk& walk, Instant edge);
  bool is_unproven() const;
  bool begin_again(PageWalk& walk);
  bool go_on_below(PageWalk& walk, std::optional<Instant> edge);
  Instant known_from(const PageWalk& walk) const;
  PagePosition position(const PageWalk& walk) const;

  const PartitionPlan& plan_;
  PartitionState& state_;
  RecordWriter& writer_;
  WindowProof proof_;
  bool counts_agree_ = true;  // false once count and list differed though no row had moved

  // The rest is about the window that is being read.
  Fetcher* fetcher_ = nullptr;
  bool row_by_row_ = false;                   // each of its rows takes a request of its own
  Window window_{};                           // as it was last asked for
  ListedRows listed_;                         // since then
  std::optional<ListOrder> order_;            // set if windows are ignored
  std::optional<HiddenRows> hidden_;          // set if also cursors are not Sentry's
  std::optional<PageWalk::Crowd> passed_by_;  // the rows of one time that are being skipped
  Way way_ = Way::kUndecided;
  bool may_count_ = true;
  bool asked_anew_ = false;               // window_ was asked for again, or a part of it
  bool begun_again_ = false;              // rows that are written already are listed again
  std::size_t same_again_ = 0;            // how often window_ was asked for without being narrowed
  std::optional<std::uint64_t> counted_;  // its rows, counted before it was asked for
  bool by_number_ = false;                // its pages were read by number
  std::uint64_t written_at_begin_ = 0;    // rows met when window_ was asked for
  std::optional<std::uint64_t>
      written_before_;  // rows met when it was begun again for a count that was not reached
};

}  // namespace source_sentry
