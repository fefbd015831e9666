#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of what belongs to releases, see stream_table.
std::vector<StreamSpec> releases_streams();

}  // namespace source_sentry
