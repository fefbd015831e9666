#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sandbox/render/json_writer.h"
#include "sandbox/world/model.h"

namespace sandbox {

/// A time the way Sentry prints it: `2026-01-16T12:30:00Z`, with six digits of fraction unless the
/// fraction is zero (sentry-api.md 11).
void append_time(std::string& out, Instant when);
std::string sentry_time(Instant when);

/// Fields of times; null for none.
void time_field(JsonWriter& json, std::string_view name, Instant when);
void time_field(JsonWriter& json, std::string_view name, std::optional<Instant> when);

/// The `Date` header: `Tue, 16 Jan 2024 12:30:00 GMT`.
std::string http_date(Instant when);

}  // namespace sandbox
