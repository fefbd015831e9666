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

/// Reads windows to their ends, page after page, newest first, and notices when rows move
/// meanwhile.
///
/// A cursor that is a row's number leads past rows when others vanish above it (an issue is deleted
/// with its events). So such a list is followed in one of three ways:
/// - Each page begins with the last row of the one before. If another row stands there, rows moved.
/// - Pages of few rows, where that row would cost much, are followed as they are, and held against
///   the server's own count from before: fewer rows than that, and rows moved.
/// - Page numbers, which cannot be taken a row back, are not used: the next page is the first of
///   what is older. Only more of one second than a page holds is followed by them, until that
///   brings nothing new.
/// Where a cursor leads no further, since more rows carry one time than it can tell apart, what is
/// older is asked for, and that second is left out.
/// Where windows are ignored, and a page shows a row of the one before again, the two are asked for
/// again in pages of another size.
/// Where rows moved it goes on by time: the window is asked for anew, up to the oldest second of
/// which everything above is known. What comes again is left out by the writer.
class WindowReader {
 public:
  /// Inside a long window a STATE is due after so many pages, and after each whose records took a
  /// request of their own.
  static constexpr std::size_t kPagesPerState = 10;

  enum class End { kDone, kRefused, kTooMuch };
  using Tally = RecordWriter::Tally;
  /// Takes how far a window is read: all of a PagePosition that tells where to go on.
  using Save = std::function<void(PagePosition)>;

  /// One window, and the walk through it.
  struct Task {
    const Route& route;
    Window window;              ///< as the walk asks for it
    Window wanted;              ///< where the rows' times must lie
    bool by_time = true;        ///< otherwise only the server's own cursors lead on
    bool page_at_hand = false;  ///< the walk's first page was got already
  };

  /// All must outlive it.
  WindowReader(const PartitionPlan& plan, PartitionState& state, RecordWriter& writer)
      : plan_(plan), state_(state), writer_(writer), proof_(plan) {}

  /// Reads a window to its end and adds what it gave to `total`. kRefused and kTooMuch: the walk
  /// says why. Throws a ConnectorError when the window cannot be read.
  End read(const Task& task, PageWalk& walk, Tally& total, Fetcher& fetcher, const Save& save);

  /// What is known of the server's windows, and may be asked.
  WindowProof& proof() { return proof_; }

  /// The window that a saved position leaves to be read, `from` its begin: asks for the count that
  /// was begun before, and does not trust what it does not confirm.
  Window left_of(Instant from, const PagePosition& page, Fetcher& fetcher) const;

 private:
  /// How the walk goes on: decided anew after each page, by the server's own cursors, by those
  /// taken a row back, or by its own again and held against the count.
  enum class Way { kUndecided, kLinks, kOverlap, kCounted };

  void begin(const Task& task, Fetcher& fetcher);
  Tally write_page(const Task& task, PageWalk& walk);
  Tally write_slice(const Task& task, PageWalk& walk, Instant known);
  Tally settle_strays(const Task& task, PageWalk& walk, const RecordWriter::Terms& terms);
  void follow_links(PageWalk& walk);
  void note_order(const Task& task, const RecordPage& page);
  bool is_below(const Task& task) const;
  bool look_for_hidden(const Task& task, PageWalk& walk);
  std::optional<End> next_page(PageWalk& walk);
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
  bool counts_agree_ = true;  // the server's count and its list were not seen to differ for good

  // Of the window under way.
  Fetcher* fetcher_ = nullptr;
  bool row_by_row_ = false;                   // more is asked for with each of its rows
  Window window_{};                           // as last asked for
  ListedRows listed_;                         // since then
  std::optional<ListOrder> order_;            // where windows are ignored
  std::optional<HiddenRows> hidden_;          // there, too, where cursors are not Sentry's
  std::optional<PageWalk::Crowd> passed_by_;  // and what is older is asked for
  Way way_ = Way::kUndecided;
  bool may_count_ = true;
  bool asked_anew_ = false;               // and not as it was given
  bool begun_again_ = false;              // from a place above what was written
  std::size_t same_again_ = 0;            // how often window_ was asked for without being narrowed
  std::optional<std::uint64_t> counted_;  // its rows, counted before it was asked for
  bool by_number_ = false;                // page numbers were followed in it
  std::uint64_t written_at_begin_ = 0;    // when it was asked for
  std::optional<std::uint64_t>
      written_before_;  // when what came short of its count was begun again
};

}  // namespace source_sentry
