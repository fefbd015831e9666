#include "engine/read/search_proof.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "engine/read/list_look.h"

namespace source_sentry {
namespace {

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
        if (look(route_, &widest_).has_row) return SearchAnswer::kFinds;
      }
      if (const auto said = hold_against(look(route_, nullptr))) return *said;
    }
    return hold_against_others();
  }

 private:
  /// One row of a list is enough to see whether it is empty.
  ListLook look(const Route& route, const Window* window) {
    const LookTerms terms{.query = route.probe_query, .window = window};
    return look_at_list(fetcher_, plan_, route, terms).or_throw();
  }

  /// What a list without the search tells about the search; nothing if it tells nothing.
  std::optional<SearchAnswer> hold_against(const ListLook& list) {
    if (!list.has_row || (list.newest && *list.newest < widest_.from)) return std::nullopt;
    if (!route_.window_query) {
      const bool in_time = !list.newest || read_.contains(*list.newest);
      return in_time ? std::optional(SearchAnswer::kInVain) : std::nullopt;
    }
    // The row may have come meanwhile, so the search is tried again.
    const bool in_time = list.newest && read_.contains(*list.newest);
    const Window until_then{widest_.from, widest_.to + std::chrono::days(1)};
    const ListLook again = look(route_, in_time ? &read_ : &until_then);
    if (!again.has_row) return SearchAnswer::kInVain;
    return in_time ? SearchAnswer::kCameLate : SearchAnswer::kFinds;
  }

  SearchAnswer hold_against_others() {
    std::set<std::string> asked = {route_.target(route_.probe_query, nullptr, "")};
    std::set<std::string> paths = {route_.path};
    for (const Route& other : plan_.routes) {
      // The routes before it were given up. A list that only names records shows no more of them.
      if (&other <= &route_ || other.names_only) continue;
      const bool path_known = !paths.insert(other.path).second;
      if (other.unsearched && path_known) continue;  // the same list, without the search
      if (other.in_other_words) continue;
      if (!asked.insert(other.target(other.probe_query, nullptr, "")).second) continue;
      try {
        if (const auto said = hold_against(look(other, nullptr))) return *said;
      } catch (const ConnectorError&) {
        // Many servers have only one of these lists.
        continue;
      }
    }
    return SearchAnswer::kNothing;
  }

  Fetcher& fetcher_;
  const PartitionPlan& plan_;
  const Route& route_;
  const Window read_;
  const Window widest_;  // the longest that can be searched
};

}  // namespace

SearchAnswer question_search(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                             const Window& read) {
  if (read.from >= read.to) return SearchAnswer::kNothing;
  return Questioning(fetcher, plan, route, read).answer();
}

}  // namespace source_sentry
