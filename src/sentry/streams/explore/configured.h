#pragma once

#include "sentry/explore_config.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The stream that an entry of `explore_streams` describes. Its schema leaves types open until an
/// answer was seen, see StreamSpec::learn_schema.
StreamSpec configured_explore_stream(const ExploreStream& chosen);

}  // namespace source_sentry
