#include "engine/write/record_writer.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"
#include "engine/fetch/detail_fetch.h"
#include "json/members.h"

namespace source_sentry {
namespace {

/// That so many of a page are gone when they are asked for, and not one is there, is no chance.
constexpr std::size_t kTooManyGone = 10;

}  // namespace

RecordWriter::Tally RecordWriter::write(const RecordPage& page, const Route& route,
                                        const Terms& terms, Fetcher& fetcher) {
  if (!page.continues) ++pages_;
  filter_.begin(page);
  const bool has_cursor = !plan_.shape.cursor_key.empty();
  Tally tally;
  for (const RecordView& record : page.records) {
    if (!route.means(record.json)) {
      filter_.note_foreign();
      continue;
    }
    const auto when = has_cursor ? parse_instant(record.cursor) : std::nullopt;
    if (!filter_.is_wanted(page, record, when, terms, tally)) continue;
    take(record, route, when, fetcher);
    leave_if_stopped(fetcher);
  }
  append_details(fetcher, tally);
  write_block();
  refused_.end_page();
  filter_.end(page);
  // The protocol allows no empty records.
  if (const std::size_t no_records = page.not_objects + page.empty; no_records > 0) {
    state_.lose_entries(no_records, terms.bounds);
  }
  return tally;
}

RecordWriter::Tally RecordWriter::write_strays(const Route& route, const Window& bounds,
                                               Fetcher& fetcher) {
  Tally tally;
  for (const RowFilter::Stray& stray : filter_.take_strays(bounds, tally)) {
    take(stray.row, route, stray.when, fetcher);
    leave_if_stopped(fetcher);
  }
  append_details(fetcher, tally);
  write_block();
  refused_.end_page();
  return tally;
}

/// Writes the record, or has it fetched, if it is news.
void RecordWriter::take(const RecordView& record, const Route& route, std::optional<Instant> when,
                        Fetcher& fetcher) {
  if (!filter_.is_news(record, when, route.names_only)) return;
  if (route.names_only) {
    named_.push_back(record);
  } else if (append(record, fetcher)) {
    filter_.note(record, record.id, when);
  }
}

void RecordWriter::write_block() {
  block_.write();
  state_.look_back().gone_out();
}

/// What was taken of the page so far goes out first: it counts as written.
void RecordWriter::leave_if_stopped(const Fetcher& fetcher) {
  if (!fetcher.stopped()) return;
  write_block();
  throw Stopped();
}

void RecordWriter::append_details(Fetcher& fetcher, Tally& tally) {
  if (named_.empty()) return;
  DetailFetch details(plan_.shape, plan_.detail, fetcher);
  DetailFetch::Taker taker;
  taker.record = [&](const RecordView& row, const RecordView& whole) {
    refused_.given();
    const auto when = parse_instant(row.cursor);
    if (!filter_.is_news_when_whole(whole, when)) return;
    if (append(whole, fetcher)) {
      filter_.note(whole, row.id, when);
      // A UUID may be written in two ways.
      if (whole.id != row.id) filter_.note(whole, whole.id, when);
    }
    write_block();  // each took a request of its own: it is not held back for the rest of its page
  };
  taker.failure = [&](const RecordView& row, const ConnectorError& error) {
    if (error.kind() == FailureKind::kConfig) throw error;
    state_.lose_record(row.id, error);
  };
  taker.refused = [&](const RecordView& row, const ConnectorError& error) {
    refused_.refused(row.id, error);
  };
  std::size_t gone = 0;
  taker.gone = [&](const RecordView& row) {
    ++gone;
    filter_.take_back(parse_instant(row.cursor), tally);
  };
  const std::size_t named = named_.size();
  details.run(std::exchange(named_, {}), taker);
  gone_ += gone;
  if (gone == named && named >= kTooManyGone) {
    throw ConnectorError(FailureKind::kSystem,
                         "Sentry lists " + number_of(named, "row") + " of " + state_.name() +
                             " and then finds none of them. Try again later, and tell whoever "
                             "runs the server if this keeps happening.");
  }
}

/// False where there is nothing to write.
bool RecordWriter::append(const RecordView& record, Fetcher& fetcher) {
  std::optional<std::string> mapped;
  if (plan_.mapper) {
    try {
      mapped = plan_.mapper(record.json, fetcher);
    } catch (const RefusedRecord& refusal) {
      refused_.refused(record.id, refusal);
      return false;
    } catch (const ConnectorError& error) {
      if (error.kind() == FailureKind::kConfig) throw;
      state_.lose_record(record.id, error);
      return false;
    }
    if (!mapped) return false;
    refused_.given();
  }
  const bool asked = mapped.has_value();
  if (plan_.transform) {
    Transformed made = plan_.transform(mapped ? std::string_view(*mapped) : record.json);
    if (made.is_left_out()) {
      ++left_out_;
      return false;
    }
    if (made.is_changed()) mapped = made.take();
  }
  if (add_filled(mapped ? std::string_view(*mapped) : record.json)) {
    // It was added with what it lacked.
  } else if (mapped) {
    block_.add_own(*std::move(mapped));
  } else {
    block_.add(record.json);
  }
  state_.memory().note(record);
  ++written_;
  // What took requests of its own is not held back for the rest of its page.
  if (asked) write_block();
  return true;
}

/// Adds a record that does not say which partition it belongs to, with that; false where it does,
/// or nobody knows.
bool RecordWriter::add_filled(std::string_view json) {
  std::optional<std::string> whole;
  for (const FilledMember& member : plan_.filled) {
    auto more = filled(whole ? std::string_view(*whole) : json, member.key, member.value);
    if (!more) continue;
    if (!member.value.empty()) {
      whole = std::move(more);
    } else if (!std::exchange(told_of_nobody_, true)) {
      spdlog::warn(
          "Records of {} have no {}, and Sentry does not say what it is. A destination that "
          "removes duplicates by it may take two of them for one.",
          state_.name(), member.key);
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
  if (left_out_ > 0) text += ", " + std::to_string(left_out_) + " not wanted";
  return text + filter_.summary();
}

}  // namespace source_sentry
