#pragma once

#include <string_view>

#include "sandbox/render/json_writer.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// How the sandbox's own addresses look from outside, for links inside answers.
struct Addresses {
  std::string public_url;  ///< scheme, host, port and prefix, no slash at the end
};

/// An organization as lists and nested objects show it (~640 bytes, sentry-api.md 7), or with what
/// only its own route adds.
void append_organization(JsonWriter& json, const Organization& organization,
                         const Addresses& addresses);
void append_organization_fields(JsonWriter& json, const Organization& organization,
                                const Addresses& addresses);

/// Nested objects that several answers share.
void append_team(JsonWriter& json, const Team& team);
void append_user(JsonWriter& json, const User& user);

}  // namespace sandbox
