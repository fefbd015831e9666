#include "engine/read/window_reader.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/fetch/row_cursor.h"
#include "engine/plan/another_way.h"
#include "engine/plan/window_planner.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// In pages with fewer rows than this, repeating one row costs more than 2 %. Sentry's pages of
/// events have ten.
constexpr std::uint64_t kFewRows = 50;
/// How often the same window is asked for again while its rows move.
constexpr std::size_t kMostAgain = 3;

WindowProof::Outside outside_of(const FirstPage& page) {
  return {page.older, page.newer, page.outside * 2 > page.rows};
}

}  // namespace

WindowReader::End WindowReader::read(const Task& task, PageWalk& walk, Tally& total,
                                     Fetcher& fetcher, const Save& save) {
  begin(task, fetcher);
  bool page_at_hand = task.page_at_hand;
  for (std::size_t pages = 1;; ++pages) {
    if (!std::exchange(page_at_hand, false)) {
      if (const auto end = next_page(walk)) return *end;
    }
    const auto sure = listed_.edge();
    total.add(write_page(task, walk));
    if (look_for_hidden(task, walk)) continue;
    const bool again = hidden_ && hidden_->again();
    const bool hides = again || (hidden_ && hidden_->missing() > 0);
    if (ends(walk, is_below(task) && !again, sure)) return End::kDone;
    // The next run could not continue from a cursor that belongs to smaller pages.
    const bool due = row_by_row_ || pages % kPagesPerState == 0;
    if (due && !walk.in_bad_page() && !hides) save(position(walk));
  }
}

WindowReader::Tally WindowReader::write_page(const Task& task, PageWalk& walk) {
  const Instant known = known_from(walk);
  if (is_of_sentry(walk.cursor()) || walk.in_bad_page()) hidden_.reset();
  if (hidden_) hidden_->begin_page(walk.cursor());
  Tally page;
  do {
    page.add(write_slice(task, walk, known));
    note_order(task, walk.records());
  } while (walk.next_slice());
  return page;
}

WindowReader::Tally WindowReader::write_slice(const Task& task, PageWalk& walk, Instant known) {
  const RecordWriter::Terms terms{.bounds = &task.wanted,
                                  .known_from = known,
                                  .strays_aside = !proof_.ignored(task.route),
                                  .server_now = walk.server_time(),
                                  .by_row_number = walk.by_row_number()};
  if (way_ != Way::kLinks || walk.overlaps()) listed_.add(walk.records());
  if (hidden_) hidden_->add(walk.records());
  Tally page = writer_.write(walk.records(), task.route, terms, *fetcher_);
  if (page.older + page.newer > 0) page.add(settle_strays(task, walk, terms));
  return page;
}

/// Decides about the rows of a page that lie outside the window, and writes them if the server
/// respects windows. Some servers include a window's end: rows of that one second need no proof.
WindowReader::Tally WindowReader::settle_strays(const Task& task, PageWalk& walk,
                                                const RecordWriter::Terms& terms) {
  const FirstPage look = look_at(walk.records(), false, window_);
  bool heeded = true;
  if (look.outside > 0) {
    walk.set_aside();
    heeded = proof_.heeded(task.route, window_, outside_of(look), *fetcher_);
  }
  if (!heeded) {
    writer_.filter().leave_strays(terms);
    follow_links(walk);
    return Tally();
  }
  return writer_.write_strays(task.route, task.wanted, *fetcher_);
}

/// The server turns out to ignore windows: from here on only its own cursors lead to the next page.
void WindowReader::follow_links(PageWalk& walk) {
  way_ = Way::kLinks;
  walk.overlap(false);
  walk.windows_do_not_help();
  counted_.reset();
  by_number_ = false;
}

/// If windows are ignored, the order of the rows tells where to stop.
void WindowReader::note_order(const Task& task, const RecordPage& page) {
  if (!proof_.ignored(task.route)) return;
  if (!order_) order_.emplace(plan_.shape.received_key);
  order_->add(page);
}

/// Goes back to pages that may have left out rows, or gives that up if it leads nowhere. Whether
/// the walk's next page is set by that.
bool WindowReader::look_for_hidden(const Task& task, PageWalk& walk) {
  if (!hidden_) return false;
  const bool was_again = hidden_->again();
  std::optional<std::string> cursor;
  std::string query = task.route.query;
  if (walk.crowd()) {
    if (!was_again) return false;
    cursor = hidden_->give_up();
    if (cursor->empty()) return false;
  } else if (hidden_->in_doubt(walk.last())) {
    cursor = hidden_->go_back(walk.next_cursor());
    query = in_another_way(std::move(query), hidden_->tries());
  } else if (was_again && !hidden_->again()) {
    writer_.filter().settle_ties();
  }
  writer_.filter().note_hidden(hidden_->missing());
  if (!cursor) return false;
  if (order_) order_->begin_again();
  walk.go_back(*std::move(cursor), std::move(query));
  return true;
}

