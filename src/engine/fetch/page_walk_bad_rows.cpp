#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/fetch/page_size.h"
#include "engine/fetch/page_walk.h"
#include "json/list_body.h"

namespace source_sentry {
namespace {

/// Whether that status may be the answer to a cursor that the server does not accept: Sentry says
/// 400, and servers that count pages 404 or 422.
bool says_of_cursor(int status) {
  constexpr int kBadRequest = 400, kNotFound = 404, kUnprocessable = 422;
  return status == kBadRequest || status == kNotFound || status == kUnprocessable;
}

}  // namespace

/// Fetches the page, or else what can be read of it.
Verdict PageWalk::fetch_around_bad_rows(bool ask_ahead) {
  Verdict verdict = fetch_checked(ask_ahead && !bad_page_);
  std::optional<Verdict> first;
  while (verdict.kind != Verdict::Kind::kAccept || is_misled()) {
    refusal_ = first.value_or(verdict);
    if (!go_around(verdict)) {
      bad_page_.reset();
      lost_.clear();
      return refusal_;
    }
    if (!first) first = verdict;
    verdict = fetch_checked(false);
  }
  leave_bad_rows();
  return verdict;
}

/// Whether there is something else to ask for, by `cursor_`.
bool PageWalk::go_around(const Verdict& verdict) {
  return bad_page_ ? go_on_in_bad_page(verdict) : begin_bad_page(verdict);
}

bool PageWalk::may_be_gone_through(const Verdict& verdict) const {
  const bool is_list = shape_.root == RecordSplitter::Root::kList;
  if (!lose_row_ || !is_list || batch_ || divisible() || barren_) return false;
  if (page_size_ == 0 && shape_.page_rows == kWholeList) return false;
  if (may_lack_route_ && verdict.not_offered && pages_ == 0 && !route_answers_) return false;
  if (verdict.data_may_be_bad || verdict.smaller_window_may_help) return !another_way();
  return verdict.row_may_be_refused;
}

bool PageWalk::begin_bad_page(const Verdict& verdict) {
  if (!may_be_gone_through(verdict)) return false;
  bad_page_.emplace(fixed_, cursor_, page_size_ > 0 ? page_size_ : shape_.page_rows);
  in_vain_ = 0;
  rows_refused_ = verdict.row_may_be_refused;
  const bool answers = (pages_ > 0 || route_answers_) && !verdict.timed_out;
  if (rows_refused_ ? !answers_behind() : !answers && !answers_elsewhere()) return false;
  spdlog::info("{} Asking for its rows one by one.", verdict.error->message());
  cursor_ = bad_page_->cursor();
  return true;
}

bool PageWalk::go_on_in_bad_page(const Verdict& verdict) {
  const bool misled = verdict.kind == Verdict::Kind::kAccept;
  const bool may_be_bad = verdict.data_may_be_bad || verdict.smaller_window_may_help;
  if (!may_be_bad && !verdict.row_may_be_refused && !misled) return false;
  const std::string place = place_of_row();
  switch (misled ? bad_page_->misled() : bad_page_->failed(refuses_cursor(verdict))) {
    case BadPage::Failed::kStuck:
      if (!follows_link(verdict)) return false;
      lost_.emplace_back(place, *refusal_.error);
      break;
    case BadPage::Failed::kRowLost:
      lost_.emplace_back(
          place, refusal_.row_may_be_refused ? of_refused_row(*refusal_.error) : *refusal_.error);
      overlaps_ = false;
      break;
    case BadPage::Failed::kAskLess:
      break;
  }
  // So many adjacent rows, or pages that cannot be made smaller; or the server has gone down.
  constexpr std::size_t kMostInVain = 8;
  const bool ask = ++in_vain_ % kMostInVain == 0 || verdict.timed_out;
  if (ask && !answers_elsewhere()) return false;
  cursor_ = bad_page_->cursor();
  if (!bad_page_->done()) return true;
  barren_ = !bad_page_->gave_rows();
  bad_page_.reset();
  return !cursor_.empty();
}

/// Whether a part of the page is refused because of the cursor in the request, and not because of a
/// row.
bool PageWalk::refuses_cursor(const Verdict& verdict) {
  if (rows_refused_ || !verdict.row_may_be_refused || !says_of_cursor(response_.status)) {
    return false;
  }
  rows_refused_ = !bad_page_->guesses() && answers_behind();
  return !rows_refused_;
}

/// Whether a page in the middle of a window is refused, though the server still answers for an
/// earlier one: because of one of its rows, or because its cursors end there.
bool PageWalk::refused_in_part() {
  if (!lose_row_ || batch_ || pages_ == 0 || !divisible()) return false;
  return refusal_.row_may_be_refused && answers_at(answered_cursor_);
}

/// Whether the server answers for what lies after the page. If not, it is not a row that is
/// refused: the token may read none, or the server's cursors end there.
bool PageWalk::answers_behind() { return answers_at_any(bad_page_->places_behind()); }

/// Whether the server answers for another row of the list: one that it has answered for, or else
/// one after the page.
bool PageWalk::answers_elsewhere() {
  std::vector<std::string> places;
  if (pages_ > 0) {
    places.push_back(answered_cursor_);
  } else {
    places = bad_page_->places_elsewhere();
  }
  return answers_at_any(places);
}

bool PageWalk::answers_at_any(const std::vector<std::string>& places) {
  return std::any_of(places.begin(), places.end(),
                     [&](const std::string& place) { return answers_at(place); });
}

bool PageWalk::answers_at(const std::string& place) { return answers_at(place, window_); }

bool PageWalk::answers_at(const std::string& place, const std::optional<Window>& window) {
  return rows_at(place, window).has_value();
}

/// How many rows the server lists if asked for one there; nothing where it does not answer
/// properly.
std::optional<std::size_t> PageWalk::rows_at(const std::string& place,
                                             const std::optional<Window>& window) {
  Response look;
  const Verdict verdict = fetcher_.fetch(
      route_.target(with_page_rows(fixed_, 1), window ? &*window : nullptr, place), route_, look,
      Fetcher::Patience::of_look_elsewhere(pages_ > 0 || route_answers_));
  if (verdict.kind != Verdict::Kind::kAccept) return std::nullopt;
  const auto rows = rows_of_list(look.body, route_.list_key);
  if (rows) fetcher_.note_use(route_, true);
  return rows;
}

/// What can be used of a page that is not a valid list; nothing where nothing can.
std::optional<Salvaged> PageWalk::salvage() {
  const auto salvaged = salvage_records(response_.body, splitter_);
  if (!salvaged) return std::nullopt;
  if (splitter_.split(response_.body, RecordSplitter::Root::kList, page_)) return std::nullopt;
  page_.not_objects += salvaged->left_out;
  return salvaged;
}

/// Whether less than the page at hand, of which only the first records are valid, is answered
/// properly: a smaller page, or a narrower window.
bool PageWalk::gives_less() {
  if (!lose_row_ || batch_ || barren_) return false;
  if (bad_page_) return !bad_page_->single();
  if (answers_at(cursor_)) return true;
  const auto when = parse_instant(page_.records.front().cursor);
  if (!when || !divisible()) return false;
  const Instant second = whole_seconds(*when);
  return answers_at("", Window{second, second + std::chrono::seconds(1)});
}

/// Skips a row that is not valid JSON by the Link header that came with it, where no cursor can be
/// made.
bool PageWalk::follows_link(const Verdict& verdict) {
  const bool is_garbage = verdict.kind == Verdict::Kind::kRetry && response_.ok();
  if (!is_garbage || !bad_page_->single() || next_cursor_.empty() || next_cursor_ == cursor_) {
    return false;
  }
  bad_page_->answered(1, next_cursor_);
  overlaps_ = false;
  return true;
}

/// Whether an empty page was asked for in a form that is not the server's, and so is not an end:
/// not even the first row, which fails, is there by that form.
bool PageWalk::is_misled() {
  if (!bad_page_ || rows_of_page() > 0 || more_) return false;
  const auto first = bad_page_->first_row_as_guessed();
  return first && rows_at(*first, window_) == std::size_t{0};
}

/// Something was answered: what was skipped on the way is lost, and nothing else.
void PageWalk::leave_bad_rows() {
  for (const auto& [place, error] : lost_) lose_row_(place, error);
  rows_lost_ += lost_.size();
  lost_.clear();
  in_vain_ = 0;
  barren_ = false;
  answered_cursor_ = cursor_;
  const std::size_t rows = rows_of_page();
  if (!bad_page_) {
    page_size_ = rows;
    return;
  }
  if (next_cursor_.empty()) {
    bad_page_.reset();
    return;
  }
  bad_page_->answered(rows, next_cursor_);
  next_cursor_ = bad_page_->cursor();
  next_overlaps_ = false;
  if (bad_page_->done()) bad_page_.reset();
}

std::string PageWalk::place_of_row() const {
  const auto row = bad_page_->row();
  const std::string name = row ? "row " + std::to_string(*row) : "a row";
  if (!window_ || !narrowable_) return name + " of the list";
  return name + " of " + format_seconds(window_->from) + "Z to " + format_seconds(window_->to) +
         "Z";
}

}  // namespace source_sentry
