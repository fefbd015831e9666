#include "app/terminal/pace.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace source_sentry {
namespace {

using std::chrono::seconds;

/// Pages come in bursts: what is shorter is not a pace.
constexpr seconds kSpan(10);

/// As long as it took so far for its part. Nothing is said of the first moments, which tell little.
std::optional<Duration> left_of(const StreamFigures& figures) {
  constexpr seconds kShortest(3);
  constexpr double kLeast = 0.01;
  if (figures.phase != StreamFigures::Phase::kReading || !figures.part) return std::nullopt;
  const double part = *figures.part;
  if (part < kLeast || part >= 1 || figures.time < kShortest) return std::nullopt;
  const double whole = as_seconds(figures.time) / part;
  constexpr double kLongest = 365.0 * 86'400;
  const double left = std::min(whole * (1 - part), kLongest);
  return std::chrono::floor<Duration>(std::chrono::duration<double>(left));
}

}  // namespace

std::vector<StreamView> Pace::look(std::vector<StreamFigures> streams, Instant now) {
  std::vector<StreamView> views;
  for (StreamFigures& figures : streams) {
    auto& samples = samples_[figures.name];
    samples.push_back({now, figures.records});
    // The oldest one kept is as old as the span, or a little older.
    while (samples.size() > 2 && samples[1].when + kSpan <= now) samples.pop_front();
    const double span = as_seconds(now - samples.front().when);
    const auto records = static_cast<double>(figures.records - samples.front().records);
    views.push_back({std::move(figures), span > 0 ? records / span : 0, {}});
    views.back().left = left_of(views.back().figures);
  }
  return views;
}

}  // namespace source_sentry
