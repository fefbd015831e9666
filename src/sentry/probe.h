#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "engine/fetcher.h"
#include "sentry/config.h"

namespace source_sentry {

/// What `check` found out.
struct ProbeResult {
  bool succeeded = false;
  std::string message;     ///< one sentence what, one sentence what to do; may be empty on success
  bool transient = false;  ///< it failed for want of a connection, not for the configuration
};

/// Asks the server what the streams need: first the project, then each stream's route for one row.
/// The connection works if the organization and the project are right and at least one stream can
/// be read; streams that cannot are named with the scope that opens them.
ProbeResult probe(const Config& config, Fetcher& fetcher, Clock& clock);

}  // namespace source_sentry
