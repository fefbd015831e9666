#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The ways to list the organization's releases. `all`: today's.
std::vector<Route> release_routes(Route all, const StreamScope& scope);

/// The ways to list what all projects have. `all` asks for project -1, which Sentry 9 refuses; its
/// list without one leaves out projects that the token's owner is not a member of.
std::vector<Route> with_and_without_project(Route all, const StreamScope& scope);

}  // namespace source_sentry
