#pragma once

#include <string>
#include <string_view>

#include "sentry/webhooks/webhook_stream.h"
#include "spool/delivery.h"
#include "spool/spool_position.h"

namespace source_sentry {

/// The member that orders the records of webhooks, and says in the state how far they are read.
inline constexpr char kSpoolCursor[] = "spoolPosition";

/// The record of a delivery in the stream that takes it. What is a secret, an installation's
/// `code`, is left out. `envelope` is that of its body.
std::string record_of(const Delivery& delivery, SpoolPosition at, const Envelope& envelope,
                      const WebhookStream& stream);

/// What a delivery is recognised by: the same for two that say the same. Sentry's builds of 2023
/// and 2024 send the same change as `ignored` and as `archived`.
std::string identity_of(std::string_view body, const Envelope& envelope);

}  // namespace source_sentry
