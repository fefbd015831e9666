#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/plan/record_shaper.h"
#include "mapping/shape/mapped_stream.h"

namespace source_sentry {

/// Called once, from a thread of its own, with a message for people, when an expression has worked
/// on a record for too long. It is expected to end the process, as nothing else ends the
/// evaluation.
using StuckListener = std::function<void(const std::string& message)>;

/// The shapers of a mapped stream. Each holds programs that take some 20 ms to compile, so one that
/// is let go is lent again. Call it before the run's threads begin. `stuck` may be empty.
std::shared_ptr<RecordShaping> shaping_of(std::shared_ptr<const MappedStream> stream,
                                          const StuckListener& stuck);

}  // namespace source_sentry
