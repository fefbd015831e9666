#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams about those who work with the organization's projects.
std::vector<StreamSpec> people_streams();

}  // namespace source_sentry
