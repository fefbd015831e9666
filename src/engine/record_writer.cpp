#include "engine/record_writer.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "engine/detail_fetch.h"

namespace source_sentry {
namespace {

/// That so many of a page are gone when they are asked for, and not one is there, is no chance.
constexpr std::size_t kTooManyGone = 10;

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
                                        const Window* bounds, Fetcher& fetcher,
                                        Instant known_from) {
  ++pages_;
  rows_ += page.records.size() + page.empty + page.not_objects;
  Tally tally;
  for (const RecordView& record : page.records) {
    if (!is_wanted(page, record, bounds, known_from, tally)) continue;
    if (route.names_only) {
      named_.push_back(record);
    } else {
      const auto when = of_.late ? parse_instant(record.cursor) : std::nullopt;
      const bool known = (when && is_known(record, *when)) || is_unchanged(record);
      if (!known) append(record, fetcher);
    }
    if (fetcher.stopped()) break;
  }
  append_details(fetcher, tally);
  block_.write();
  last_cursor_ = page.records.empty() ? std::string() : std::string(page.records.back().cursor);
  // The protocol allows no empty records.
  if (const std::size_t no_records = page.not_objects + page.empty; no_records > 0) {
    of_.holes.add_entries(no_records, bounds, of_.checkpoint);
  }
  return tally;
}

bool RecordWriter::is_wanted(const RecordPage& page, const RecordView& record, const Window* bounds,
                             Instant known_from, Tally& tally) {
  if (record.id.empty() && !of_.plan.id_key.empty() && without_id_++ == 0) {
    spdlog::warn(
        "Records of {} have no {}: this Sentry is too old to send one. A destination cannot remove "
        "duplicates by it.",
        of_.name, of_.plan.id_key);
  }
  const auto when = of_.plan.cursor_key.empty() ? std::nullopt : parse_instant(record.cursor);
  if (when && bounds != nullptr && !bounds->contains(*when)) {
    if (*when < bounds->from) ++tally.older;
    return false;
  }
  if (!when && !of_.plan.cursor_key.empty() && without_cursor_++ == 0) {
    spdlog::warn(
        "A record of {} has no usable {} (id {}); such records are written, but do not move the "
        "state.",
        of_.name, of_.plan.cursor_key, record.id);
  }
  if (when > tally.newest) {
    tally.newest = when;
    if (of_.plan.partition_of) tally.newest_of = of_.plan.partition_of(record.json);
  }
  if (of_.written_before != nullptr && of_.written_before->contain(record.id, record.cursor))
    return false;
  if (recent_.seen_before(record.id, record.cursor)) {
    if (when && *when >= known_from) return false;
    ++repeats_;
    if (is_tie(page.records, record) || record.cursor == last_cursor_) ++repeated_ties_;
    return false;
  }
  if (when) note_time(*when, tally);
  return true;
}

void RecordWriter::note_time(Instant when, Tally& tally) {
  oldest_ = std::min(oldest_.value_or(when), when);
  const auto& mark = of_.began_with.high_water;
  if (mark && whole_seconds(when) == whole_seconds(*mark)) met_saved_second_ = true;
  if (!of_.audit.counts(when)) return;
  ++tally.counted;
  tally.oldest = std::min(tally.oldest.value_or(when), when);
}

bool RecordWriter::is_known(const RecordView& record, Instant when) {
  const bool known = of_.late && of_.late->window().contains(when) && !of_.late->is_news(record);
  known_ += known ? 1 : 0;
  return known;
}

bool RecordWriter::is_unchanged(const RecordView& record) {
  const bool unchanged = of_.memory.is_known(record);
  known_ += unchanged ? 1 : 0;
  return unchanged;
}

void RecordWriter::append_details(Fetcher& fetcher, Tally& tally) {
  if (named_.empty()) return;
  DetailFetch details(of_.plan, fetcher);
  DetailFetch::Taker taker;
  taker.record = [&](const RecordView& row, const RecordView& whole) {
    of_.holes.went_well();
    const auto when = parse_instant(row.cursor);
    if (when && is_known(whole, *when)) return;
    append(whole, fetcher);
    block_.write();  // each took a request of its own: it is not held back for the rest of its page
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
  tally.cut_short = !details.run(std::exchange(named_, {}), taker);
  gone_ += gone;
  if (gone == named && named >= kTooManyGone) {
    throw ConnectorError(FailureKind::kSystem,
                         "Sentry lists " + std::to_string(named) + " rows of " + of_.name +
                             " and then finds none of them. Try again later, and tell whoever "
                             "runs the server if it stays so.");
  }
}

void RecordWriter::append(const RecordView& record, Fetcher& fetcher) {
  std::optional<std::string> mapped;
  if (of_.plan.mapper) {
    try {
      mapped = of_.plan.mapper(record.json, fetcher);
    } catch (const ConnectorError& error) {
      if (error.kind() == FailureKind::kConfig) throw;
      of_.holes.add_record(record.id, error, of_.checkpoint);
      return;
    }
    if (!mapped) return;
    of_.holes.went_well();
  }
  block_.add(mapped ? std::string_view(*mapped) : record.json);
  of_.memory.note(record);
  ++written_;
  // What took requests of its own is not held back for the rest of its page.
  if (mapped) block_.write();
}

std::string RecordWriter::summary(std::uint64_t windows) const {
  std::string text = std::to_string(written_) + " records in " + std::to_string(pages_) + " pages";
  if (windows > 1) text += ", " + std::to_string(windows) + " windows";
  if (gone_ > 0) text += ", " + std::to_string(gone_) + " gone before they could be fetched";
  if (known_ > 0) text += ", " + std::to_string(known_) + " older ones known already";
  if (repeats_ > 0) text += ", " + std::to_string(repeats_) + " repeated rows left out";
  return text;
}

void RecordWriter::warn(bool in_any_order) const {
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
