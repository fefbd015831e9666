#include "engine/write/record_writer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/fetch/detail_fetch.h"
#include "json/members.h"

namespace source_sentry {
namespace {

/// That so many of a page are gone when they are asked for, and not one is there, is no chance.
constexpr std::size_t kTooManyGone = 10;
/// Clocks of servers and clients differ by so much without anybody minding. Sentry itself sets what
/// is dated further ahead to the time of receipt; GlitchTip takes it as it is.
constexpr std::chrono::minutes kClocksDiffer(1);

/// Whether one of the record's neighbours has the same cursor value.
bool is_tie(const std::vector<RecordView>& records, const RecordView& record) {
  const auto at = &record - records.data();
  const auto same = [&](const RecordView& other) { return other.cursor == record.cursor; };
  return (at > 0 && same(*(&record - 1))) || (&record != &records.back() && same(*(&record + 1)));
}

}  // namespace

void RecordWriter::Tally::add(const Tally& page) {
  counted += page.counted;
  if (page.newest > newest) {
    newest = page.newest;
    newest_of = page.newest_of;
  }
  if (page.oldest) oldest = std::min(oldest.value_or(*page.oldest), *page.oldest);
}

RecordWriter::Tally RecordWriter::write(const RecordPage& page, const Route& route,
                                        const Terms& terms, Fetcher& fetcher) {
  if (!page.continues) {
    ++pages_;
    nameless_.begin_page();
  }
  rows_ += page.records.size() + page.empty + page.not_objects;
  const bool may_be_foreign = static_cast<bool>(route.is_meant);
  aside_.clear();
  Tally tally;
  for (const RecordView& record : page.records) {
    if (may_be_foreign && !route.is_meant(record.json)) {
      ++foreign_;
      --rows_;
      continue;
    }
    const auto when =
        of_.plan.shape.cursor_key.empty() ? std::nullopt : parse_instant(record.cursor);
    if (!is_wanted(page, record, when, terms, tally)) continue;
    take(record, route, when, fetcher);
    tally.cut_short = fetcher.stopped();
    if (tally.cut_short) break;
  }
  append_details(fetcher, tally);
  write_block();
  last_cursor_ = page.records.empty() ? std::string() : std::string(page.records.back().cursor);
  // The protocol allows no empty records.
  if (const std::size_t no_records = page.not_objects + page.empty; no_records > 0) {
    of_.holes.add_entries(no_records, terms.bounds, of_.checkpoint);
  }
  return tally;
}

RecordWriter::Tally RecordWriter::write_strays(const Route& route, const Window& bounds,
                                               Fetcher& fetcher) {
  Tally tally;
  for (const RecordView& record : aside_) {
    if (of_.written_before != nullptr && of_.written_before->contain(record.id, record.cursor)) {
      continue;
    }
    // A window that was read before may have listed it, too.
    const bool strayed = stray_count_ > 0 && strays_.contain(record.id, record.cursor);
    if (strayed || recent_.seen_before(record.id, record.cursor)) {
      ++repeats_;
      continue;
    }
    strays_.seen_before(record.id, record.cursor);
    ++stray_count_;
    // It counts where the server has it.
    const Instant when =
        std::clamp(*parse_instant(record.cursor), bounds.from, bounds.to - Duration(1));
    note_time(when, tally);
    take(record, route, when, fetcher);
    tally.cut_short = fetcher.stopped();
    if (tally.cut_short) break;
  }
  aside_.clear();
  append_details(fetcher, tally);
  write_block();
  return tally;
}

void RecordWriter::leave_strays(const Terms& terms) {
  for (const RecordView& record : aside_) leave(record, *parse_instant(record.cursor), terms);
  aside_.clear();
}

/// Writes the record, or has it fetched, if it is news.
void RecordWriter::take(const RecordView& record, const Route& route, std::optional<Instant> when,
                        Fetcher& fetcher) {
  if (route.names_only) {
    // Of what may be late the record itself tells when it was received.
    if (is_late(when) || !is_left_out(record, when)) named_.push_back(record);
    return;
  }
  if (is_known(record, when) || is_unchanged(record)) return;
  if (append(record, fetcher)) note(record, record.id, when);
}

bool RecordWriter::is_wanted(const RecordPage& page, const RecordView& record,
                             std::optional<Instant> when, const Terms& terms, Tally& tally) {
  if (record.id.empty() && !of_.plan.shape.id_key.empty() && without_id_++ == 0) {
    spdlog::warn(
        "Records of {} have no {}: this server sends none. A destination cannot remove "
        "duplicates by it.",
        of_.name, of_.plan.shape.id_key);
  }
  if (when && terms.bounds != nullptr && !terms.bounds->contains(*when)) {
    note_outside(record, *when, terms, tally);
    return false;
  }
  if (!when && !of_.plan.shape.cursor_key.empty() && without_cursor_++ == 0) {
    spdlog::warn(
        "A record of {} has no usable {} (id {}); such records are written, but do not move the "
        "state.",
        of_.name, of_.plan.shape.cursor_key, record.id);
  }
  if (when > tally.newest) {
    tally.newest = when;
    if (of_.plan.partition_of) tally.newest_of = of_.plan.partition_of(record.json);
  }
  if (when) of_.look_back.come_to(*when);
  if (of_.written_before != nullptr && of_.written_before->contain(record.id, record.cursor))
    return false;
  if (stray_count_ > 0 && strays_.contain(record.id, record.cursor)) return false;
  if (record.id.empty() && when) {
    if (nameless_.comes_again(record, terms.by_row_number)) {
      ++repeats_;
      return false;
    }
  } else if (recent_.seen_before(record.id, record.cursor)) {
    if (when && *when >= terms.known_from) return false;
    ++repeats_;
    if (is_tie(page.records, record) || record.cursor == last_cursor_) ++repeated_ties_;
    return false;
  }
  if (when) note_time(*when, tally);
  return true;
}

void RecordWriter::note_outside(const RecordView& record, Instant when, const Terms& terms,
                                Tally& tally) {
  // A window begins with the whole second, and what is wanted may begin inside of it.
  const bool older = when < whole_seconds(terms.bounds->from);
  const bool newer = when >= terms.bounds->to;
  if (!older && !newer) return;
  if (!terms.strays_aside) {
    leave(record, when, terms);
    return;
  }
  ++(older ? tally.older : tally.newer);
  aside_.push_back(record);
}

void RecordWriter::leave(const RecordView& record, Instant when, const Terms& terms) {
  if (when < terms.bounds->from) {
    ++outside_;
    return;
  }
  // What is only newer than the begin of the run is the next one's.
  const Instant now = std::max(of_.plan.now, terms.server_now.value_or(of_.plan.now));
  if (when <= now + kClocksDiffer || ahead_.seen_before(record.id, record.cursor)) return;
  ++in_future_;
  furthest_ = std::max(furthest_, when);
}

void RecordWriter::note_time(Instant when, Tally& tally) {
  oldest_ = std::min(oldest_.value_or(when), when);
  const auto& mark = of_.began_with.high_water;
  if (mark && whole_seconds(when) == whole_seconds(*mark)) met_saved_second_ = true;
  if (!of_.audit.counts(when)) return;
  ++tally.counted;
  tally.oldest = std::min(tally.oldest.value_or(when), when);
}

bool RecordWriter::is_late(std::optional<Instant> when) const {
  return when && of_.late && of_.late->window().contains(*when);
}

bool RecordWriter::is_known(const RecordView& record, std::optional<Instant> when) {
  if (!is_late(when) || of_.late->is_news(record)) return is_left_out(record, when);
  ++known_;
  return true;
}

bool RecordWriter::is_left_out(const RecordView& record, std::optional<Instant> when) {
  if (!when || !of_.look_back.has_saved()) return false;
  const bool known = of_.look_back.is_known(record.id, looked_for_until(record, *when));
  left_out_ += known ? 1 : 0;
  return known;
}

/// Late records are looked for by the time of their receipt.
Instant RecordWriter::looked_for_until(const RecordView& record, Instant when) const {
  return is_late(when) ? std::max(when, of_.late->received(record).value_or(when)) : when;
}

/// The record will have been written; as the one of `id`.
void RecordWriter::note(const RecordView& record, std::string_view id,
                        std::optional<Instant> when) {
  if (!when || !of_.look_back.active()) return;
  of_.look_back.note(id, looked_for_until(record, *when));
}

void RecordWriter::write_block() {
  block_.write();
  of_.look_back.gone_out();
}

bool RecordWriter::is_unchanged(const RecordView& record) {
  const bool unchanged = of_.memory.is_known(record);
  known_ += unchanged ? 1 : 0;
  return unchanged;
}

void RecordWriter::append_details(Fetcher& fetcher, Tally& tally) {
  if (named_.empty()) return;
  DetailFetch details(of_.plan.shape, of_.plan.detail, fetcher);
  DetailFetch::Taker taker;
  taker.record = [&](const RecordView& row, const RecordView& whole) {
    of_.holes.went_well();
    const auto when = parse_instant(row.cursor);
    // The list has told the others before they were asked for.
    if (is_late(when) && is_known(whole, when)) return;
    if (append(whole, fetcher)) {
      note(whole, row.id, when);
      if (whole.id != row.id) note(whole, whole.id, when);  // a UUID may be written in two ways
    }
    write_block();  // each took a request of its own: it is not held back for the rest of its page
  };
  taker.failure = [&](const RecordView& row, const ConnectorError& error) {
    if (error.kind() == FailureKind::kConfig) throw error;
    of_.holes.add_record(row.id, error, of_.checkpoint);
  };
  std::size_t gone = 0;
  taker.gone = [&](const RecordView& row) {
    ++gone;
    const auto when = parse_instant(row.cursor);
    if (when && of_.audit.counts(*when) && tally.counted > 0) --tally.counted;
  };
  const std::size_t named = named_.size();
  if (!details.run(std::exchange(named_, {}), taker)) tally.cut_short = true;
  gone_ += gone;
  if (gone == named && named >= kTooManyGone) {
    throw ConnectorError(FailureKind::kSystem,
                         "Sentry lists " + number_of(named, "row") + " of " + of_.name +
                             " and then finds none of them. Try again later, and tell whoever "
                             "runs the server if this keeps happening.");
  }
}

/// False where there is nothing to write.
bool RecordWriter::append(const RecordView& record, Fetcher& fetcher) {
  std::optional<std::string> mapped;
  if (of_.plan.mapper) {
    try {
      mapped = of_.plan.mapper(record.json, fetcher);
    } catch (const ConnectorError& error) {
      if (error.kind() == FailureKind::kConfig) throw;
      of_.holes.add_record(record.id, error, of_.checkpoint);
      return false;
    }
    if (!mapped) return false;
    of_.holes.went_well();
  }
  const std::string_view json = mapped ? std::string_view(*mapped) : record.json;
  if (!add_filled(json)) block_.add(json);
  of_.memory.note(record);
  ++written_;
  // What took requests of its own is not held back for the rest of its page.
  if (mapped) write_block();
  return true;
}

/// Adds a record that does not say which partition it belongs to, with that; false where it does,
/// or nobody knows.
bool RecordWriter::add_filled(std::string_view json) {
  std::optional<std::string> whole;
  for (const FilledMember& member : of_.plan.filled) {
    auto more = filled(whole ? std::string_view(*whole) : json, member.key, member.value);
    if (!more) continue;
    if (!member.value.empty()) {
      whole = std::move(more);
    } else if (!std::exchange(told_of_nobody_, true)) {
      spdlog::warn(
          "Records of {} have no {}, and Sentry does not say what it is. A destination that "
          "removes duplicates by it may take two of them for one.",
          of_.name, member.key);
    }
  }
  if (!whole) return false;
  block_.add_own(*std::move(whole));
  return true;
}

std::string RecordWriter::summary(std::uint64_t windows) const {
  std::string text = number_of(written_, "record") + " in " + number_of(pages_, "page");
  if (windows > 1) text += ", " + number_of(windows, "window");
  if (gone_ > 0) text += ", " + std::to_string(gone_) + " gone before they could be fetched";
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

void RecordWriter::warn(bool in_any_order) const {
  if (in_future_ > 0) {
    spdlog::warn(
        "{} records of {} are dated in the future, up to {}, and left out: the clocks of those who "
        "sent them are ahead. Correct those clocks; such a record is read by a run after its time "
        "if the server still lists it there.",
        in_future_, of_.name, format_instant(furthest_));
  }
  // Servers that heed windows list records of one time in a fixed order; there it is an old page's
  // edge that moved.
  if (repeated_ties_ > 0 && in_any_order) {
    spdlog::warn(
        "{} records of {} were listed twice among others of the same time, and written once. This "
        "Sentry keeps such records in no fixed order, so as many others may be missing.",
        repeated_ties_, of_.name);
  }
}

}  // namespace source_sentry
