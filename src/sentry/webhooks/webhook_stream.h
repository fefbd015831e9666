#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "sentry/webhooks/envelope.h"
#include "spool/delivery.h"

namespace source_sentry {

/// A member that a record takes out of its webhook's `data`.
struct WebhookMember {
  enum class As {
    kIs,    ///< the value, byte by byte
    kText,  ///< a number becomes a text: Sentry's versions differ there
  };
  std::string_view key;   ///< of the record
  std::string_view from;  ///< its place in `data`, by keys: "issue.project.slug"
  As as = As::kIs;
};

/// A stream of received webhooks. Plain data.
struct WebhookStream {
  std::string_view name;
  std::string_view docs;                        ///< one line for people
  std::span<const std::string_view> resources;  ///< empty: all that no other stream takes
  std::span<const WebhookMember> members;
  std::span<const std::string_view> personal;  ///< fields that hold personal data
  /// Every webhook in the form in which Port's webhook mappings have it: body, headers and
  /// queryParams.
  bool as_sent = false;
};

/// All of them, in the order in which they are listed.
std::span<const WebhookStream> webhook_streams();

/// The source of mapped streams that are made of webhooks as they were sent. No stream of its own.
const WebhookStream& webhooks_as_sent();

/// The one that takes the delivery.
const WebhookStream& stream_of(const Delivery& delivery, const Envelope& envelope);

/// The delivery's resource: that of its body, or of its header where its body does not tell.
std::string_view resource_of(const Delivery& delivery, const Envelope& envelope);

}  // namespace source_sentry
