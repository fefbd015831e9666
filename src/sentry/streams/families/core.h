#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams that the official connector also has.
std::vector<StreamSpec> core_streams();

}  // namespace source_sentry
