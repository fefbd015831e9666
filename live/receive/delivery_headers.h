#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "live/receive/endpoint.h"
#include "live/server/http_server.h"
#include "spool/delivery.h"

namespace source_sentry {

/// What the headers say of a delivery, where it has the form that Sentry gives it: they are not
/// signed, so that anything else is thrown away. Fills in `kind`, `endpoint`, `resource`, `sent_at`
/// and `request_id`.
Delivery described_by(const RequestHead& head, const Endpoint& endpoint);

/// How far `sent_at` is from the clock, in either direction; nothing where it is empty.
std::optional<std::chrono::seconds> distance(const Delivery& delivery, Instant now);

/// Who has sent a request, as limits count clients: behind one of our own proxies the address that
/// it names. Empty where a proxy names none, so that all of its clients look the same.
std::string sender_of(const RequestHead& head, const std::vector<std::string>& proxies);

}  // namespace source_sentry
