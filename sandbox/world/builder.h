#pragma once

#include "sandbox/world/world.h"

namespace sandbox {

/// How big a world to make and when it is. The same plan always makes the same world.
struct WorldPlan {
  std::uint64_t seed = 1;
  std::uint32_t projects = 3;  ///< of the organization `acme`; the small `globex` comes on top
  std::uint32_t events = 2000;
  std::uint32_t issues = 300;
  std::uint32_t releases = 120;
  std::uint32_t days = 90;  ///< how far back the history goes
  std::uint32_t retention_days = 90;
  Second start = 0;  ///< the instant the sandbox starts at
};

WorldTables build_world(const WorldPlan& plan);

}  // namespace sandbox
