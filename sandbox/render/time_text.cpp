#include "sandbox/render/time_text.h"

#include <array>
#include <cstdio>

namespace sandbox {
namespace {

namespace chrono = std::chrono;

void put_digits(char* at, std::uint32_t value, int count) {
  for (int i = count - 1; i >= 0; --i) {
    at[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

}  // namespace

void append_time(std::string& out, Instant when) {
  // By hand, since events hold dozens of times and snprintf would be half of rendering them.
  const auto day = chrono::floor<chrono::days>(when);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss<Duration> time(when - day);
  std::array<char, 27> text = {"0000-00-00T00:00:00.000000"};
  put_digits(&text[0], static_cast<std::uint32_t>(static_cast<int>(date.year())), 4);
  put_digits(&text[5], static_cast<unsigned>(date.month()), 2);
  put_digits(&text[8], static_cast<unsigned>(date.day()), 2);
  put_digits(&text[11], static_cast<std::uint32_t>(time.hours().count()), 2);
  put_digits(&text[14], static_cast<std::uint32_t>(time.minutes().count()), 2);
  put_digits(&text[17], static_cast<std::uint32_t>(time.seconds().count()), 2);
  const auto micros = static_cast<std::uint32_t>(time.subseconds().count());
  put_digits(&text[20], micros, 6);
  out.append(text.data(), micros == 0 ? 19 : 26);
  out.push_back('Z');
}

std::string sentry_time(Instant when) {
  std::string out;
  append_time(out, when);
  return out;
}

void time_field(JsonWriter& json, std::string_view name, Instant when) {
  json.key(name);
  json.out().push_back('"');
  append_time(json.out(), when);
  json.out().push_back('"');
}

void time_field(JsonWriter& json, std::string_view name, std::optional<Instant> when) {
  if (when) {
    time_field(json, name, *when);
  } else {
    json.null(name);
  }
}

std::string http_date(Instant when) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = chrono::floor<chrono::days>(when);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss<Duration> time(when - day);
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
                static_cast<int>(time.seconds().count()));
  return text.data();
}

}  // namespace sandbox
