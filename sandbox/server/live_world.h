#pragma once

#include <mutex>
#include <shared_mutex>
#include <utility>

#include "sandbox/world/world.h"

namespace sandbox {

/// The world while the server runs: many readers, or one that changes it.
class LiveWorld {
 public:
  explicit LiveWorld(World world) : world_(std::move(world)) {}

  /// Calls `look(const World&)`; nothing changes meanwhile.
  template <typename Look>
  auto read(Look look) const {
    const std::shared_lock lock(mutex_);
    return look(std::as_const(world_));
  }

  /// Calls `change(World&)`; nobody looks meanwhile.
  template <typename Change>
  auto write(Change change) {
    const std::unique_lock lock(mutex_);
    return change(world_);
  }

 private:
  mutable std::shared_mutex mutex_;
  World world_;
};

}  // namespace sandbox
