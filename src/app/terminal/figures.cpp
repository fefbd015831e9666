#include "app/terminal/figures.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

namespace source_sentry {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

std::string grouped(std::uint64_t number) {
  constexpr std::size_t kGroup = 3;
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > kGroup;) {
    at -= kGroup;
    text.insert(at, 1, ',');
  }
  return text;
}

std::string records_text(std::uint64_t count) {
  return grouped(count) + (count == 1 ? " record" : " records");
}

std::string size_text(std::uint64_t bytes) {
  constexpr std::uint64_t kStep = 1'000;
  constexpr std::array kUnits = {"kB", "MB", "GB", "TB"};
  if (bytes < kStep) return fmt::format("{} B", bytes);
  double size = static_cast<double>(bytes) / kStep;
  std::size_t unit = 0;
  // What would be rounded to 1000.0 is 1.0 of the next unit.
  for (; size >= kStep - 0.05 && unit + 1 < kUnits.size(); ++unit) size /= kStep;
  return fmt::format("{:.1f} {}", size, kUnits.at(unit));
}

std::string span_text(Duration span) {
  span = std::max(span, Duration::zero());
  const auto in = [&]<typename Unit>(Unit) { return std::chrono::floor<Unit>(span).count(); };
  if (span < minutes(2)) return fmt::format("{} s", in(seconds()));
  if (span < hours(2)) return fmt::format("{} min", in(minutes()));
  if (span < days(2)) return fmt::format("{} h {} min", in(hours()), in(minutes()) % 60);
  return fmt::format("{} d {} h", in(days()), in(hours()) % 24);
}

std::string hour_text(Instant when) { return format_seconds(when).substr(11) + " UTC"; }

std::string minute_text(Instant when) {
  std::string text = format_seconds(when).substr(0, 16);
  text.at(10) = ' ';
  return text;
}

}  // namespace source_sentry
