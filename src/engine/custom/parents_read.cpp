#include "engine/custom/parents_read.h"

#include <unordered_set>
#include <vector>

#include "base/text.h"
#include "engine/fetch/page_walk.h"
#include "engine/plan/route_choice.h"

namespace source_sentry {
namespace {

/// The parents of one list, each once, however often it is asked for.
class ParentRows {
 public:
  ParentRows(const ParentList& list, Fetcher& fetcher,
             const std::function<void(const RecordView&)>& take, bool only_first_page)
      : list_(list), fetcher_(fetcher), take_(take), only_first_page_(only_first_page) {}

  /// Asks for the list in one way. Returns why that cannot be had; nothing where it was read.
  std::optional<Verdict> read(const Route& route, bool is_last_way) {
    const Listing listing{list_.shape, route, !is_last_way};
    if (!list_.window || !route.window_query) {
      PageWalk walk(fetcher_, listing, route.query, nullptr, "");
      return read(walk, route) ? std::optional(walk.refusal()) : std::nullopt;
    }
    std::vector<Window> left = {*list_.window};  // the next one is the last of them
    while (!left.empty()) {
      const Window window = left.back();
      PageWalk walk(fetcher_, listing, route.query, &window, "");
      const auto turn = read(walk, route);
      if (turn == PageWalk::Turn::kTooMuch && window.to - window.from > kNarrowest) {
        const Instant middle = whole_seconds(window.from + (window.to - window.from) / 2);
        left.back() = {window.from, middle};
        left.push_back({middle, window.to});
        continue;
      }
      if (turn) return walk.refusal();
      if (only_first_page_) return std::nullopt;
      left.pop_back();
    }
    return std::nullopt;
  }

 private:
  static constexpr Duration kNarrowest = std::chrono::seconds(2);

  /// How the list ended where it was not read to its end.
  std::optional<PageWalk::Turn> read(PageWalk& walk, const Route& route) {
    auto turn = walk.next(!only_first_page_);
    for (; turn == PageWalk::Turn::kPage; turn = walk.next(true)) {
      do {
        for (const RecordView& row : walk.records().records) {
          const bool is_new = row.id.empty() || taken_.insert(fnv1a(row.id)).second;
          if (is_new && route.means(row.json)) take_(row);
        }
      } while (walk.next_slice());
      if (only_first_page_) return std::nullopt;
    }
    if (turn == PageWalk::Turn::kEnd) return std::nullopt;
    return turn;
  }

  const ParentList& list_;
  Fetcher& fetcher_;
  const std::function<void(const RecordView&)>& take_;
  const bool only_first_page_;
  std::unordered_set<std::uint64_t> taken_;
};

}  // namespace

std::optional<Verdict> read_parent_list(const ParentList& list, Fetcher& fetcher,
                                        const std::function<void(const RecordView&)>& take,
                                        bool only_first_page) {
  std::vector<Route> ways = list.routes;
  RouteChoice routes(ways, "");
  ParentRows rows(list, fetcher, take, only_first_page);
  for (;;) {
    const Route& route = routes.route();
    auto refusal = rows.read(route, route.name() == ways.back().name());
    if (!refusal) return std::nullopt;
    try {
      routes.give_up(*refusal);
    } catch (const ConnectorError& error) {
      refusal->error = error;
      return refusal;
    }
  }
}

}  // namespace source_sentry
