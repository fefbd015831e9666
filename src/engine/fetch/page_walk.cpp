#include "engine/fetch/page_walk.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/text.h"
#include "engine/fetch/row_cursor.h"
#include "json/members.h"

namespace source_sentry {
namespace {

/// A page whose rows were filtered out after the query may be empty while more follow, but not
/// endlessly (as Sentry 9.1.2 does for per_page=0).
constexpr std::size_t kMostEmptyPages = 200;
/// How often a page that is not valid JSON is asked for.
constexpr int kTriesForValidPage = 3;
/// Each of them takes the two minutes allowed for an answer.
constexpr int kTriesWhenSilent = 2;
constexpr std::size_t kShownOfBody = 120;

ConnectorError failure(const Route& route, const std::string& message) {
  return ConnectorError(FailureKind::kSystem, message, "GET " + route.path);
}

/// The time of all of the page's rows, if they share one.
template <typename TimeOf>
std::optional<Instant> only_time(const RecordPage& page, const TimeOf& time_of) {
  std::optional<Instant> only;
  for (const RecordView& row : page.records) {
    const auto when = parse_instant(time_of(row));
    if (!when || (only && when != only)) return std::nullopt;
    only = when;
  }
  const bool all_seen = page.records.size() == page.all_records;
  return all_seen && page.records.size() > 1 ? only : std::nullopt;
}

}  // namespace

PageWalk::PageWalk(Fetcher& fetcher, const Listing& list, const std::string& fixed,
                   const Window* window, std::string cursor)
    : fetcher_(fetcher),
      splitter_(list.shape.id_key,
                list.route.cursor_key.empty() ? list.shape.cursor_key : list.route.cursor_key),
      shape_(list.shape),
      route_(list.route),
      other_route_(list.other_route),
      batch_(list.batch),
      fixed_(fixed),
      window_(window == nullptr ? std::nullopt : std::optional(*window)),
      next_cursor_(std::move(cursor)) {}

std::optional<PageWalk::Crowd> PageWalk::crowd() const {
  if (!crowd_ || !trouble_) return std::nullopt;
  return Crowd{*crowd_, *trouble_};
}

void PageWalk::leave_crowd() {
  crowd_.reset();
  trouble_.reset();
}

PageWalk::~PageWalk() { set_aside(); }

void PageWalk::set_aside() {
  if (std::exchange(asked_, false)) fetcher_.cancel();
}

void PageWalk::ask() {
  cursor_ = next_cursor_;
  fetcher_.start(target(cursor_), route_);
  asked_ = true;
}

PageWalk::Turn PageWalk::next(bool ask_ahead) {
  if (pages_ > 0) {
    if (trouble_) throw *trouble_;
    if (!more_) return Turn::kEnd;
    if (endless()) throw endless_list();
  }
  by_row_number_ = row_offset(next_cursor_) || is_page_number(next_cursor_, rows_);
  cursor_ = next_cursor_;
  overlaps_ = next_overlaps_;
  const Verdict verdict = fetch_around_bad_rows(ask_ahead);
  if (verdict.kind != Verdict::Kind::kAccept) {
    refusal_ = verdict;
    if (less_may_help() || refused_in_part()) return Turn::kTooMuch;
    if (pages_ > 0) throw *verdict.error;
    return Turn::kRefused;
  }
  ++pages_;
  check_progress();
  return Turn::kPage;
}

bool PageWalk::next_slice() {
  if (!splitter_.next_slice(page_)) return false;
  if (!next_cursor_.empty()) new_rows_.add(page_);
  return true;
}

std::optional<std::uint64_t> PageWalk::counted() const { return number_in("x-hits"); }

bool PageWalk::count_is_capped() const {
  const auto most = number_in("x-max-hits");
  return most && counted() >= most;
}

std::optional<std::uint64_t> PageWalk::number_in(std::string_view name) const {
  const auto header = response_.header(name);
  std::uint64_t number = 0;
  if (!header) return std::nullopt;
  const auto [end, error] =
      std::from_chars(header->data(), header->data() + header->size(), number);
  if (error != std::errc() || end != header->data() + header->size()) return std::nullopt;
  return number;
}

/// No window is narrower than a second.
bool PageWalk::divisible() const {
  return window_ && narrowable_ && window_->to - window_->from > std::chrono::seconds(1);
}

/// A server that does not know the route answers 500, too.
bool PageWalk::another_way() const {
  return pages_ == 0 && !route_answers_ && refusal_.other_route_may_help && other_route_;
}

/// Whether what is refused may be available in parts.
bool PageWalk::less_may_help() const {
  if (!window_ || !narrowable_) return false;
  if (refusal_.smaller_window_may_help) return true;
  if (batch_) return false;
  if (refusal_.data_may_be_bad) return !another_way();
  return refuses_own_cursor();
}

bool PageWalk::refuses_own_cursor() const {
  // Some servers give only so many rows.
  constexpr int kBadRequest = 400, kUnprocessable = 422;
  return pages_ > 0 && (response_.status == kBadRequest || response_.status == kUnprocessable);
}

void PageWalk::overlap(bool rows_may_move) {
  overlap_ = rows_may_move;
  if (overlap_ && !next_overlaps_ && !bad_page_) step_back();
}

void PageWalk::step_back() {
  if (!rows_between(cursor_, next_cursor_)) return;
  next_cursor_ = row_cursor(*row_offset(next_cursor_) - 1);
  next_overlaps_ = true;
}

void PageWalk::go_back(std::string cursor, std::string fixed) {
  set_aside();
  leave_crowd();
  fixed_ = std::move(fixed);
  next_cursor_ = std::move(cursor);
  more_ = true;
  cursors_.clear();
}

void PageWalk::go_on_in(const Window& window) {
  set_aside();
  window_ = window;
  next_cursor_.clear();
  next_overlaps_ = false;
  more_ = true;
  cursors_.clear();
  if (!endless()) new_rows_ = NewRows();
  bad_page_.reset();
  barren_ = false;
  rows_lost_ = 0;
}

Verdict PageWalk::fetch_checked(bool ask_ahead) {
  // What was asked for so often before is now tried in parts, which shows if it was by chance.
  const bool part = part_of_failed_ || bad_page_ || barren_;
  const int tries =
      part ? std::min(kTriesForValidPage, patience().attempts_for_bad_data) : kTriesForValidPage;
  for (int attempt = 1;; ++attempt) {
    if (!std::exchange(asked_, false)) {
      fetcher_.start(target(cursor_), route_);
    }
    Verdict verdict = fetcher_.finish(response_, patience());
    if (verdict.kind != Verdict::Kind::kAccept) return verdict;
    read_link();
    if (ask_ahead && !next_cursor_.empty() && next_cursor_ != cursor_) {
      fetcher_.start(target(next_cursor_), route_);
      asked_ = true;
    }
    auto error = split();
    if (!error && shape_.root == RecordSplitter::Root::kObject) error = missing_document();
    fetcher_.note_use(route_, !error);
    if (!error) {
      if (route_.watch) route_.watch(response_.body);
      return verdict;
    }
    set_aside();
    const std::string what = of_invalid_answer(route_, *error, response_.body.size());
    if (attempt >= tries || fetcher_.gets_garbage(route_)) {
      const std::string so_often = attempt > 1
                                       ? " That happened " + std::to_string(attempt) + " times"
                                       : " That happened again";
      const std::string shown = excerpt(response_.body, kShownOfBody);
      const auto salvaged = shape_.root == RecordSplitter::Root::kList ? salvage() : std::nullopt;
      if (salvaged && !(salvaged->ends_badly && gives_less())) {
        spdlog::warn("{}{}; continuing with its valid records.", what, so_often);
        fetcher_.note_use(route_, true);
        return verdict;
      }
      verdict.error =
          ConnectorError(FailureKind::kSystem, what + so_often + "; tell whoever runs the server.",
                         "The body starts with: " + shown);
      if (batch_ || shape_.root != RecordSplitter::Root::kList) throw *verdict.error;
      // The server may be stumbling over a part of it, as if it had answered 500; unless nothing
      // else comes from it.
      verdict.kind = Verdict::Kind::kRetry;
      verdict.data_may_be_bad = bad_page_ || pages_ > 0 || !fetcher_.gets_garbage(route_);
      return verdict;
    }
    if (fetcher_.may_warn(what)) spdlog::warn("{} Asking for it again.", what);
    fetcher_.pause(backoff(attempt));
  }
}

std::string PageWalk::target(const std::string& cursor) const {
  return route_.target(bad_page_ ? bad_page_->query() : fixed_, window_ ? &*window_ : nullptr,
                       cursor);
}

std::optional<SplitError> PageWalk::split() {
  if (shape_.root != RecordSplitter::Root::kList) {
    return splitter_.split(response_.body, shape_.root, page_);
  }
  const auto error = splitter_.split_list(response_.body, route_.list_key, page_);
  if (!error || route_.none_key.empty()) return error;
  const bool is_object = !splitter_.split(response_.body, RecordSplitter::Root::kObject, page_) &&
                         !page_.records.empty();
  const bool says_none =
      is_object && !member_value(page_.records.front().json, route_.none_key).empty();
  page_ = {};
  return says_none ? std::nullopt : error;
}

Fetcher::Patience PageWalk::patience() const {
  Fetcher::Patience patience;
  // Old servers answer 500 to what they do not know: no need to wait half a minute for that when
  // there is another way to ask.
  const bool undecided = pages_ == 0 && (other_route_ || batch_);
  if (undecided) patience.attempts_before_other_route = 3;
  if (pages_ == 0) patience.attempts_before_successor = 1;
  // A server that has not answered yet may just be starting.
  const bool answers = route_answers_ || pages_ > 0;
  if (answers) patience.attempts_when_silent = kTriesWhenSilent;
  if (divisible()) patience.attempts_before_smaller_window = 2;
  if (window_ && answers && !batch_) patience.attempts_for_bad_data = 3;
  // Even smaller ones will show whether that was by chance.
  const bool once = part_of_failed_ && divisible();
  if (once) {
    patience.attempts_before_smaller_window = patience.attempts_for_bad_data = 1;
    patience.attempts_when_busy = Fetcher::Patience::kFewWhenBusy;
  }
  if (part_of_failed_) patience.attempts_when_silent = 1;
  // It was tried for long enough before.
  if (last_way_ && !answers) patience.attempts_for_bad_data = 1;
  if (bad_page_) {
    // A row whose neighbours were answered is given up only after some time.
    const int tries = bad_page_->single() && lost_.empty() ? 3 : 1;
    patience.attempts_for_bad_data = patience.attempts_before_smaller_window = tries;
    patience.attempts_when_silent = 1;
    if (!bad_page_->single()) patience.attempts_when_busy = Fetcher::Patience::kFewWhenBusy;
  } else if (barren_) {
    patience.attempts_for_bad_data = 1;
    patience.attempts_when_busy = Fetcher::Patience::kFewWhenBusy;
  }
  return patience;
}

std::optional<SplitError> PageWalk::missing_document() const {
  if (page_.records.empty()) return SplitError{"an empty object", 0};
  const RecordView& document = page_.records.front();
  if (!shape_.id_key.empty() && document.id.empty()) {
    return SplitError{"an object without " + shape_.id_key, 0};
  }
  // A cache, or a connection whose answers are off by one, may give another document.
  if (!route_.means(document.json)) {
    return SplitError{"the document of something else", 0};
  }
  return std::nullopt;
}

void PageWalk::read_link() {
  next_cursor_.clear();
  const auto header = response_.list_header("link");
  NextPage next = header ? parse_link_next(*header) : NextPage();
  follows_ = next.follows;
  if (follows_ == NextPage::Follows::kMore) next_cursor_ = std::move(next.cursor);
  more_ = !next_cursor_.empty();
  next_overlaps_ = false;
  if (overlap_) step_back();
}

void PageWalk::check_progress() {
  rows_ = rows_of_page();
  const bool of_list = shape_.root == RecordSplitter::Root::kList;
  // Without the header a short page counts as the whole list (some routes do not page), but a full
  // one does not. A header that leads nowhere is not the end of a list.
  if (of_list && follows_ == NextPage::Follows::kUnsaid && rows_ >= shape_.page_rows) {
    trouble_ = failure(
        route_, "Sentry's answer for " + route_.what +
                    " has no usable Link header on a full page, so more may follow that cannot be "
                    "reached. Something between here and Sentry may remove the header.");
  } else if (of_list && follows_ == NextPage::Follows::kUnclear) {
    trouble_ = failure(
        route_, "Sentry's answer for " + route_.what +
                    " has a Link header that does not say where the list continues, so more may "
                    "follow that cannot be reached. Something between here and Sentry may have "
                    "changed the header.");
  }
  if (next_cursor_.empty()) return;
  if (next_cursor_ == cursor_ || !cursors_.insert(next_cursor_).second) {
    note_circle();
  }
  new_rows_.add(page_);
  empty_pages_ = rows_ == 0 ? empty_pages_ + 1 : 0;
  if (empty_pages_ > kMostEmptyPages) {
    trouble_ = failure(route_, "Sentry answers with one empty page after another for " +
                                   route_.what + " and says that more follow. Try again later.");
  }
}

ConnectorError PageWalk::endless_list() const {
  const std::string sign = new_rows_.came_round() ? "all of them have come twice"
                                                  : std::to_string(new_rows_.pages_in_vain()) +
                                                        " pages brought nothing new";
  return failure(route_,
                 "Sentry gives the same rows of " + route_.what +
                     " again and again, page after page, and says that more follow: " + sign +
                     ". Tell whoever runs the server, and "
                     "try again when it is fixed.");
}

/// A cursor made of a time and a number of rows of that time passes only so many of those:
/// GlitchTip accepts no number above 100.
void PageWalk::note_circle() {
  crowd_ = only_time(page_, [](const RecordView& row) { return row.cursor; });
  auto shared = crowd_;
  if (!shared && !shape_.received_key.empty()) {
    shared = only_time(page_, [&](const RecordView& row) {
      return text_of_value(member_value(row.json, shape_.received_key));
    });
  }
  if (shared) {
    trouble_ =
        failure(route_, "More of " + route_.what + " carry the time " + format_instant(*shared) +
                            " than this server's pages can pass: its cursors go in a circle there. "
                            "Asking again does not help: delete some of them "
                            "there, or set a start_date after that time to continue without "
                            "them.");
    return;
  }
  trouble_ = failure(route_, "Sentry's pages go in a circle: the page after \"" +
                                 excerpt(cursor_, kShownOfBody) + "\" of " + route_.what +
                                 " was given the cursor \"" + excerpt(next_cursor_, kShownOfBody) +
                                 "\", which was read before. Try again later, and tell whoever "
                                 "runs the server if this keeps happening.");
}

}  // namespace source_sentry
