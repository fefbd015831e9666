#include "engine/expand/child_lists.h"

#include <utility>

#include "engine/expand/side_by_side.h"

namespace source_sentry {

/// One row's list at a time.
struct ChildLists::Lane {
  Fetcher* fetcher = nullptr;
  Route route{};
  std::unique_ptr<PageWalk> walk{};  // null: the row has none
};

ChildLists::ChildLists(const RowShape& shape, RouteOf route_of, Fetcher& fetcher)
    : shape_(shape), route_of_(std::move(route_of)), companions_(fetcher.companions(kSideBySide)) {
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
  auto route = route_of_(row);
  if (!route) return;
  lane.route = *std::move(route);
  lane.walk = std::make_unique<PageWalk>(*lane.fetcher, Listing{shape_, lane.route},
                                         lane.route.query, nullptr, "");
  lane.walk->step_over_rows(taker.lost_row);
  lane.walk->ask();
}

void ChildLists::read(Lane& lane, const RecordView& row, const Taker& taker) {
  End end;
  if (lane.walk) {
    end.what = lane.route.what;
    if (any_read_) lane.walk->route_answers();
    while (next_page(lane, end)) {
      do taker.page(row, lane.route, lane.walk->records());
      while (lane.walk->next_slice());
    }
    lane.walk.reset();
  }
  taker.end(row, end);
}

/// Gets the list's next page; false where it ends, in one way or another.
bool ChildLists::next_page(Lane& lane, End& end) {
  PageWalk& walk = *lane.walk;
  try {
    const PageWalk::Turn turn = walk.next(true);
    if (turn == PageWalk::Turn::kPage) return any_read_ = true;
    if (turn == PageWalk::Turn::kEnd) return false;
  } catch (const ConnectorError& error) {
    end.error = error;
    return false;
  }
  const Verdict& refusal = walk.refusal();
  end.error = refusal.error;
  end.gone = is_gone(refusal, walk.status());
  end.refused = refusal.row_may_be_refused;
  return false;
}

}  // namespace source_sentry
