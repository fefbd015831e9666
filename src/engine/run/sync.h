#pragma once

#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "engine/fetch/verdict.h"
#include "engine/plan/stream_job.h"
#include "http/http.h"
#include "http/pacer.h"
#include "sink/stream_sink.h"

namespace source_sentry {

/// What all workers of a run share.
struct SyncContext {
  OpenSink open_sink;
  Clock& clock;
  std::function<std::unique_ptr<HttpClient>()> make_client;
  const Judge& judge;
  Pacer& pacer;
  std::stop_token stop;
  std::size_t workers = 1;
};

/// Reads all streams with so many workers, each stream with its statuses, records and states. A
/// failure does not stop the rest. Returns the failed streams with what went wrong. While it runs,
/// states are repeated often enough for the platform's heartbeat.
std::vector<std::pair<std::string, std::string>> run_sync(const std::vector<StreamJob>& jobs,
                                                          const SyncContext& context);

/// The streams of such failures, for people: "events, issues".
std::string names_of(const std::vector<std::pair<std::string, std::string>>& failures);

}  // namespace source_sentry
