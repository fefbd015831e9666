#include "engine/write/row_filter.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "base/text.h"

namespace source_sentry {
namespace {

/// The clocks of servers and clients often differ by this much. Sentry gives what is dated further
/// ahead its time of receipt; GlitchTip takes it as it is.
constexpr std::chrono::minutes kClocksDiffer(1);

/// Whether one of the row's neighbours has the same cursor value.
bool is_tie(const std::vector<RecordView>& rows, const RecordView& row) {
  const auto at = &row - rows.data();
  const auto same = [&](const RecordView& other) { return other.cursor == row.cursor; };
  return (at > 0 && same(*(&row - 1))) || (&row != &rows.back() && same(*(&row + 1)));
}

}  // namespace

void RowFilter::Tally::add(const Tally& page) {
  counted += page.counted;
  if (page.newest > newest) {
    newest = page.newest;
    newest_of = page.newest_of;
  }
  if (page.oldest) oldest = std::min(oldest.value_or(*page.oldest), *page.oldest);
}

void RowFilter::begin(const RecordPage& page) {
  if (!page.continues) nameless_.begin_page();
  rows_ += page.records.size() + page.empty + page.not_objects;
  aside_.clear();
}

void RowFilter::end(const RecordPage& page) {
  last_cursor_ = page.records.empty() ? std::string() : std::string(page.records.back().cursor);
}

void RowFilter::note_foreign() {
  ++foreign_;
  --rows_;
}

bool RowFilter::is_wanted(const RecordPage& page, const RecordView& row,
                          std::optional<Instant> when, const Terms& terms, Tally& tally) {
  if (row.id.empty() && !plan_.shape.id_key.empty() && without_id_++ == 0) {
    spdlog::warn(
        "Records of {} have no {}: this server sends none. A destination cannot remove "
        "duplicates by it.",
        state_.name(), plan_.shape.id_key);
  }
  if (when && terms.bounds != nullptr && !terms.bounds->contains(*when)) {
    note_outside(row, *when, terms, tally);
    return false;
  }
  if (!when && !plan_.shape.cursor_key.empty() && without_cursor_++ == 0) {
    spdlog::warn(
        "A record of {} has no usable {} (id {}); such records are written, but do not move the "
        "state.",
        state_.name(), plan_.shape.cursor_key, row.id);
  }
  if (when > tally.newest) {
    tally.newest = when;
    if (plan_.partition_of) tally.newest_of = plan_.partition_of(row.json);
  }
  if (when) state_.look_back().come_to(*when);
  if (written_before_ != nullptr && written_before_->contain(row.id, row.cursor)) return false;
  if (stray_count_ > 0 && strays_.contain(row.id, row.cursor)) return false;
  if (row.id.empty() && when) {
    if (nameless_.comes_again(row, terms.by_row_number)) {
      ++repeats_;
      return false;
    }
  } else if (recent_.seen_before(row.id, row.cursor)) {
    if (when && *when >= terms.known_from) return false;
    ++repeats_;
    if (is_tie(page.records, row) || row.cursor == last_cursor_) ++repeated_ties_;
    return false;
  }
  if (when) note_time(*when, tally);
  return true;
}

void RowFilter::note_outside(const RecordView& row, Instant when, const Terms& terms,
                             Tally& tally) {
  // Windows are asked for by whole seconds; what is wanted may begin within one.
  const bool older = when < whole_seconds(terms.bounds->from);
  const bool newer = when >= terms.bounds->to;
  if (!older && !newer) return;
  if (!terms.strays_aside) {
    leave(row, when, terms);
    return;
  }
  ++(older ? tally.older : tally.newer);
  aside_.push_back(row);
}

void RowFilter::leave(const RecordView& row, Instant when, const Terms& terms) {
  if (when < terms.bounds->from) {
    ++outside_;
    return;
  }
  // A row that is newer than the run's beginning, but not in the future, is left to the next run.
  const Instant now = std::max(plan_.now, terms.server_now.value_or(plan_.now));
  if (when <= now + kClocksDiffer || ahead_.seen_before(row.id, row.cursor)) return;
  ++in_future_;
  furthest_ = std::max(furthest_, when);
}

std::vector<RowFilter::Stray> RowFilter::take_strays(const Window& bounds, Tally& tally) {
  std::vector<Stray> news;
  for (const RecordView& row : aside_) {
    if (written_before_ != nullptr && written_before_->contain(row.id, row.cursor)) continue;
    // An earlier window may have listed it too.
    const bool strayed = stray_count_ > 0 && strays_.contain(row.id, row.cursor);
    if (strayed || recent_.seen_before(row.id, row.cursor)) {
      ++repeats_;
      continue;
    }
    strays_.seen_before(row.id, row.cursor);
    ++stray_count_;
    const Instant when =
        std::clamp(*parse_instant(row.cursor), bounds.from, bounds.to - Duration(1));
    note_time(when, tally);
    news.push_back({row, when});
  }
  aside_.clear();
  return news;
}

void RowFilter::leave_strays(const Terms& terms) {
  for (const RecordView& row : aside_) leave(row, *parse_instant(row.cursor), terms);
  aside_.clear();
}

void RowFilter::note_time(Instant when, Tally& tally) {
  oldest_ = std::min(oldest_.value_or(when), when);
  const auto& mark = state_.began_with().high_water;
  if (mark && whole_seconds(when) == whole_seconds(*mark)) met_saved_second_ = true;
  if (!audit_.counts(when)) return;
  ++tally.counted;
  tally.oldest = std::min(tally.oldest.value_or(when), when);
}

void RowFilter::take_back(std::optional<Instant> when, Tally& tally) {
  if (when && audit_.counts(*when) && tally.counted > 0) --tally.counted;
}

bool RowFilter::is_news(const RecordView& row, std::optional<Instant> when, bool names_only) {
  // If it may be late, only the whole record tells when it was received.
  if (names_only) return is_late(when) || !is_left_out(row, when);
  if (is_late(when) && !state_.late()->is_news(row)) {
    ++known_;
    return false;
  }
  if (is_left_out(row, when)) return false;
  const bool unchanged = state_.visits().has_visited(row, when) || state_.memory().is_known(row);
  known_ += unchanged ? 1 : 0;
  return !unchanged;
}

bool RowFilter::is_news_when_whole(const RecordView& whole, std::optional<Instant> when) {
  // All others were judged when they were listed.
  if (!is_late(when)) return true;
  if (state_.late()->is_news(whole)) return !is_left_out(whole, when);
  ++known_;
  return false;
}

bool RowFilter::is_late(std::optional<Instant> when) const {
  return when && state_.late() && state_.late()->window().contains(*when);
}

bool RowFilter::is_left_out(const RecordView& row, std::optional<Instant> when) {
  if (!when || !state_.look_back().has_saved()) return false;
  const bool known = state_.look_back().is_known(row.id, looked_for_until(row, *when));
  left_out_ += known ? 1 : 0;
  return known;
}

/// The time up to which look backs find the row, see LookBack. Late records arrive, and so are
/// looked for, later than their own time.
Instant RowFilter::looked_for_until(const RecordView& row, Instant when) const {
  return is_late(when) ? std::max(when, state_.late()->received(row).value_or(when)) : when;
}

void RowFilter::note(const RecordView& record, std::string_view id, std::optional<Instant> when) {
  state_.memory().note(record);
  if (!when || !state_.look_back().active()) return;
  state_.look_back().note(id, looked_for_until(record, *when));
}

void RowFilter::forget() {
  recent_ = RecentRecords();
  nameless_ = NamelessRows();
  hidden_ = 0;
}

std::string RowFilter::summary() const {
  std::string text;
  if (left_out_ > 0) {
    text += ", " + std::to_string(left_out_) + " of the look back written by earlier runs";
  }
  if (known_ > 0) text += ", " + std::to_string(known_) + " older ones known already";
  if (stray_count_ > 0) {
    text += ", " + std::to_string(stray_count_) + " of another time than the server lists them at";
  }
  if (outside_ > 0) text += ", " + number_of(outside_, "older row") + " left out";
  if (foreign_ > 0) text += ", " + std::to_string(foreign_) + " of others left out";
  if (repeats_ > 0) text += ", " + number_of(repeats_, "repeated row") + " left out";
  return text;
}

void RowFilter::warn(bool in_any_order) const {
  if (in_future_ > 0) {
    spdlog::warn(
        "{} records of {} are dated in the future, up to {}, and left out: the clocks of those who "
        "sent them are ahead. Correct those clocks; such a record is read by a run after its time "
        "if the server still lists it there.",
        in_future_, state_.name(), format_instant(furthest_));
  }
  // Servers that respect windows list records of one time in a fixed order. A repeat there only
  // means that the edge of a page has moved.
  if (repeated_ties_ > 0 && in_any_order) {
    spdlog::warn(
        "{} records of {} were listed twice among others of the same time, and written once. This "
        "Sentry keeps such records in no fixed order, so as many others may be missing.",
        repeated_ties_, state_.name());
  }
}

}  // namespace source_sentry
