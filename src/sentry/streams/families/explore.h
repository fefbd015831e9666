#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of what Explore lists, see stream_table.
std::vector<StreamSpec> explore_streams();

}  // namespace source_sentry