/// Whether windows are ignored and everything that follows is older than this one.
bool WindowReader::is_below(const Task& task) const {
  return order_ && order_->is_below(task.wanted.from, task.route.sorted);
}

void WindowReader::begin(const Task& task, Fetcher& fetcher) {
  fetcher_ = &fetcher;
  row_by_row_ = task.route.names_only || plan_.expansion;
  window_ = task.window;
  listed_ = ListedRows();
  order_.reset();
  hidden_.reset();
  if (proof_.ignored(task.route)) hidden_.emplace();
  passed_by_.reset();
  way_ = task.by_time ? Way::kUndecided : Way::kLinks;
  may_count_ = counts_agree_;
  asked_anew_ = false;
  begun_again_ = false;
  same_again_ = 0;
  counted_.reset();
  by_number_ = false;
  written_at_begin_ = writer_.met();
  written_before_.reset();
}

std::optional<WindowReader::End> WindowReader::next_page(PageWalk& walk) {
  if (const auto crowd = walk.crowd()) pass_by(walk, *crowd);
  // The next page cannot be asked for ahead while it is not decided how it is reached.
  switch (walk.next(way_ != Way::kUndecided && (!row_by_row_ || fetcher_->may_have_companions()))) {
    case PageWalk::Turn::kRefused:
      return End::kRefused;
    case PageWalk::Turn::kTooMuch:
      if (go_on_below_refused(walk)) return next_page(walk);
      return End::kTooMuch;
    default:
      settle_crowd(walk);
      return std::nullopt;
  }
}

bool WindowReader::lists_no_further(const PageWalk& walk) const {
  return plan_.count_lost && walk.refuses_own_cursor();
}

ConnectorError WindowReader::with_number(const Window& second, const ConnectorError& why,
                                         Fetcher& fetcher) const {
  if (!plan_.count_lost) return why;
  const auto rows = plan_.count_lost(second, fetcher);
  if (!rows) return why;
  return why.with("It counts " + std::to_string(*rows) + " in this second.");
}

/// Where the server lists no further: asks for what is older than the last whole second that was
/// listed, so that nothing has to be read again. A second that has more rows is skipped. False if
/// nothing is known to be older.
bool WindowReader::go_on_below_refused(PageWalk& walk) {
  const auto edge = listed_.edge();
  if (!lists_no_further(walk) || !edge) return false;
  if (*edge < window_.to) return go_on_below(walk, edge);
  const Instant second = window_.to - seconds(1);
  if (second <= window_.from) return false;
  const Window whole{second, window_.to};
  const PageWalk::Crowd crowd{second, with_number(whole, *walk.refusal().error, *fetcher_)};
  if (!go_on_below(walk, second)) return false;
  passed_by_ = crowd;
  return true;
}

/// Skips a crowd of rows of one time: asks for what is older. Where that is not possible, the
/// walk's next call throws.
void WindowReader::pass_by(PageWalk& walk, const PageWalk::Crowd& crowd) {
  const Instant second = whole_seconds(crowd.when);
  if (second <= window_.from || second >= window_.to) return;
  walk.leave_crowd();
  if (go_on_below(walk, second)) passed_by_ = crowd;
}

/// Reports the second that was skipped. Throws if the server ignored the window and has led back to
/// the same rows.
void WindowReader::settle_crowd(const PageWalk& walk) {
  const auto crowd = std::exchange(passed_by_, std::nullopt);
  if (!crowd) return;
  const auto& rows = walk.records().records;
  const auto newest = rows.empty() ? std::nullopt : parse_instant(rows.front().cursor);
  if (newest && *newest >= window_.to) throw crowd->error;
  state_.lose_window({window_.to, window_.to + seconds(1)}, crowd->error);
}

/// Whether the window is read. If not, the walk knows its next page.
bool WindowReader::ends(PageWalk& walk, bool below, std::optional<Instant> sure) {
  if (walk.overlaps() && !listed_.begins_with_known()) {
    if (go_on_below(walk, sure)) return false;
    way_ = Way::kLinks;  // rows move faster than they are read
  }
  if (!walk.last() && !below) {
    decide(walk);
    return false;
  }
  if (counted_ && listed_.distinct() + walk.rows_lost() < *counted_) {
    spdlog::info("{}: rows moved while a window was read; reading it again.", state_.name());
    may_count_ = false;
    written_before_ = writer_.met();
    if (begin_again(walk)) return false;
  }
  if (is_unproven() && begin_again(walk)) return false;
  // Reading it again brought nothing new, so the list is shorter than the count for good.
  if (written_before_ == writer_.met()) counts_agree_ = false;
  return true;
}

