#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/plan/record_shaper.h"
#include "mapping/jq/watchdog.h"
#include "mapping/shape/mapped_stream.h"

namespace source_sentry {

/// What watches the expressions of a mapped stream. `stuck` is not empty.
std::unique_ptr<JqWatchdog> watchdog_of(const std::shared_ptr<const MappedStream>& stream,
                                        const StuckListener& stuck);

/// The shapers of a mapped stream. Each holds programs that take some 20 ms to compile, so one that
/// is let go is lent again. Call it before the run's threads begin. `stuck` may be empty.
/// `marker_key`: see Shaper.
std::shared_ptr<RecordShaping> shaping_of(std::shared_ptr<const MappedStream> stream,
                                          const StuckListener& stuck,
                                          std::vector<std::string> marker_key = {});

}  // namespace source_sentry
