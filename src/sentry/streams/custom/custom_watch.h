#pragma once

#include <memory>

#include "mapping/jq/watchdog.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// What watches the expressions that make the records of a custom stream; null where the stream is
/// none, or nobody is to be told. Call it before the run's threads begin.
std::shared_ptr<JqWatchdog> watchdog_of(const StreamSpec& spec, const StuckListener& stuck);

}  // namespace source_sentry
