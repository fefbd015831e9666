#include "sandbox/api/time_range.h"

#include <charconv>
#include <cmath>

namespace sandbox {
namespace {

namespace chrono = std::chrono;

constexpr std::size_t kSeconds = 19;  // 2024-01-16T12:30:00

bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (shape[i] == '0' ? !digit : text[i] != shape[i]) return false;
  }
  return true;
}

std::string quoted(std::string_view text) { return "'" + std::string(text) + "'"; }

BadRange no_time(std::string_view text) {
  const std::string given(text);
  return {given + " is not a valid ISO8601 date query", given + " is not a valid datetime query"};
}

std::variant<std::optional<TimeRange>, BadRange> checked(TimeRange range) {
  if (range.start >= range.end) return BadRange{"start must be before end"};
  return std::optional<TimeRange>(range);
}

}  // namespace

std::optional<Duration> parse_period(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  const std::string_view unit(end, static_cast<std::size_t>(text.data() + text.size() - end));
  // Longer spans overflow in Sentry as well, and are refused there too.
  constexpr std::int64_t kMost = 100'000'000'000;
  if (text.empty() || error != std::errc() || count < 0 || count > kMost || text[0] == '-') {
    return std::nullopt;
  }
  std::int64_t seconds = 0;
  if (unit.empty() || unit == "s") seconds = 1;
  if (unit == "m") seconds = 60;
  if (unit == "h") seconds = 3600;
  if (unit == "d") seconds = 86'400;
  if (unit == "w") seconds = 604'800;
  if (seconds == 0 || count > kMost / seconds) return std::nullopt;
  return chrono::seconds(count * seconds);
}

std::optional<Instant> parse_parameter_time(std::string_view text) {
  if (text.ends_with('Z')) text.remove_suffix(1);
  if (text.size() >= 6 && text[text.size() - 6] == '+') text.remove_suffix(6);
  if (has_shape(text, "0000-00-00")) {
    return source_sentry::parse_instant(std::string(text) + "T00:00:00");
  }
  if (has_shape(text.substr(0, kSeconds), "0000-00-00T00:00:00")) {
    const std::string_view fraction = text.substr(kSeconds);
    const bool fits =
        fraction.empty() || (fraction.size() >= 2 && fraction.size() <= 7 && fraction[0] == '.' &&
                             fraction.find_first_not_of("0123456789", 1) == std::string_view::npos);
    if (fits) return source_sentry::parse_instant(text);
  }
  double seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  const bool number = !text.empty() && error == std::errc() && end == text.data() + text.size();
  if (!number || !std::isfinite(seconds) || std::abs(seconds) > 1e11) return std::nullopt;
  return Instant(chrono::microseconds(std::llround(seconds * 1e6)));
}

std::variant<std::optional<TimeRange>, BadRange> parse_range(const QueryString& query, Instant now,
                                                             std::optional<int> default_days) {
  const auto period = query.get("statsPeriod");
  const auto period_start = query.get("statsPeriodStart").value_or("");
  const auto period_end = query.get("statsPeriodEnd").value_or("");
  const auto start = query.get("start").value_or("");
  const auto end = query.get("end").value_or("");
  const auto invalid = [](std::string_view text) {
    return BadRange{"Invalid statsPeriod: " + quoted(text)};
  };
  if (period) {
    const auto span = parse_period(*period);
    if (!span) return invalid(*period);
    return checked({now - *span, now});
  }
  if (!period_start.empty() || !period_end.empty()) {
    if (period_start.empty() || period_end.empty()) {
      return BadRange{"statsPeriodStart and statsPeriodEnd are both required"};
    }
    const auto from = parse_period(period_start);
    const auto to = parse_period(period_end);
    if (!from) return invalid(period_start);
    if (!to) return invalid(period_end);
    return checked({now - *from, now - *to});
  }
  if (!start.empty() || !end.empty()) {
    if (start.empty() || end.empty()) return BadRange{"start and end are both required"};
    const auto from = parse_parameter_time(start);
    const auto to = parse_parameter_time(end);
    if (!from) return no_time(start);
    if (!to) return no_time(end);
    return checked({*from, *to});
  }
  if (!default_days) return std::optional<TimeRange>();
  return checked({now - chrono::days(*default_days), now});
}

}  // namespace sandbox
