#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of what is connected with Sentry, see stream_table.
std::vector<StreamSpec> apps_streams();

}  // namespace source_sentry
