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

/// In pages of fewer rows than these, one that comes again is more than 2 % of all. Sentry's events
/// come in tens.
constexpr std::uint64_t kFewRows = 50;
/// A second that rows keep moving in is begun again so often.
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
    // A place among smaller pages is none for the next run.
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

/// What becomes of the rows of a page that lie outside of the window. Servers that take its end as
/// inside list rows of the second behind it; nobody need be asked about those.
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

/// Windows turn out to be ignored: no time leads on.
void WindowReader::follow_links(PageWalk& walk) {
  way_ = Way::kLinks;
  walk.overlap(false);
  walk.windows_do_not_help();
  counted_.reset();
  by_number_ = false;
}

/// Where windows are ignored, the order of the rows tells how far to read.
void WindowReader::note_order(const Task& task, const RecordPage& page) {
  if (!proof_.ignored(task.route)) return;
  if (!order_) order_.emplace(plan_.shape.received_key);
  order_->add(page);
}

/// Goes back where rows may be hidden, or onward again where that leads nowhere.
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

/// Whether windows are ignored, and all that follows lies below this one.
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
  // While it is not decided how to go on, the next request is not known yet.
  switch (walk.next(way_ != Way::kUndecided && (!row_by_row_ || fetcher_->may_have_companions()))) {
    case PageWalk::Turn::kRefused:
      return End::kRefused;
    case PageWalk::Turn::kTooMuch:
      return End::kTooMuch;
    default:
      settle_crowd(walk);
      return std::nullopt;
  }
}

/// Asks for what is older than rows that cannot be told apart; otherwise the walk throws.
void WindowReader::pass_by(PageWalk& walk, const PageWalk::Crowd& crowd) {
  const Instant second = whole_seconds(crowd.when);
  if (second <= window_.from || second >= window_.to) return;
  walk.leave_crowd();
  if (go_on_below(walk, second)) passed_by_ = crowd;
}

/// A server that does not heed the window leads back to the same rows.
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
    way_ = Way::kLinks;  // rows move quicker than they are read
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
  // Then the list holds less than the count, and not because rows moved.
  if (written_before_ == writer_.met()) counts_agree_ = false;
  return true;
}

void WindowReader::decide(PageWalk& walk) {
  if (way_ != Way::kUndecided) return;
  const auto edge = listed_.edge();
  const std::size_t rows = walk.rows();
  // A page above its window altogether: the server does not heed windows.
  const bool by_time = edge && *edge <= window_.to + seconds(1);
  if (by_time && is_page_number(walk.next_cursor(), rows)) {
    // More of one second than a page holds can only be told apart by number.
    if (*edge >= window_.to) {
      by_number_ = true;
    } else if (!is_unproven() || !begin_again(walk)) {
      go_on_below(walk, edge);
    }
    return;
  }
  const auto step = rows_between(walk.cursor(), walk.next_cursor());
  // One that overlaps was taken a row back already.
  if (!by_time || !step || *step + 1 < rows) {
    way_ = Way::kLinks;
    return;
  }
  const bool few = *step < kFewRows && plan_.count && may_count_;
  if (few && writer_.filter().audit().settled(*edge) && count(walk, *edge)) return;
  walk.overlap(true);
  if (!few || !may_count_) way_ = Way::kOverlap;
}

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

/// Whether pages were followed by their numbers, and brought news: rows may have moved meanwhile.
bool WindowReader::is_unproven() const { return by_number_ && writer_.met() != written_at_begin_; }

/// Asks for the window once more as it is; false when that was done often enough.
bool WindowReader::begin_again(PageWalk& walk) {
  begun_again_ = true;
  return go_on_below(walk, window_.to);
}

/// Asks for what is older than `edge`; false where that cannot help.
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

/// Rows that are not older are expected to come again.
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
