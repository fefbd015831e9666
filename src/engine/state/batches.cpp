#include "engine/state/batches.h"

#include <algorithm>

namespace source_sentry {
namespace {

/// Parts of about the same size, so that none takes much longer than the others.
void cut(const Batch& whole, std::size_t most, std::vector<Batch>& parts) {
  const std::size_t count = (whole.size() + most - 1) / most;
  for (std::size_t i = 0; i < count; ++i) {
    const auto at = [&](std::size_t part) {
      return whole.begin() + static_cast<std::ptrdiff_t>(whole.size() * part / count);
    };
    parts.emplace_back(at(i), at(i + 1));
  }
}

}  // namespace

std::vector<Batch> make_batches(const std::vector<Partition>& partitions,
                                const std::vector<Checkpoint>& checkpoints, std::size_t most) {
  std::vector<Batch> places;
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    if (!checkpoints[i].high_water || partitions[i].number.empty()) continue;
    const auto known = std::find_if(places.begin(), places.end(), [&](const Batch& place) {
      return checkpoints[place.front()].is_at(checkpoints[i]);
    });
    if (known == places.end()) {
      places.push_back({i});
    } else {
      known->push_back(i);
    }
  }
  std::vector<Batch> batches;
  for (const Batch& place : places) cut(place, most, batches);
  std::erase_if(batches, [](const Batch& batch) { return batch.size() < 2; });
  return batches;
}

}  // namespace source_sentry
