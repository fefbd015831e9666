#include "engine/read/list_look.h"

#include <algorithm>

#include "engine/fetch/page_walk.h"

namespace source_sentry {

ListLook look_at_list(Fetcher& fetcher, const PartitionPlan& plan, const Route& route,
                      const LookTerms& terms) {
  PageWalk walk(fetcher, plan.listing(route), terms.query, terms.window, "");
  ListLook look;
  do {
    const PageWalk::Turn turn = walk.next(false);
    if (turn == PageWalk::Turn::kEnd) break;
    if (turn != PageWalk::Turn::kPage) {
      look.refusal = walk.refusal();
      break;
    }
    do {
      for (const RecordView& row : walk.records().records) {
        if (!route.means(row.json)) continue;
        look.has_row = true;
        look.newest = std::max(look.newest, parse_instant(row.cursor));
      }
    } while (!look.has_row && walk.next_slice());
  } while (terms.to_end && !look.has_row);
  return look;
}

}  // namespace source_sentry
