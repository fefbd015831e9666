#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of what events hold, see stream_table.
std::vector<StreamSpec> events_streams();

}  // namespace source_sentry
