#include "engine/custom/parents_read.h"

#include "engine/fetch/page_walk.h"
#include "engine/plan/route_choice.h"

namespace source_sentry {

std::optional<Verdict> read_parent_list(const ParentList& list, Fetcher& fetcher,
                                        const std::function<void(const RecordView&)>& take,
                                        bool only_first_page) {
  std::vector<Route> ways = list.routes;
  RouteChoice routes(ways, "");
  for (;;) {
    const Route& route = routes.route();
    const Window* window = list.window && route.window_query ? &*list.window : nullptr;
    const Listing listing{list.shape, route, route.name() != ways.back().name()};
    PageWalk walk(fetcher, listing, route.query, window, "");
    auto turn = walk.next(!only_first_page);
    for (; turn == PageWalk::Turn::kPage; turn = walk.next(true)) {
      do {
        for (const RecordView& row : walk.records().records) {
          if (route.means(row.json)) take(row);
        }
      } while (walk.next_slice());
      if (only_first_page) return std::nullopt;
    }
    if (turn == PageWalk::Turn::kEnd) return std::nullopt;
    try {
      routes.give_up(walk.refusal());
    } catch (const ConnectorError& error) {
      Verdict refusal = walk.refusal();
      refusal.error = error;
      return refusal;
    }
  }
}

}  // namespace source_sentry
