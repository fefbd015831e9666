#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mapping/custom/custom_stream.h"

namespace source_sentry {

struct StreamSpec;

/// For people, in place of a scope: "Give it the scope that this address needs".
inline constexpr const char* kScopesOfCustom = "that this address needs";

/// What a custom stream is read by: the last of `streams`, and those whose records lead to it.
struct CustomChain {
  std::vector<std::shared_ptr<const CustomStream>> streams;
  std::shared_ptr<const StreamSpec> parents{};  ///< whose rows the first is asked for; null: none
  std::string push_kind{};                      ///< see CustomPlan
};

}  // namespace source_sentry
