#pragma once

#include "sentry/config.h"
#include "sentry/source/probe.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The stream with the types of its members as the server gives them, for one that has
/// `learn_schema`: asks for one row of the last day. Where that brings none a warning says so, and
/// the types stay open. Throws Stopped.
StreamSpec with_learned_schema(StreamSpec spec, const Config& config, const ProbeContext& context);

}  // namespace source_sentry
