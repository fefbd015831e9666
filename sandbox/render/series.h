#pragma once

#include <span>
#include <string_view>

#include "sandbox/render/json_writer.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// The buckets of a sparkline: `count` steps, the last holding `now`, aligned to the step.
struct Buckets {
  Second first = 0;
  Second step = 3600;
  std::uint32_t count = 24;
};

Buckets buckets_before(Instant now, Second step, std::uint32_t count);

/// The buckets that Sentry draws for a period's name (`1h` to `90d`); `24h` for others.
Buckets buckets_of(std::string_view period, Instant now);

/// About thirty buckets from `from` to `to`, as `auto` asks for.
Buckets buckets_between(Second from, Second to);

/// `[[epoch, count], ...]` of `events`, which are in order of time.
void append_series(JsonWriter& json, const World& world, std::span<const Index> events,
                   const Buckets& buckets);

}  // namespace sandbox
