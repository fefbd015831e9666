#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "sandbox/api/query_string.h"
#include "sandbox/world/model.h"

namespace sandbox {

/// The range a request asks for: [start, end).
struct TimeRange {
  Instant start;
  Instant end;
};

/// Why a range is refused, in Sentry's words (sentry-api.md 1.4).
struct BadRange {
  std::string reason;
  std::string old_reason = reason;  ///< in the words of 9.1.2
};

/// Reads statsPeriod, statsPeriodStart/End or start/end. Nothing when none of them is given and
/// `default_days` is none; else the last `default_days` days.
std::variant<std::optional<TimeRange>, BadRange> parse_range(const QueryString& query, Instant now,
                                                             std::optional<int> default_days);

/// `14d`: a number and one of s, m, h, d, w; seconds when there is only a number.
std::optional<Duration> parse_period(std::string_view text);

/// A time as Sentry's parameters take it: ISO 8601 with up to six digits of fraction, or only a
/// date, or seconds since 1970. Zones are NOT heeded: a trailing `Z` or `+hh:mm` is dropped and the
/// rest read as UTC; other zones are refused.
std::optional<Instant> parse_parameter_time(std::string_view text);

}  // namespace sandbox
