#include "sandbox/render/series.h"

#include <algorithm>

namespace sandbox {

Buckets buckets_before(Instant now, Second step, std::uint32_t count) {
  const Second last = to_second(now) / step * step;
  const Second span = step * (count - 1);
  return {last > span ? last - span : 0, step, count};
}

Buckets buckets_of(std::string_view period, Instant now) {
  constexpr Second kHour = 3600;
  constexpr Second kDay = 86'400;
  if (period == "1h") return buckets_before(now, 60, 60);
  if (period == "7d") return buckets_before(now, kDay, 7);
  if (period == "14d") return buckets_before(now, kDay, 14);
  if (period == "30d") return buckets_before(now, kDay, 30);
  if (period == "90d") return buckets_before(now, kDay, 90);
  return buckets_before(now, kHour, 24);
}

Buckets buckets_between(Second from, Second to) {
  constexpr Second kSegments = 29;
  constexpr Second kHour = 3600;
  const Second span = std::max<Second>(to - std::min(from, to), 1);
  Second step = std::max<Second>(span / kSegments, 1);
  if (span >= 24 * kHour) {
    step = 24 * kHour * std::max<Second>(span / (kSegments * 24 * kHour), 1);
    for (const Second hours : {12U, 6U, 3U, 2U, 1U}) {
      if (span < kSegments * hours * kHour) step = hours * kHour;
    }
  }
  return {from / step * step, step, span / step + 1};
}

void append_series(JsonWriter& json, const World& world, std::span<const Index> events,
                   const Buckets& buckets) {
  const auto earlier = [&](Index serial, Second when) { return world.event(serial).at < when; };
  auto at = std::lower_bound(events.begin(), events.end(), buckets.first, earlier);
  json.begin_array();
  for (std::uint32_t i = 0; i < buckets.count; ++i) {
    const Second start = buckets.first + i * buckets.step;
    const auto end = std::lower_bound(at, events.end(), start + buckets.step, earlier);
    json.begin_array();
    json.number(start);
    json.number(end - at);
    json.end_array();
    at = end;
  }
  json.end_array();
}

}  // namespace sandbox
