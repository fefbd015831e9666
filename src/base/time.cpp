#include "base/time.h"

#include <array>
#include <cstdio>

namespace source_sentry {
namespace {

namespace chrono = std::chrono;

/// Takes pieces of fixed shape off the front of a text; once one does not fit, none does any
/// more.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  int digits(std::size_t count) {
    int value = 0;
    if (rest_.size() < count) return fail();
    for (std::size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  void literal(char wanted) {
    if (!accept(wanted)) fail();
  }

  bool accept(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool next_is_digit() const { return !rest_.empty() && is_digit(rest_.front()); }
  bool done() const { return ok_ && rest_.empty(); }
  bool ok() const { return ok_; }
  std::string_view rest() const { return rest_; }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }

  int fail() {
    ok_ = false;
    return 0;
  }

  std::string_view rest_;
  bool ok_ = true;
};

std::optional<Instant> assemble(int year, unsigned month, unsigned day, int hour, int minute,
                                int second) {
  const chrono::year_month_day date{chrono::year{year}, chrono::month{month}, chrono::day{day}};
  // A leap second (60) is accepted: the next minute's first second.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  return chrono::sys_days(date) + chrono::hours(hour) + chrono::minutes(minute) +
         chrono::seconds(second);
}

/// A time whose year has four digits, as every form of its text assumes. A zone or a leap second
/// may lead outside that range.
std::optional<Instant> in_calendar(Instant when) {
  constexpr Instant kFirst = chrono::sys_days(chrono::year{0} / chrono::January / 1);
  constexpr Instant kEnd = chrono::sys_days(chrono::year{10'000} / chrono::January / 1);
  return when >= kFirst && when < kEnd ? std::optional(when) : std::nullopt;
}

Duration scan_fraction(Scanner& scan) {
  Duration fraction{0};
  if (!scan.accept('.') && !scan.accept(',')) return fraction;
  int place = 100'000;
  int count = 0;
  for (; scan.next_is_digit() && count < 9; ++count, place /= 10) {
    fraction += Duration(scan.digits(1) * place);
  }
  if (count == 0) scan.digits(1);  // a dot without digits is not a time
  return fraction;
}

/// The offset from UTC that a zone suffix means; no suffix means UTC.
Duration scan_zone(Scanner& scan) {
  if (scan.accept('Z') || scan.accept('z')) return Duration{0};
  const bool east = scan.accept('+');
  if (!east && !scan.accept('-')) return Duration{0};
  const int hours = scan.digits(2);
  const bool minutes_follow = scan.accept(':') || scan.next_is_digit();
  const int minutes = minutes_follow ? scan.digits(2) : 0;
  const Duration offset = chrono::hours(hours) + chrono::minutes(minutes);
  return east ? offset : -offset;
}

/// The length of one of a duration's units.
Duration length_of(char unit) {
  switch (unit) {
    case 'W':
      return chrono::weeks(1);
    case 'D':
      return chrono::days(1);
    case 'H':
      return chrono::hours(1);
    case 'M':
      return chrono::minutes(1);
    default:
      return chrono::seconds(1);
  }
}

struct Civil {
  chrono::year_month_day date;
  chrono::hh_mm_ss<Duration> time;
};

Civil to_civil(Instant when) {
  const auto day = chrono::floor<chrono::days>(when);
  return {chrono::year_month_day(day), chrono::hh_mm_ss<Duration>(when - day)};
}

}  // namespace

std::optional<Instant> parse_instant(std::string_view text) {
  Scanner scan(text);
  const int year = scan.digits(4);
  scan.literal('-');
  const int month = scan.digits(2);
  scan.literal('-');
  const int day = scan.digits(2);
  if (!scan.accept('T') && !scan.accept('t')) scan.literal(' ');
  const int hour = scan.digits(2);
  scan.literal(':');
  const int minute = scan.digits(2);
  scan.literal(':');
  const int second = scan.digits(2);
  const Duration fraction = scan_fraction(scan);
  const Duration zone = scan_zone(scan);
  if (!scan.done()) return std::nullopt;
  const auto whole = assemble(year, static_cast<unsigned>(month), static_cast<unsigned>(day), hour,
                              minute, second);
  if (!whole) return std::nullopt;
  return in_calendar(*whole + fraction - zone);
}

std::string format_instant(Instant when) {
  const Civil civil = to_civil(when);
  std::array<char, 48> text{};
  const int length = std::snprintf(
      text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ",
      static_cast<int>(civil.date.year()), static_cast<unsigned>(civil.date.month()),
      static_cast<unsigned>(civil.date.day()), static_cast<int>(civil.time.hours().count()),
      static_cast<int>(civil.time.minutes().count()),
      static_cast<int>(civil.time.seconds().count()),
      static_cast<int>(civil.time.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

std::string format_seconds(Instant when) { return format_instant(when).substr(0, 19); }

std::optional<Instant> parse_date_or_instant(std::string_view text) {
  constexpr std::size_t kDateLength = 10;
  if (text.size() != kDateLength) return parse_instant(text);
  return parse_instant(std::string(text) + "T00:00:00Z");
}

std::optional<Duration> parse_duration(std::string_view text) {
  constexpr std::size_t kMostDigits = 9;
  constexpr Duration kLongest = chrono::years(100);  // more is nonsense, and would overflow
  if (!text.starts_with('P')) return std::nullopt;
  text.remove_prefix(1);
  Duration total{};
  std::string_view units = "WDTHMS";  // each at most once, in this order
  bool any = false;
  while (!text.empty()) {
    if (text.front() == 'T') {
      const std::size_t time = units.find('T');
      if (time == std::string_view::npos || text.size() == 1) return std::nullopt;
      units.remove_prefix(time + 1);
      text.remove_prefix(1);
      continue;
    }
    const std::size_t digits = text.find_first_not_of("0123456789");
    if (digits == 0 || digits > kMostDigits) return std::nullopt;  // also: no unit at the end
    const long count = std::stol(std::string(text.substr(0, digits)));
    const std::size_t unit = units.find(text[digits]);
    // Hours and smaller units come after the T, larger ones before it.
    const std::size_t time = units.find('T');
    if (unit == std::string_view::npos) return std::nullopt;
    if (time != std::string_view::npos && unit > time) return std::nullopt;
    const Duration one = length_of(text[digits]);
    if (count > kLongest / one) return std::nullopt;
    total += count * one;
    if (total > kLongest) return std::nullopt;
    units.remove_prefix(unit + 1);
    text.remove_prefix(digits + 1);
    any = true;
  }
  return any ? std::optional(total) : std::nullopt;
}

std::optional<Instant> parse_http_date(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::size_t comma = text.find(", ");
  if (comma == std::string_view::npos) return std::nullopt;
  Scanner scan(text.substr(comma + 2));
  const int day = scan.digits(2);
  scan.literal(' ');
  unsigned month = 0;
  for (unsigned i = 0; i < kMonths.size(); ++i) {
    if (scan.rest().starts_with(kMonths[i])) month = i + 1;
  }
  if (!scan.ok() || month == 0) return std::nullopt;
  Scanner tail(scan.rest().substr(3));
  tail.literal(' ');
  const int year = tail.digits(4);
  tail.literal(' ');
  const int hour = tail.digits(2);
  tail.literal(':');
  const int minute = tail.digits(2);
  tail.literal(':');
  const int second = tail.digits(2);
  if (!tail.ok() || tail.rest() != " GMT") return std::nullopt;
  const auto when = assemble(year, month, static_cast<unsigned>(day), hour, minute, second);
  return when ? in_calendar(*when) : std::nullopt;
}

}  // namespace source_sentry
