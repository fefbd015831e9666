#pragma once

#include <cstddef>
#include <vector>

#include "engine/state/checkpoint.h"
#include "engine/state/partition.h"

namespace source_sentry {

/// Indexes of partitions that are read as one; at least two.
using Batch = std::vector<std::size_t>;

/// Which partitions to read as one, at most `most` to a batch: those that earlier runs have left at
/// exactly the same place, so that one list gives each of them just what is new. What was never
/// read is left out: it may be long, and is read sooner by many workers in parallel. So is what has
/// no number. `partitions` and `checkpoints` correspond.
std::vector<Batch> make_batches(const std::vector<Partition>& partitions,
                                const std::vector<Checkpoint>& checkpoints, std::size_t most);

}  // namespace source_sentry
