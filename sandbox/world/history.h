#pragma once

#include <cstddef>
#include <vector>

#include "sandbox/world/model.h"
#include "sandbox/world/random.h"

namespace sandbox {

/// `total` split in proportion to `weights`; the parts add up to `total` exactly (0 when every
/// weight is 0).
std::vector<std::uint32_t> share_out(std::uint32_t total, const std::vector<double>& weights);

/// When a project's `count` events happened, oldest first, from `from` to `to`: days and nights,
/// silent stretches, bursts, and groups of more than a hundred within one second. The last is `to`.
std::vector<Second> event_times(Dice dice, std::size_t count, Second from, Second to);

/// Which of `issues` issues each of `events` events belongs to, in order of time. Issues are
/// numbered in the order of their first event; every one gets at least one (needs issues <=
/// events), a few get most.
std::vector<Index> assign_issues(Dice dice, std::size_t events, std::size_t issues);

}  // namespace sandbox
