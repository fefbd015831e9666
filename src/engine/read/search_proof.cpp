#include "engine/read/search_proof.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "engine/fetch/page_walk.h"

namespace source_sentry {
namespace {

/// One row of a list is enough to see whether it is empty.
struct Look {
  bool has_row = false;
  std::optional<Instant> when{};  ///< the row's time, where it has one
};

Look look(Fetcher& fetcher, const PartitionPlan& plan, const Route& route, const Window* window) {
  PageWalk walk(fetcher, plan.listing(route), route.probe_query, window, "");
  Look seen;
  if (walk.next(false) != PageWalk::Turn::kPage) throw *walk.refusal().error;
  for (const RecordView& row : walk.records().records) {
    if (route.is_meant && !route.is_meant(row.json)) continue;
    seen.has_row = true;
    seen.when = std::max(seen.when, parse_instant(row.cursor));
  }
  return seen;
}

class Questioning {
 public:
  Questioning(Fetcher& fetcher, const PartitionPlan& plan, const Route& route, const Window& read)
      : fetcher_(fetcher),
        plan_(plan),
        route_(route),
        read_(read),
        widest_{route.horizon ? whole_seconds(plan.now) - *route.horizon : kBeginningOfTime,
                whole_seconds(plan.now)} {}

  SearchAnswer answer() {
    if (route_.window_query) {
      const Instant oldest = plan_.kept_for ? plan_.now - *plan_.kept_for : kBeginningOfTime;
      const bool read_all = read_.from <= std::max(widest_.from, oldest) && read_.to >= widest_.to;
      if (!read_all) {
        if (look(fetcher_, plan_, route_, &widest_).has_row) return SearchAnswer::kFinds;
      }
      if (const auto said = hold_against(look(fetcher_, plan_, route_, nullptr))) return *said;
    }
    return hold_against_others();
  }

 private:
  /// What a list without the search says of it; nothing if that is nothing.
  std::optional<SearchAnswer> hold_against(const Look& list) {
    if (!list.has_row || (list.when && *list.when < widest_.from)) return std::nullopt;
    if (!route_.window_query) {
      const bool in_time = !list.when || read_.contains(*list.when);
      return in_time ? std::optional(SearchAnswer::kInVain) : std::nullopt;
    }
    // It may have come meanwhile.
    const bool in_time = list.when && read_.contains(*list.when);
    const Window until_then{widest_.from, widest_.to + std::chrono::days(1)};
    const Look again = look(fetcher_, plan_, route_, in_time ? &read_ : &until_then);
    if (!again.has_row) return SearchAnswer::kInVain;
    return in_time ? SearchAnswer::kCameLate : SearchAnswer::kFinds;
  }

  SearchAnswer hold_against_others() {
    std::set<std::string> asked = {route_.target(route_.probe_query, nullptr, "")};
    std::set<std::string> paths = {route_.path};
    for (const Route& other : plan_.routes) {
      // Those before it were given up, and rows that only name records name none that a list lacks.
      if (&other <= &route_ || other.names_only) continue;
      const bool path_known = !paths.insert(other.path).second;
      if (other.unsearched && path_known) continue;  // it differs by what it is searched by alone
      if (other.in_other_words) continue;
      if (!asked.insert(other.target(other.probe_query, nullptr, "")).second) continue;
      try {
        if (const auto said = hold_against(look(fetcher_, plan_, other, nullptr))) return *said;
      } catch (const ConnectorError&) {
        // It only adds to what the list itself has said; many servers have one of them only.
        continue;
      }
    }
    return SearchAnswer::kNothing;
  }

  Fetcher& fetcher_;
  const PartitionPlan& plan_;
  const Route& route_;
  const Window read_;
  const Window widest_;  // all that the search can be asked for
};

}  // namespace

SearchAnswer question_search(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                             const Window& read) {
  if (read.from >= read.to) return SearchAnswer::kNothing;
  return Questioning(fetcher, plan, route, read).answer();
}

}  // namespace source_sentry
