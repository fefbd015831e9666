#pragma once

#include "engine/plan/stream_plan.h"

namespace source_sentry {

struct StreamScope;

/// For `projects`: the organization's project list lacks six fields that the deprecated list, which
/// the official connector read, had. They are taken, byte by byte, from each project's detail and
/// put at the record's end, if the caller asked for one of them. A project whose detail cannot be
/// read stays as it was listed.
Expansion complete_projects(const StreamScope& scope);

/// For `all_projects_detail`: each listed project's detail document in its place. A project that
/// has gone since it was listed is left out with a warning.
Expansion projects_in_detail(const StreamScope& scope);

}  // namespace source_sentry
