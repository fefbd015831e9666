#include "sandbox/world/history.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sandbox {
namespace {

constexpr Second kHour = 3600;

/// How busy each hour of the history is, relative to the others.
std::vector<double> busy_hours(Dice& dice, std::size_t hours, Second from) {
  std::vector<double> weights(hours);
  std::uint32_t silent_for = 0;
  std::uint32_t burst_for = 0;
  for (std::size_t i = 0; i < hours; ++i) {
    const auto hour_of_day = static_cast<double>((from / kHour + i) % 24);
    // Most traffic around 14:00 UTC, little around 02:00.
    double weight = 1.0 + 0.8 * std::cos((hour_of_day - 14.0) * 2.0 * 3.14159265 / 24.0);
    weight *= 0.5 + dice.unit();
    if (silent_for == 0 && dice.below(150) == 0) silent_for = 2 + dice.below(16);
    if (burst_for == 0 && dice.below(120) == 0) burst_for = 1 + dice.below(3);
    if (burst_for > 0) {
      weight *= 40.0;
      --burst_for;
    }
    if (silent_for > 0) {
      weight = 0.0;
      --silent_for;
    }
    weights[i] = weight;
  }
  // Neither end may be silent: the first sync and the newest page need something to find.
  weights.front() = 1.0;
  weights.back() = 1.0;
  return weights;
}

/// How many events crowd into one second, for each second that gets such a crowd: what makes small
/// pages repeat and skip rows on servers without a tie-break (sentry-api.md 11).
std::vector<std::size_t> crowd_sizes(Dice& dice, std::size_t count) {
  std::vector<std::size_t> sizes(std::min<std::size_t>(count / 300, 20));
  for (std::size_t& size : sizes) size = 101 + dice.below(50);
  return sizes;
}

/// Adds the crowds to a history, at moments spread over it; one of them lately.
void add_crowds(const std::vector<std::size_t>& sizes, std::vector<Second>& times) {
  const std::size_t alone = times.size();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const bool lately = i + 1 == sizes.size();
    const std::size_t place = lately ? alone - 1 - std::min<std::size_t>(alone - 1, 10)
                                     : alone * (2 * i + 1) / (2 * sizes.size());
    times.insert(times.end(), sizes[i], times[place]);
  }
  std::sort(times.begin(), times.end());
}

}  // namespace

std::vector<std::uint32_t> share_out(std::uint32_t total, const std::vector<double>& weights) {
  std::vector<std::uint32_t> parts(weights.size(), 0);
  const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (sum <= 0.0) return parts;
  // Rounding the running sum rather than each part keeps the total exact.
  double running = 0.0;
  std::uint32_t given = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    running += weights[i];
    const auto upto = static_cast<std::uint32_t>(std::llround(total * (running / sum)));
    parts[i] = upto - given;
    given = upto;
  }
  return parts;
}

std::vector<Second> event_times(Dice dice, std::size_t count, Second from, Second to) {
  std::vector<Second> times;
  if (count == 0) return times;
  times.reserve(count);
  const std::vector<std::size_t> crowds = crowd_sizes(dice, count);
  const std::size_t alone = count - std::accumulate(crowds.begin(), crowds.end(), std::size_t{0});
  const std::size_t hours = (to - from) / kHour + 1;
  const std::vector<double> weights = busy_hours(dice, hours, from);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::size_t hour = 0;
  double before = 0.0;
  for (std::size_t i = 0; i < alone; ++i) {
    const double target =
        (static_cast<double>(i) + dice.unit()) / static_cast<double>(alone) * total;
    while (hour + 1 < hours && before + weights[hour] <= target) before += weights[hour++];
    const double part = std::min(1.0, (target - before) / std::max(weights[hour], 1e-9));
    const double offset = (static_cast<double>(hour) + part) * kHour;
    times.push_back(std::min(to, from + static_cast<Second>(offset)));
  }
  add_crowds(crowds, times);
  times.back() = to;
  return times;
}

std::vector<Index> assign_issues(Dice dice, std::size_t events, std::size_t issues) {
  std::vector<Index> assigned(events);
  std::size_t born = 0;
  for (std::size_t i = 0; i < events; ++i) {
    if (born < issues && i == born * events / issues) {
      assigned[i] = static_cast<Index>(born++);
      continue;
    }
    const double u = dice.unit();
    if (dice.chance(75)) {
      // A power of a uniform number crowds towards 0: few issues own most events, as with Zipf.
      assigned[i] = static_cast<Index>(static_cast<double>(born) * u * u * u * u);
    } else {
      const double recent = std::min(static_cast<double>(born), 40.0);
      assigned[i] = static_cast<Index>(born - 1 - static_cast<std::size_t>(recent * u * u));
    }
  }
  return assigned;
}

}  // namespace sandbox
