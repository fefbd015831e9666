// Any text as a time, a date, an HTTP date and a duration; and any time through its text forms.

#include <cstdint>
#include <cstring>
#include <ctime>
#include <string>

#include "base/time.h"
#include "property.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

constexpr Instant kFirst = std::chrono::sys_days(std::chrono::year{0} / 1 / 1);
constexpr Instant kEnd = std::chrono::sys_days(std::chrono::year{10000} / 1 / 1);

/// The C library as a second calendar.
std::string formatted_by_libc(Instant when) {
  const std::time_t second = std::chrono::floor<seconds>(when).time_since_epoch().count();
  std::tm civil{};
  char text[64];
  if (gmtime_r(&second, &civil) == nullptr) return {};
  std::snprintf(text, sizeof text, "%04d-%02d-%02dT%02d:%02d:%02d", civil.tm_year + 1900,
                civil.tm_mon + 1, civil.tm_mday, civil.tm_hour, civil.tm_min, civil.tm_sec);
  return text;
}

void check_instant(Instant when) {
  require(when >= kFirst && when < kEnd, "a time has a year of four digits");
  const std::string text = format_instant(when);
  require(text.size() == 27 && text.ends_with('Z'), "states hold times of one form");
  require(parse_instant(text) == when, "a time survives its text");
  require(parse_date_or_instant(text) == when, "a time may stand where a date may");
  const std::string request = format_seconds(when);
  require(request == formatted_by_libc(when), "both calendars agree");
  require(parse_instant(request) == std::chrono::floor<seconds>(when), "requests name the second");
  const auto date = parse_date_or_instant(text.substr(0, 10));
  require(date == std::chrono::floor<std::chrono::days>(when), "a date is its midnight");
}

void check_duration(std::string_view text) {
  const auto span = parse_duration(text);
  if (!span) return;
  require(*span >= Duration::zero(), "a duration is not negative");
  const auto whole = std::chrono::floor<seconds>(*span);
  require(whole == *span, "a duration is of whole seconds");
  const std::string days = std::to_string(std::chrono::floor<std::chrono::days>(whole).count());
  const std::string rest =
      std::to_string((whole - std::chrono::floor<std::chrono::days>(whole)).count());
  require(parse_duration("P" + days + "DT" + rest + "S") == span, "a duration survives its text");
  // The sanitizer sees to it that this stays in range.
  require(kFirst - *span <= kFirst && kEnd + *span >= kEnd, "a duration can be added to any time");
}

}  // namespace

void fuzz(std::string_view input) {
  if (const auto when = parse_instant(input)) check_instant(*when);
  if (const auto when = parse_date_or_instant(input)) check_instant(*when);
  if (const auto when = parse_http_date(input)) check_instant(*when);
  check_duration(input);
  std::int64_t count = 0;
  std::memcpy(&count, input.data(), std::min(input.size(), sizeof count));
  const std::int64_t range = (kEnd - kFirst).count();
  check_instant(kFirst + Duration((count % range + range) % range));
}

}  // namespace source_sentry