/// Decides, after a page that is not the last, how the next one is reached.
void WindowReader::decide(PageWalk& walk) {
  if (way_ != Way::kUndecided) return;
  const auto edge = listed_.edge();
  const std::size_t rows = walk.rows();
  // If the whole page is newer than the window, the server ignores windows.
  const bool by_time = edge && *edge <= window_.to + seconds(1);
  if (by_time && is_page_number(walk.next_cursor(), rows)) {
    // One second has more rows than a page: only page numbers lead further.
    if (*edge >= window_.to) {
      by_number_ = true;
    } else if (!is_unproven() || !begin_again(walk)) {
      go_on_below(walk, edge);
    }
    return;
  }
  const auto step = rows_between(walk.cursor(), walk.next_cursor());
  // The cursor of a page that overlaps was moved back by a row already.
  if (!by_time || !step || *step + 1 < rows) {
    way_ = Way::kLinks;
    return;
  }
  const bool few = *step < kFewRows && plan_.count && may_count_;
  if (few && writer_.filter().audit().settled(*edge) && count(walk, *edge)) return;
  walk.overlap(true);
  if (!few || !may_count_) way_ = Way::kOverlap;
}

/// Counts the rows older than `edge` and asks for them, to compare both. False if the server does
/// not count, or that was done often enough.
bool WindowReader::count(PageWalk& walk, Instant edge) {
  const auto rows = plan_.count({window_.from, edge}, *fetcher_);
  if (!rows || !go_on_below(walk, edge)) {
    may_count_ = false;
    return false;
  }
  counted_ = rows;
  way_ = Way::kCounted;
  return true;
}

/// Whether pages were read by number and had new rows: others may have moved meanwhile.
bool WindowReader::is_unproven() const { return by_number_ && writer_.met() != written_at_begin_; }

/// Asks for the same window again. False if that was done often enough.
bool WindowReader::begin_again(PageWalk& walk) {
  begun_again_ = true;
  return go_on_below(walk, window_.to);
}

/// Asks for the window's rows older than `edge`, or for the same window again if it is not set.
/// False if nothing is left, or the same window was asked for too often.
bool WindowReader::go_on_below(PageWalk& walk, std::optional<Instant> edge) {
  if (!edge) edge = window_.to;
  const Window rest{window_.from, std::min(*edge, window_.to)};
  if (rest.from >= rest.to) return false;
  same_again_ = rest.to < window_.to ? 0 : same_again_ + 1;
  if (same_again_ > kMostAgain) return false;
  window_ = rest;
  listed_ = ListedRows();
  hidden_.reset();
  way_ = Way::kUndecided;
  counted_.reset();
  by_number_ = false;
  written_at_begin_ = writer_.met();
  asked_anew_ = true;
  walk.overlap(false);
  walk.go_on_in(window_);
  return true;
}

/// Rows from this time on may have been written by an earlier page.
Instant WindowReader::known_from(const PageWalk& walk) const {
  if (begun_again_ || (hidden_ && hidden_->again())) return Instant::min();
  if (walk.overlaps() && listed_.edge()) return *listed_.edge() - seconds(1);
  return asked_anew_ ? window_.to - seconds(1) : Instant::max();
}

PagePosition WindowReader::position(const PageWalk& walk) const {
  PagePosition page;
  if (way_ == Way::kLinks) {
    page.cursor = walk.next_cursor();
    return page;
  }
  page.unread_until = std::min(listed_.edge().value_or(window_.to), window_.to);
  if (counted_) {
    const std::uint64_t read = std::min(listed_.above_edge(), *counted_);
    page.counted = PagePosition::Counted{window_.to, *counted_ - read};
  }
  return page;
}

Window WindowReader::left_of(Instant from, const PagePosition& page, Fetcher& fetcher) const {
  const Window whole{from, page.window_end};
  const bool by_time = page.cursor.empty() && page.unread_until;
  if (!by_time || *page.unread_until <= whole.from || *page.unread_until > whole.to) return whole;
  const Window rest{from, *page.unread_until};
  if (!page.counted) return rest;
  if (page.counted->until < rest.to || page.counted->until > whole.to) return whole;
  const auto left = plan_.count ? plan_.count(rest, fetcher) : std::nullopt;
  if (left && *left >= page.counted->left) return rest;
  spdlog::info("{}: rows moved since the state was saved; reading its window again.",
               state_.name());
  return {from, page.counted->until};
}

}  // namespace source_sentry
