#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of releases and of what they are built from, see stream_table.
std::vector<StreamSpec> code_streams();

}  // namespace source_sentry
