#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "engine/plan/record_shaper.h"
#include "engine/plan/record_transform.h"
#include "sentry/webhooks/webhook_stream.h"
#include "sink/stream_sink.h"
#include "spool/spool_position.h"

namespace source_sentry {

/// A stream of received webhooks to be read.
struct LiveJob {
  std::string name;
  const WebhookStream* webhooks = nullptr;  ///< whose records these are, or are made of
  bool full_refresh = false;
  nlohmann::json saved_state{};              ///< what came in for it; null for nothing
  RecordTransform transform{};               ///< see PartitionPlan
  std::shared_ptr<RecordShaping> shaping{};  ///< the same
};

struct LiveContext {
  std::string spool;  ///< the folder
  OpenSink open_sink;
  Clock& clock;
  std::stop_token stop;
  /// Waits for more instead of ending, until `stop` is requested.
  bool follow = false;
  /// Called with each delivery once its records are handed over; may be empty.
  std::function<void(const Delivery&, const Envelope&)> seen{};
  /// Called each time when everything before a place is written, with the states that say so, and
  /// now and then while nothing comes; may be empty.
  std::function<void(SpoolPosition)> written{};
};

/// Reads all of these streams in one pass through the spool, each with its statuses, records and
/// states: exactly what came after its saved state. Returns the streams that failed, with what went
/// wrong.
std::vector<std::pair<std::string, std::string>> read_live(const std::vector<LiveJob>& jobs,
                                                           const LiveContext& context);

/// The newest records of a stream, at most `most`, newest first: as a read would write them, before
/// its `shaping`. Throws a ConnectorError where the spool cannot be read.
std::vector<std::string> live_sample(const LiveJob& job, const std::string& spool,
                                     std::size_t most);

/// What a STATE says before anything new is known: an object, whatever came in.
nlohmann::ordered_json first_state(const nlohmann::json& saved);

/// Throws a ConnectorError where there is no spool in that folder.
void check_spool(const std::string& folder);

}  // namespace source_sentry
