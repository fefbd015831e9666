#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of received webhooks, as rows of the table.
std::vector<StreamSpec> webhook_specs();

}  // namespace source_sentry
