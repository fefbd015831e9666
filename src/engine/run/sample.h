#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/plan/stream_job.h"
#include "engine/run/sync.h"

namespace source_sentry {

/// Reads a few records of a stream, at most `most`, each as a read would write it: the newest ones
/// where the list is newest first. Asks for pages of so many rows and for no more of them than that
/// takes, partition by partition until there are enough. Knows no state and changes none. The
/// context's sinks and workers are not used. Throws a ConnectorError where there is nothing to show
/// because something failed, and Stopped.
std::vector<std::string> sample_of(const StreamJob& job, std::size_t most,
                                   const SyncContext& context);

}  // namespace source_sentry
