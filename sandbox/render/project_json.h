#pragma once

#include <optional>
#include <string_view>

#include "sandbox/render/json_writer.h"
#include "sandbox/render/organization_json.h"
#include "sandbox/world/world.h"

namespace sandbox {

/// Whose eyes a project is seen with: membership and bookmarks belong to the token's user.
struct Viewer {
  bool bookmarks = true;       ///< false for identities that are no user
  bool member_of_all = false;  ///< true for integrations
};

bool is_member(const Project& project, const Viewer& viewer);

/// What a project list may be asked to leave out or add.
struct ProjectExtras {
  bool latest_deploys = true;
  std::string_view stats_period;  ///< empty for no `stats`
  Instant now;                    ///< where `stats` ends
  bool throttled = false;         ///< has GlitchTip's own fields
};

/// One row of an organization's projects (~1 KB).
void append_project(JsonWriter& json, const World& world, Index project, const Viewer& viewer,
                    const ProjectExtras& extras);

/// One row of the deprecated list of projects of all organizations.
void append_project_of_any(JsonWriter& json, const World& world, Index project,
                           const Viewer& viewer, const Addresses& addresses);

/// A project with all its settings (~4.6 KB).
void append_project_detail(JsonWriter& json, const World& world, Index project,
                           const Viewer& viewer, const Addresses& addresses);

}  // namespace sandbox
