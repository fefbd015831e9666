#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sentry/config.h"

namespace source_sentry {

/// Whether the patterns choose a project. A pattern is a slug or a glob of the shell's kind
/// ("web-*"); with "!" before it, what it matches is left out. The last pattern that matches
/// decides. Without patterns, or with only excluding ones, every project is chosen first.
bool is_chosen(const std::vector<std::string>& patterns, const std::string& slug);

/// The patterns that name one project each, without any wildcard.
std::vector<std::string> exact_names(const std::vector<std::string>& patterns);

/// Whether this shard reads something. By rendezvous hashing: each shard draws a number for each
/// name, and the highest wins, so that no shard needs to know the others, and a new project moves
/// no other.
bool belongs_to(const Shard& shard, std::string_view name);

}  // namespace source_sentry
