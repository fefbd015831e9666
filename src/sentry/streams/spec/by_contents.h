#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/plan/stream_plan.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// A hash of everything that a row holds, whatever the order of its members and of the texts in its
/// arrays, which Sentry does not keep (`access`, `features`, `scopes`, `events`). `unstable`: what
/// is left out of it, by paths such as "user.lastActive"; a path leads into each object of an
/// array.
std::uint64_t contents_hash(std::string_view row, const std::vector<std::string>& unstable);

/// The key of the record that says that a row is gone.
inline constexpr char kDeletedKey[] = "_deleted";

/// The key of the state of a stream whose records are known by their contents: when its list was
/// last read to its end.
inline constexpr char kListedKey[] = "listed";

/// Has a list without times read incrementally: a row that is as it was is not written again, and
/// one that is gone leaves its key and `_deleted`.
void know_by_contents(const StreamSpec& spec, PartitionPlan& plan);

}  // namespace source_sentry
