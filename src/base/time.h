#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace source_sentry {

/// A point in time, UTC, in microseconds: the finest resolution that Sentry and the saved states of
/// the official connector use.
using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

/// Where a first sync begins: the start that the official connector sends and writes into the state
/// of a stream that has no records yet.
inline constexpr Instant kBeginningOfTime =
    std::chrono::sys_days(std::chrono::year{1900} / std::chrono::January / 1);

/// Reads every time that Sentry or an old state file may hold: `2024-01-16T12:30:00`, `T` or a
/// space, 0 to 9 digits of fraction (past six they are cut), then `Z`, `+00:00`, `+0000`, `+00` or
/// nothing (UTC). Other text gives nothing, and so do times outside the years 0000 to 9999 UTC.
std::optional<Instant> parse_instant(std::string_view text);

/// The form that states are written in: `2024-01-16T12:30:00.000000Z`.
std::string format_instant(Instant when);

/// The second that a time lies in, as Sentry's lists give it.
inline Instant whole_seconds(Instant when) {
  return std::chrono::floor<std::chrono::seconds>(when);
}

/// For people: 1.5 for a second and a half.
inline double as_seconds(Duration span) { return std::chrono::duration<double>(span).count(); }

/// The form for request parameters: `2024-01-16T12:30:00`, in UTC, cut to the second, since
/// Sentry's event store knows no finer step. No `Z`: Sentry reads a time without zone as UTC, and
/// old servers refuse some zone suffixes.
std::string format_seconds(Instant when);

/// Reads a start or end date as people write it: a time as above, or a date alone, which is its
/// midnight in UTC.
std::optional<Instant> parse_date_or_instant(std::string_view text);

/// Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds: `PT10M`, `P1DT12H`,
/// `P2W`. Months and years have no fixed length and give nothing, and so do other text and more
/// than a hundred years.
std::optional<Duration> parse_duration(std::string_view text);

/// Reads the `Date` header of an HTTP response, `Tue, 16 Jan 2024 12:30:00 GMT`.
std::optional<Instant> parse_http_date(std::string_view text);

}  // namespace source_sentry
