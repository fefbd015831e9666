#pragma once

#include "sandbox/render/event_scene.h"
#include "sandbox/render/json_writer.h"

namespace sandbox {

/// The `entries` of a full event: exception or message, breadcrumbs, request.
void append_entries(JsonWriter& json, const EventScene& scene);

}  // namespace sandbox
