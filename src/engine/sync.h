#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "engine/stream_plan.h"
#include "engine/verdict.h"
#include "http/http.h"
#include "http/pacer.h"
#include "protocol/emitter.h"

namespace source_sentry {

/// One stream of a run.
struct StreamJob {
  std::string name;
  std::string cursor_key;  ///< empty: none
  bool full_refresh = false;
  nlohmann::json saved_state;                ///< what came in for it; null for nothing
  std::vector<std::string> partition_names;  ///< what a per-partition state may call our partition
  /// Makes the plan, on the worker's thread: it may have to ask the server first. Nothing when a
  /// stop was requested meanwhile. Throws a ConnectorError when the stream cannot be read.
  std::function<std::optional<StreamPlan>(Fetcher&)> plan;
};

/// What all workers of a run share.
struct SyncContext {
  Emitter& emitter;
  std::function<std::unique_ptr<HttpClient>()> make_client;
  const Judge& judge;
  std::stop_token stop;
  std::size_t workers = 1;
};

/// Reads all streams, `workers` at a time in the order given, each with its statuses, records and
/// states. A stream that fails does not stop the others. Returns the failed streams with what went
/// wrong. While it runs, states are repeated often enough for the platform's heartbeat.
std::vector<std::pair<std::string, std::string>> run_sync(const std::vector<StreamJob>& jobs,
                                                          const SyncContext& context);

}  // namespace source_sentry
