#pragma once

#include <string>

#include "sandbox/render/event_scene.h"
#include "sandbox/render/json_writer.h"

namespace sandbox {

/// One row of a project's events: what the event store alone knows, ~800 bytes.
void append_simple_event(JsonWriter& json, const World& world, Index serial, EventSize size);

/// One row of a project's events with `full`: the whole body. Release, user report, SDK updates and
/// neighbours are not in it; Sentry's serializer adds those to a single event only.
void append_full_event(JsonWriter& json, const World& world, Index serial, EventSize size);

/// The whole event as its own route shows it. Its `dateCreated` keeps the fraction, since it comes
/// from the body and not from the event store.
void append_event_detail(JsonWriter& json, const World& world, Index serial, EventSize size);

}  // namespace sandbox
