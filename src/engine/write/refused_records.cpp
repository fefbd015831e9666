#include "engine/write/refused_records.h"

#include <algorithm>
#include <utility>

#include "engine/expand/document_fetch.h"
#include "engine/fetch/bad_page.h"
#include "engine/fetch/page_size.h"
#include "engine/fetch/verdict.h"
#include "json/record_splitter.h"

namespace source_sentry {
namespace {

/// This many are asked for side by side, so waiting for all of them costs no request that the first
/// refusal would have saved. If all are refused, that is not chance.
constexpr std::size_t kMostHeld = 8;
/// One of them may be gone, or refused as well.
constexpr std::size_t kMostOthers = 3;

}  // namespace

void RefusedRecords::refused(std::string_view id, const ConnectorError& why,
                             std::string_view what) {
  ++refused_on_page_;
  latest_ = why;
  if (any_given_) {
    lose({std::string(id), std::string(what), why});
    return;
  }
  held_.push_back({std::string(id), std::string(what), why});
  if (held_.size() >= kMostHeld) throw held_.front().why;
}

void RefusedRecords::given() {
  any_given_ = given_on_page_ = true;
  for (const Refusal& one : std::exchange(held_, {})) lose(one);
  state_.went_well();
}

void RefusedRecords::lose(const Refusal& one) {
  const ConnectorError why = of_refused_row(one.why);
  kind_ == Kind::kLists ? state_.lose_refused_list(one.what, why)
                        : state_.lose_refused_record(one.id, why);
}

void RefusedRecords::end_page(const RecordPage& page, const Route& route, Fetcher& fetcher) {
  const bool may_be_listed = kind_ == Kind::kLists || route.names_only;
  if (!held_.empty() && !ask_for_another(page.records, route, fetcher) && may_be_listed) {
    ask_for_listed(route, fetcher);
  }
  if (!held_.empty()) throw held_.front().why;
  const bool none = !std::exchange(given_on_page_, false) && refused_on_page_ >= kMostHeld;
  refused_on_page_ = 0;
  if (none) throw *latest_;
}

/// Asks for what some of the rows lead to that were not asked for. False if there is none.
bool RefusedRecords::ask_for_another(const std::vector<RecordView>& rows, const Route& route,
                                     Fetcher& fetcher) {
  std::vector<RecordView> others;
  for (const RecordView& row : rows) {
    if (others.size() == kMostOthers) break;
    const bool held = std::any_of(held_.begin(), held_.end(),
                                  [&](const Refusal& one) { return one.id == row.id; });
    if (!held && !row.id.empty() && route.means(row.json)) others.push_back(row);
  }
  if (others.empty()) return false;
  kind_ == Kind::kLists ? ask_for_lists(others, fetcher)
                        : ask_for_documents(others, route, fetcher);
  return true;
}

void RefusedRecords::ask_for_documents(const std::vector<RecordView>& rows, const Route& route,
                                       Fetcher& fetcher) {
  const auto route_of = [&](const RecordView& row) {
    return route.names_only ? std::optional(plan_.detail(row.id)) : plan_.expansion.route(row.json);
  };
  DocumentFetch documents(plan_.shape, route_of, fetcher, plan_.expansion.documents);
  documents.run(rows, [&](const RecordView&, const DocumentFetch::Answer& answer) {
    if (answer.whole) given();
  });
}

void RefusedRecords::ask_for_lists(const std::vector<RecordView>& rows, Fetcher& fetcher) {
  const auto companions = fetcher.companions(1);
  if (companions.empty()) return;
  const auto ask = [&](const Route& list) {
    Response response;
    return companions.front()->fetch(list.target(list.query, nullptr, ""), list, response,
                                     Fetcher::Patience::of_look_elsewhere(true));
  };
  for (const RecordView& row : rows) {
    auto list = plan_.expansion.route(row.json);
    if (!list) continue;
    Verdict verdict = ask(*list);
    for (const auto& other : plan_.expansion.other_routes) {
      if (!verdict.not_offered) break;
      list = other(row.json);
      if (list) verdict = ask(*list);
    }
    if (verdict.kind != Verdict::Kind::kAccept) continue;
    given();
    return;
  }
}

/// The same for the first rows of the list without a window, where the page has no others.
void RefusedRecords::ask_for_listed(const Route& route, Fetcher& fetcher) {
  Response response;
  {
    // The walk may have asked for its next page by the fetcher itself.
    const auto companions = fetcher.companions(1);
    if (companions.empty()) return;
    const bool whole = plan_.shape.page_rows == kWholeList;
    const std::string query =
        whole ? route.query : with_page_rows(route.query, held_.size() + kMostOthers);
    const Verdict verdict =
        companions.front()->fetch(route.target(query, nullptr, ""), route, response,
                                  Fetcher::Patience::of_look_elsewhere(true));
    if (verdict.kind != Verdict::Kind::kAccept) return;
  }
  RecordSplitter splitter(plan_.shape.id_key, "");
  RecordPage page;
  if (splitter.split_list(response.body, route.list_key, page)) return;
  ask_for_another(page.records, route, fetcher);
}

}  // namespace source_sentry
