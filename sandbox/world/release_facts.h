#pragma once

#include <cstdint>
#include <string>

#include "sandbox/world/world.h"

namespace sandbox {

/// All about a release that is drawn from its id rather than kept.
struct ReleaseFacts {
  std::uint32_t drawn_commits = 0;
  std::uint32_t drawn_deploys = 0;
  std::uint32_t commits = 0;  ///< with those that tests added or took away
  std::uint32_t deploys = 0;
  std::uint32_t authors = 0;
  bool owned = false;
  bool has_ref = false;
  std::string sha;  ///< of its last commit
};

ReleaseFacts release_facts(const World& world, const Release& release);

/// The `number`th deploy of a release, from 1: when it ended, and its id.
Instant deploy_time(const ReleaseFacts& facts, const Release& release, std::uint32_t number);
std::uint64_t deploy_id(const Release& release, std::uint32_t number);

}  // namespace sandbox
