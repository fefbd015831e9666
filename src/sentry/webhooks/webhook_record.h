#pragma once

#include <optional>
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

/// The issue that a webhook is about, as far as its body tells; empty where it does not.
struct WebhookIssue {
  std::string id;
  std::string project{};  ///< its slug or number; empty: unknown
};
WebhookIssue issue_of(const Delivery& delivery, const Envelope& envelope);

/// The body of a webhook that says the same, and comes beside it or in its place: Sentry's builds
/// of 2023 and 2024 send one change as `archived` and as `ignored`. Nothing where there is none.
std::optional<std::string> other_words_of(std::string_view body, const Envelope& envelope);

}  // namespace source_sentry
