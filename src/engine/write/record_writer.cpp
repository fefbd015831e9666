#include "engine/write/record_writer.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "base/text.h"
#include "engine/expand/child_lists.h"
#include "engine/expand/document_fetch.h"
#include "json/members.h"

namespace source_sentry {
namespace {

/// If this many rows of a page are asked for and all of them are gone, that is not chance.
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
    take(record, route, when);
    leave_if_stopped(fetcher);
  }
  append_expanded(route, fetcher, tally);
  write_block();
  refused_.end_page(page, route, fetcher);
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
    take(stray.row, route, stray.when);
    leave_if_stopped(fetcher);
  }
  append_expanded(route, fetcher, tally);
  write_block();
  refused_.end_page({}, route, fetcher);
  return tally;
}

/// Writes the record, or has it fetched, if it is news.
void RecordWriter::take(const RecordView& record, const Route& route, std::optional<Instant> when) {
  if (!filter_.is_news(record, when, route.names_only)) return;
  if (route.names_only || plan_.expansion) {
    named_.push_back(record);
  } else if (append(record)) {
    filter_.note(record, record.id, when);
  }
}

void RecordWriter::write_block() {
  block_.write();
  state_.look_back().gone_out();
}

/// Throws Stopped if a stop was requested. What was taken of the page so far counts as written, and
/// so is written first.
void RecordWriter::leave_if_stopped(const Fetcher& fetcher) {
  if (!fetcher.stopped()) return;
  write_block();
  throw Stopped();
}

/// Writes the rows that need a document, each as soon as its document is there.
void RecordWriter::append_expanded(const Route& route, Fetcher& fetcher, Tally& tally) {
  if (named_.empty()) return;
  if (route.names_only) {
    append_details(fetcher, tally);
    return;
  }
  if (plan_.expansion.list) {
    append_children(fetcher);
    return;
  }
  const auto route_of = [&](const RecordView& row) { return plan_.expansion.route(row.json); };
  DocumentFetch documents(plan_.shape, route_of, fetcher, plan_.expansion.documents);
  documents.run(std::exchange(named_, {}),
                [&](const RecordView& row, const DocumentFetch::Answer& answer) {
                  auto made = made_of(row, answer);
                  if (!made || !append(row, std::move(made))) return;
                  filter_.note(row, row.id, parse_instant(row.cursor));
                  write_block();
                });
}

/// The record that is made of a row and its document; nothing if there is none, or it is lost.
std::optional<std::string> RecordWriter::made_of(const RecordView& row,
                                                 const DocumentFetch::Answer& answer) {
  std::optional<std::string> made;
  try {
    made = plan_.expansion.record(row.json, answer);
  } catch (const RefusedRecord& refusal) {
    refused_.refused(row.id, refusal);
    return std::nullopt;
  } catch (const ConnectorError& error) {
    if (error.kind() == FailureKind::kConfig) throw;
    state_.lose_record(row.id, error);
    return std::nullopt;
  }
  if (made) refused_.given();
  return made;
}

/// Writes the records that the rows of a list only name.
void RecordWriter::append_details(Fetcher& fetcher, Tally& tally) {
  const auto route_of = [&](const RecordView& row) { return std::optional(plan_.detail(row.id)); };
  DocumentFetch documents(plan_.shape, route_of, fetcher);
  std::size_t gone = 0;
  const std::size_t named = named_.size();
  documents.run(std::exchange(named_, {}),
                [&](const RecordView& row, const DocumentFetch::Answer& answer) {
                  const auto when = parse_instant(row.cursor);
                  if (answer.gone) {
                    ++gone;
                    filter_.take_back(when, tally);
                  } else if (answer.refused) {
                    refused_.refused(row.id, *answer.error);
                  } else if (answer.error) {
                    if (answer.error->kind() == FailureKind::kConfig)
                      throw ConnectorError(*answer.error);
                    state_.lose_record(row.id, *answer.error);
                  } else {
                    const RecordView& whole = *answer.whole;
                    refused_.given();
                    if (!filter_.is_news_when_whole(whole, when)) return;
                    if (append(whole)) {
                      filter_.note(whole, row.id, when);
                      // A UUID may be written in two ways.
                      if (whole.id != row.id) filter_.note(whole, whole.id, when);
                    }
                    write_block();
                  }
                });
  note_gone(gone, named);
}

/// The rows' children, which are the records in place of them.
void RecordWriter::append_children(Fetcher& fetcher) {
  const auto route_of = [&](const RecordView& row) { return plan_.expansion.route(row.json); };
  ChildLists lists(plan_.expansion.list->shape, route_of, fetcher);
  std::size_t gone = 0;
  const std::size_t named = named_.size();
  bool lost_row = false;  // of the list at hand
  ChildLists::Taker taker;
  taker.page = [&](const RecordView& row, const Route& route, const RecordPage& children) {
    append_page(row, route, children);
  };
  taker.lost_row = [&](const std::string& where, const ConnectorError& why) {
    lost_row = true;
    state_.lose_row(where, why);
  };
  taker.end = [&](const RecordView& row, const ChildLists::End& end) {
    const bool whole = !std::exchange(lost_row, false) && !end.error;
    if (end.gone) {
      ++gone;
    } else if (end.refused) {
      refused_.refused(row.id, *end.error, end.what);
    } else if (end.error) {
      if (end.error->kind() == FailureKind::kConfig) throw ConnectorError(*end.error);
      state_.lose_list(end.what, *end.error);
    } else if (!end.what.empty()) {
      refused_.given();
    }
    if (whole) filter_.note(row, row.id, parse_instant(row.cursor));
  };
  lists.run(std::exchange(named_, {}), taker);
  note_gone(gone, named);
}

void RecordWriter::append_page(const RecordView& row, const Route& route,
                               const RecordPage& children) {
  const auto& record_of = plan_.expansion.list->record;
  for (const RecordView& child : children.records) {
    // What was merged into another one answers with that one's children.
    if (!route.means(child.json)) continue;
    append(child, record_of ? std::optional(record_of(row.json, child.json)) : std::nullopt);
  }
  if (const std::size_t no_records = children.not_objects + children.empty; no_records > 0) {
    state_.lose_entries(no_records, nullptr);
  }
  write_block();
}

/// Of the rows of a page that were asked for one by one, so many were not there any more.
void RecordWriter::note_gone(std::size_t gone, std::size_t named) {
  gone_ += gone;
  if (gone == named && named >= kTooManyGone) {
    throw ConnectorError(FailureKind::kSystem,
                         "Sentry lists " + number_of(named, "row") + " of " + state_.name() +
                             " and then finds none of them. Try again later, and tell whoever "
                             "runs the server if this keeps happening.");
  }
}

/// Adds the record, or `made` in its place; false if the plan's transform leaves it out.
bool RecordWriter::append(const RecordView& record, std::optional<std::string> made) {
  if (plan_.transform) {
    Transformed transformed = plan_.transform(made ? std::string_view(*made) : record.json);
    if (transformed.is_left_out()) {
      ++left_out_;
      return false;
    }
    if (transformed.is_changed()) made = transformed.take();
  }
  if (add_filled(made ? std::string_view(*made) : record.json)) {
    // It is added, with what it lacked.
  } else if (made) {
    block_.add_own(*std::move(made));
  } else {
    block_.add(record.json);
  }
  ++written_;
  return true;
}

/// Adds a record that lacks members which the plan fills in, together with these; false, with
/// nothing added, if it lacks none or their values are unknown.
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
