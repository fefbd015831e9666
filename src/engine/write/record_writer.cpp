#include "engine/write/record_writer.h"

#include <spdlog/spdlog.h>

#include <map>
#include <utility>

#include "base/text.h"
#include "engine/expand/document_fetch.h"
#include "json/members.h"

namespace source_sentry {
namespace {

/// If this many rows of a page are asked for and all of them are gone, that is not chance.
constexpr std::size_t kTooManyGone = 10;

}  // namespace

void RecordWriter::expect_rows(std::optional<std::uint64_t> counted, bool capped) {
  // Of a list that is read whole, only those where something has moved are visited after that.
  const RowMemory& memory = state_.memory();
  const bool visits_all = !memory.spans_all() || memory.rows().empty();
  if (!plan_.expansion.list || !visits_all) return;
  cost_.tell(state_.name(), counted, capped, state_.full_refresh() ? nullptr : plan_.budget.get());
}

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

void RecordWriter::write_gone(const std::vector<std::string>& ids) {
  for (const std::string& id : ids) append_gone(plan_.gone(id));
  write_block();
}

void RecordWriter::write_made(const RecordPage& page, std::vector<std::string> records) {
  ++pages_;
  filter_.begin(page);
  for (std::string& record : records) append_one({}, std::move(record), {});
  write_block();
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

/// The rows' children, which are the records in place of them. A row is visited once its list is
/// written, and the lists that its children lead to.
void RecordWriter::append_children(Fetcher& fetcher) {
  const Expansion& expansion = plan_.expansion;
  const std::vector<RecordView> rows = std::exchange(named_, {});
  const auto note = [&](const RecordView& row, ListEnd end) {
    if (end == ListEnd::kFailed) return;
    const auto when = parse_instant(row.cursor);
    if (end == ListEnd::kWhole) filter_.note(row, row.id, when);
    state_.note_visit(row, when);
  };
  if (!expansion.deeper) {
    append_lists(
        expansion, way_of_lists_, rows, fetcher,
        [&](std::size_t row, ListEnd end) { note(rows[row], end); }, nullptr);
    return;
  }
  std::vector<ListEnd> ends(rows.size(), ListEnd::kFailed);
  std::vector<Leading> leading;
  append_lists(
      expansion, way_of_lists_, rows, fetcher,
      [&](std::size_t row, ListEnd end) { ends[row] = end; }, &leading);
  std::vector<RecordView> children(leading.size());
  for (std::size_t i = 0; i < leading.size(); ++i) {
    children[i].json = leading[i].record;
    children[i].id = rows[leading[i].row].id;
  }
  append_lists(
      *expansion.deeper, way_of_deeper_lists_, children, fetcher,
      [&](std::size_t child, ListEnd end) {
        if (end == ListEnd::kFailed) ends[leading[child].row] = end;
      },
      nullptr);
  for (std::size_t row = 0; row < rows.size(); ++row) note(rows[row], ends[row]);
}

/// Writes what is in the lists that the rows lead to. `leading` takes the children that lead
/// further, which are not written; null: none does.
void RecordWriter::append_lists(const Expansion& expansion, ChildLists::Choice& choice,
                                const std::vector<RecordView>& rows, Fetcher& fetcher,
                                const ListDone& done, std::vector<Leading>* leading) {
  const ChildList& list = *expansion.list;
  const auto since = list.window_query ? state_.children_since() : std::nullopt;
  // Of one that was never visited, because it was hidden or failed, older ones are missing, too.
  const RowMemory& memory = state_.memory();
  const auto was_visited = [&](const RecordView& row) {
    return !memory.spans_all() || memory.rows().holds(row.id);
  };
  std::vector<ChildLists::RouteOf> routes;
  const auto add_route = [&](const auto& route_of) {
    routes.emplace_back([&, route_of](const RecordView& row) {
      auto route = route_of(row.json);
      if (route && since && was_visited(row)) {
        const Window window{whole_seconds(*since - list.overlap),
                            whole_seconds(plan_.now) + std::chrono::days(1)};
        route->query.append(route->query.empty() ? "" : "&").append(list.window_query(window));
      }
      return route;
    });
  };
  add_route(expansion.route);
  for (const auto& route : expansion.other_routes) add_route(route);
  VisitBudget* const budget = state_.full_refresh() ? nullptr : plan_.budget.get();
  // Lists that children lead to belong to rows whose own list is read: they are read in any case.
  ChildLists lists(list.shape, {std::move(routes), choice}, fetcher,
                   {budget, &expansion != &plan_.expansion});
  std::size_t gone = 0;
  bool lost_row = false;                        // of the list at hand
  std::map<std::size_t, std::string> gathered;  // by the row's place: the list so far
  const auto place_of = [&](const RecordView& row) {
    return static_cast<std::size_t>(&row - rows.data());
  };
  ChildLists::Taker taker;
  taker.page = [&](const RecordView& row, const Route& route, const RecordPage& children) {
    if (list.gathered.empty()) {
      append_page(expansion, route, row, children, place_of(row), leading);
    } else {
      gather(children, route, gathered[place_of(row)]);
    }
  };
  taker.lost_row = [&](const std::string& where, const ConnectorError& why) {
    lost_row = true;
    state_.lose_row(where, why);
  };
  taker.end = [&](const RecordView& row, const ChildLists::End& end) {
    if (end.left) {
      state_.leave_visit();
      return;
    }
    const bool whole = !std::exchange(lost_row, false) && !end.error;
    if (end.gone) {
      ++gone;
      if (budget != nullptr) budget->give_back();
    } else if (end.refused) {
      refused_.refused(row.id, *end.error, end.what);
    } else if (end.error) {
      if (end.error->kind() == FailureKind::kConfig) throw ConnectorError(*end.error);
      state_.lose_list(end.what, *end.error);
    } else if (!end.what.empty()) {
      refused_.given();
    }
    if (!list.gathered.empty() && whole && !end.gone && !end.what.empty()) {
      const auto node = gathered.extract(place_of(row));
      const std::string array = "[" + (node.empty() ? std::string() : node.mapped()) + "]";
      append_one({}, with_member(row.json, list.gathered, array), row.id);
      write_block();
    }
    done(place_of(row), whole ? ListEnd::kWhole : end.gone ? ListEnd::kGone : ListEnd::kFailed);
  };
  lists.run(rows, taker);
  note_gone(gone, rows.size(), list.may_be_none);
}

/// Adds the children of a page to the list that they are gathered in.
void RecordWriter::gather(const RecordPage& children, const Route& route, std::string& list) {
  for (const RecordView& child : children.records) {
    if (!route.means(child.json)) continue;
    list.append(list.empty() ? "" : ",").append(child.json);
  }
}

void RecordWriter::append_page(const Expansion& expansion, const Route& route,
                               const RecordView& row, const RecordPage& children, std::size_t of,
                               std::vector<Leading>* leading) {
  const auto& record_of = expansion.list->record;
  for (const RecordView& child : children.records) {
    // What was merged into another one answers with that one's children.
    if (!route.means(child.json)) continue;
    auto made = record_of ? std::optional(record_of(row.json, child.json)) : std::nullopt;
    if (leading != nullptr && expansion.deeper->route(made ? *made : child.json)) {
      leading->push_back({made ? *std::move(made) : std::string(child.json), of});
    } else if (expansion.split) {
      append(child, std::move(made));
    } else {
      append_one(child.json, std::move(made), child.id);
    }
  }
  if (const std::size_t no_records = children.not_objects + children.empty; no_records > 0) {
    state_.lose_entries(no_records, nullptr);
  }
  write_block();
}

/// Of the rows of a page that were asked for one by one, so many were not there any more.
void RecordWriter::note_gone(std::size_t gone, std::size_t named, bool may_be_none) {
  (may_be_none ? without_list_ : gone_) += gone;
  if (!may_be_none && gone == named && named >= kTooManyGone) {
    throw ConnectorError(FailureKind::kSystem,
                         "Sentry lists " + number_of(named, "row") + " of " + state_.name() +
                             " and then finds none of them. Try again later, and tell whoever "
                             "runs the server if this keeps happening.");
  }
}

/// Adds the record, or `made` in its place, or what it holds; false if the plan's transform leaves
/// it out.
bool RecordWriter::append(const RecordView& record, std::optional<std::string> made) {
  if (!plan_.expansion.split) return append_one(record.json, std::move(made), record.id);
  for (std::string& part : plan_.expansion.split(made ? std::string_view(*made) : record.json)) {
    append_one({}, std::move(part), record.id);
  }
  return true;
}

void RecordWriter::append_gone(std::string json) {
  if (plan_.expansion.split) {
    append({}, std::move(json));
  } else {
    append_one({}, std::move(json), {}, true);
  }
}

bool RecordWriter::append_one(std::string_view json, std::optional<std::string> made,
                              std::string_view id, bool gone) {
  if (plan_.transform) {
    Transformed transformed = plan_.transform(made ? std::string_view(*made) : json);
    if (transformed.is_left_out()) {
      ++left_out_;
      return false;
    }
    if (transformed.is_changed()) made = transformed.take();
  }
  if (auto whole = with_filled(made ? std::string_view(*made) : json)) made = std::move(whole);
  ++taken_;
  if (gone) {
    block_.add_gone(*std::move(made));
  } else if (made) {
    block_.add_own(*std::move(made), id);
  } else {
    block_.add(json, id);
  }
  return true;
}

/// A record that lacks members which the plan fills in, together with these; nothing if it lacks
/// none or their values are unknown.
std::optional<std::string> RecordWriter::with_filled(std::string_view json) {
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
  return whole;
}

std::string RecordWriter::summary(std::uint64_t windows) const {
  std::string text = number_of(block_.added(), "record") + " in " + number_of(pages_, "page");
  if (windows > 1) text += ", " + number_of(windows, "window");
  if (gone_ > 0) text += ", " + std::to_string(gone_) + " gone before they could be fetched";
  if (without_list_ > 0) text += ", " + std::to_string(without_list_) + " that have no such list";
  if (left_out_ > 0) text += ", " + std::to_string(left_out_) + " not wanted";
  return text + filter_.summary();
}

}  // namespace source_sentry
