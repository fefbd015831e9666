#include "engine/run/rows_by_id.h"

#include <algorithm>
#include <utility>

#include "base/percent.h"
#include "engine/fetch/page_walk.h"

namespace source_sentry {
namespace {

void hand_over(const PartitionPlan& plan, const RecordView& row, const RowsById::Take& take) {
  const Transformed made = plan.transform ? plan.transform(row.json) : Transformed::as_it_is();
  if (!made.is_left_out()) take(made.is_changed() ? made.json() : row.json, row.id);
}

/// A sweep leaves out parts of rows that cost the server work, since it only compares them.
std::string with_whole_rows(std::string query) {
  constexpr std::string_view kLeavesOut = "&collapse=";
  for (std::size_t at = query.find(kLeavesOut); at != query.npos; at = query.find(kLeavesOut, at)) {
    query.erase(at, query.find('&', at + 1) - at);
  }
  return query;
}

}  // namespace

std::optional<std::size_t> RowsById::partition_of(const std::string& name) const {
  for (std::size_t at = 0; at < plan_.partitions.size(); ++at) {
    const auto& names = plan_.partitions[at].names;
    if (names.empty() || std::find(names.begin(), names.end(), name) != names.end()) return at;
  }
  return std::nullopt;
}

std::size_t RowsById::read(std::size_t partition, const std::vector<std::string>& ids,
                           Fetcher& fetcher, const Take& take) const {
  PartitionPlan plan = plan_.plans.at(partition);
  if (!plan.sweep) return 0;
  const auto& ways = plan.sweep->by_id;
  const auto way = std::find_if(ways.begin(), ways.end(), [](const auto& one) { return one; });
  if (way == ways.end()) return 0;
  plan.routes = {**way};
  plan.routes.front().others.clear();
  std::string fixed = with_whole_rows(plan.routes.front().query);
  for (const std::string& id : ids) {
    fixed.append("&").append(plan.sweep->id_parameter).append("=").append(percent_encode(id));
  }
  PageWalk walk(fetcher, plan.listing(plan.routes.front()), fixed, nullptr, "");
  if (walk.next(false) != PageWalk::Turn::kPage) throw *walk.refusal().error;
  std::size_t found = 0;
  do {
    for (const RecordView& row : walk.records().records) {
      // A server that does not know the parameter lists others.
      if (std::find(ids.begin(), ids.end(), row.id) == ids.end()) continue;
      hand_over(plan, row, take);
      ++found;
    }
  } while (walk.next_slice());
  return found;
}

}  // namespace source_sentry
