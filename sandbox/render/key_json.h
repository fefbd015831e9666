#pragma once

#include "sandbox/render/json_writer.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// A client key (DSN), about 2 KB. `projectId` is a number here, unlike anywhere else
/// (sentry-api.md 4.1).
void append_key(JsonWriter& json, const World& world, const Project& project, const ClientKey& key);

}  // namespace sandbox
