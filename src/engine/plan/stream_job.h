#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/plan/stream_plan.h"

namespace source_sentry {

/// One stream to be read.
struct StreamJob {
  std::string name;
  std::string cursor_key;  ///< empty: none
  bool full_refresh = false;
  nlohmann::json saved_state;  ///< what came in for it; null for nothing
  /// Makes the plan, on a worker's thread: it may have to ask the server first. Throws a
  /// ConnectorError when the stream cannot be read.
  std::function<StreamPlan(Fetcher&)> plan;
  /// Names what its partitions list: streams with the same one share its pages. Empty: only this
  /// one has it.
  std::string list{};
  /// Names the lists that its rows lead to: streams of one list with the same one share their
  /// pages, too. Empty: there are none.
  std::string children{};
};

}  // namespace source_sentry
