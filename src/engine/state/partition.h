#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

#include "engine/state/origin.h"

namespace source_sentry {

/// Whose part of a stream something is, and what saved states may call it.
struct Partition {
  /// Its key in our own states, as names with their values: {{"project", "web"}}. Empty: it is the
  /// stream's only partition.
  std::vector<std::pair<std::string, std::string>> key{};
  std::vector<std::string> names{};  ///< a value in a state's partition that means it: slug, id
  bool owns_plain_state = true;      ///< a state without partitions is about this one
  std::string number{};              ///< of these the one that never changes, where there is one
  Origin origin{};                   ///< what our states say next to its cursor

  /// Whether an entry of a state's list of partitions is about this one.
  bool is_named_by(const nlohmann::json& entry) const;
  /// Whether it says that it is about another one.
  bool is_not_meant_by(const nlohmann::json& entry) const;
};

}  // namespace source_sentry
