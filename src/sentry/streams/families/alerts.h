#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of alerts, monitors and crons, see stream_table.
std::vector<StreamSpec> alerts_streams();

}  // namespace source_sentry
