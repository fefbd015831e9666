#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// The streams of Airbyte's own connector, and what `discover` lists unless told otherwise.
inline constexpr char kCoreGroup[] = "core";
inline constexpr char kPeopleGroup[] = "people";
inline constexpr char kIssuesGroup[] = "issues";
inline constexpr char kReleasesGroup[] = "releases";
inline constexpr char kAlertsGroup[] = "alerts";
inline constexpr char kUsageGroup[] = "usage";
inline constexpr char kExploringGroup[] = "explore";
inline constexpr char kAppsGroup[] = "apps";
/// Of the streams that a configuration makes itself. It is none to choose: they are always offered.
inline constexpr char kConfiguredGroup[] = "configured";
/// Of the streams of received webhooks, which are offered where a spool is configured.
inline constexpr char kLiveGroup[] = "live";
/// Stands for every group.
inline constexpr char kAllGroups[] = "all";

/// The groups that streams are chosen by, in the order in which they are listed.
inline constexpr std::array<std::string_view, 8> kStreamGroups = {
    kCoreGroup,   kPeopleGroup, kIssuesGroup,    kReleasesGroup,
    kAlertsGroup, kUsageGroup,  kExploringGroup, kAppsGroup};

/// Whether `chosen`, group names or `all`, has `group` in it.
inline bool has_group(const std::vector<std::string>& chosen, std::string_view group) {
  for (const std::string& name : chosen) {
    if (name == group || name == kAllGroups) return true;
  }
  return false;
}

}  // namespace source_sentry
