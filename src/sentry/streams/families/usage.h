#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of how Sentry itself is used, see stream_table.
std::vector<StreamSpec> usage_streams();

}  // namespace source_sentry
