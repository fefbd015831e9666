#pragma once

#include "sandbox/render/json_writer.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// What a release list may be asked to add (sentry-api.md 4.5).
struct ReleaseExtras {
  bool health = false;
  bool adoption_stages = false;
  bool early = false;  ///< only what releases of 9.1 hold: no id, for one
};

/// One row of a release list.
void append_release(JsonWriter& json, const World& world, Index release,
                    const ReleaseExtras& extras);

/// The shorter form inside an event's detail.
void append_event_release(JsonWriter& json, const World& world, Index release);

/// The even shorter form that issue details hold for their first and last release.
void append_release_info(JsonWriter& json, const World& world, Index release);

/// Which environments a release was seen in, as indexes into `environments()`.
bool seen_in(const World& world, Index release, std::size_t environment);

}  // namespace sandbox
