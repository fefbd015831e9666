#include "engine/expand/child_lists.h"

#include <algorithm>
#include <utility>

#include "engine/expand/side_by_side.h"

namespace source_sentry {

/// One row's list at a time.
struct ChildLists::Lane {
  Fetcher* fetcher = nullptr;
  Route route{};
  std::size_t way = 0;
  std::unique_ptr<PageWalk> walk{};  // null: the row has none, or is left
  bool left = false;                 // the budget is used up
};

ChildLists::ChildLists(const RowShape& shape, Ways ways, Fetcher& fetcher, Spending spending)
    : shape_(shape),
      ways_(std::move(ways)),
      spending_(spending),
      companions_(fetcher.companions(kSideBySide)) {
  for (const auto& companion : companions_) lanes_.emplace_back().fetcher = companion.get();
  if (lanes_.empty()) lanes_.emplace_back().fetcher = &fetcher;
}

ChildLists::~ChildLists() = default;

void ChildLists::run(const std::vector<RecordView>& rows, const Taker& taker) {
  const auto lane_of = [&](std::size_t row) -> Lane& { return lanes_[row % lanes_.size()]; };
  side_by_side(
      rows.size(), lanes_.size(), [&](std::size_t row) { begin(lane_of(row), rows[row], taker); },
      [&](std::size_t row) { return lane_of(row).walk && !lane_of(row).fetcher->send(); },
      [&](std::size_t row, std::size_t) { read(lane_of(row), rows[row], taker); });
}

void ChildLists::begin(Lane& lane, const RecordView& row, const Taker& taker) {
  lane.left = false;
  if (!find_route(lane, row)) return;
  if (spending_.in_any_case) {
    go_on();
  } else {
    lane.left = spending_.budget != nullptr && !spending_.budget->begin_list();
  }
  if (!lane.left) ask(lane, taker);
}

/// Takes a further request of what was begun.
void ChildLists::go_on() const {
  if (spending_.budget != nullptr) spending_.budget->go_on();
}

/// False if the row has no list.
bool ChildLists::find_route(Lane& lane, const RecordView& row) const {
  // A row may lack what the preferred way is made of, such as a slug.
  for (lane.way = ways_.choice.way; lane.way < ways_.routes.size(); ++lane.way) {
    auto route = ways_.routes[lane.way](row);
    if (!route) continue;
    lane.route = *std::move(route);
    return true;
  }
  return false;
}

void ChildLists::ask(Lane& lane, const Taker& taker) {
  lane.walk = std::make_unique<PageWalk>(*lane.fetcher, Listing{shape_, lane.route},
                                         lane.route.query, nullptr, "");
  lane.walk->step_over_rows(taker.lost_row);
  lane.walk->may_lack_route();
  lane.walk->ask();
}

void ChildLists::read(Lane& lane, const RecordView& row, const Taker& taker) {
  End end;
  end.left = lane.left;
  while (lane.walk) {
    end.what = lane.route.what;
    if (ways_.choice.answered == lane.way) lane.walk->route_answers();
    for (std::size_t pages = 1; next_page(lane, end); ++pages) {
      if (pages > 1) go_on();
      do taker.page(row, lane.route, lane.walk->records());
      while (lane.walk->next_slice());
    }
    lane.walk.reset();
    if (!has_another_way(lane, end)) break;
    end = {};
    if (!find_route(lane, row)) break;
    go_on();
    ask(lane, taker);
  }
  taker.end(row, end);
}

/// Whether the list is to be asked for in another way, since the server has none of that kind.
bool ChildLists::has_another_way(const Lane& lane, const End& end) {
  const bool others_are_read = ways_.choice.answered == lane.way;
  if (!end.not_offered || others_are_read || lane.way + 1 >= ways_.routes.size()) return false;
  // A neighbour, which was asked for at the same time, may have found that out.
  ways_.choice.way = std::max(ways_.choice.way, lane.way + 1);
  return true;
}

/// Gets the list's next page; false where it ends, in one way or another.
bool ChildLists::next_page(Lane& lane, End& end) {
  PageWalk& walk = *lane.walk;
  try {
    const PageWalk::Turn turn = walk.next(true);
    if (turn == PageWalk::Turn::kPage) {
      ways_.choice.answered = lane.way;
      return true;
    }
    if (turn == PageWalk::Turn::kEnd) return false;
  } catch (const ConnectorError& error) {
    end.error = error;
    return false;
  }
  const Verdict& refusal = walk.refusal();
  end.error = refusal.error;
  end.gone = is_gone(refusal, walk.status());
  // Where not one such list was answered, it is not about this one alone.
  end.refused = refusal.row_may_be_refused && (ways_.choice.answered || !refusal.not_offered);
  end.not_offered = refusal.not_offered;
  return false;
}

}  // namespace source_sentry
