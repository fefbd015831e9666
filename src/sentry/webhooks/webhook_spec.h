#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of received webhooks, as rows of the table.
std::vector<StreamSpec> webhook_specs();

/// The source of mapped streams that are made of webhooks as they were sent.
StreamSpec webhooks_as_sent_spec();

}  // namespace source_sentry
