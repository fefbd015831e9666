#pragma once

#include <cstdint>
#include <string_view>

#include "engine/plan/stream_plan.h"

namespace source_sentry {

struct StreamScope;

/// Sets how to find changes of issues and releases that move none of their times, if the
/// configuration asks for that. `plan` already has its routes: those of issue_routes.
void refresh_issues(const StreamScope& scope, PartitionPlan& plan);
void refresh_releases(const StreamScope& scope, PartitionPlan& plan);

/// A fingerprint of what may change of a listed issue, or release, while its time of order stays.
/// What differs from request to request, or from user to user, is not part of it.
std::uint32_t issue_fingerprint(std::string_view json);
std::uint32_t release_fingerprint(std::string_view json);

}  // namespace source_sentry
