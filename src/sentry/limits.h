#pragma once

#include <cstddef>
#include <map>
#include <string>

#include "http/rate_headers.h"

namespace source_sentry {

/// Sentry counts requests per identity and group of routes; routes without a limit of their own
/// share one.
inline constexpr const char* kDefaultGroup = "default";
inline constexpr const char* kProjectEventsGroup = "project-events";
inline constexpr const char* kExploreGroup = "explore";
inline constexpr const char* kProjectIssuesGroup = "project-issues";
/// The users of projects' applications: five requests a minute for an integration
/// (getsentry/sentry, api/endpoints/project_users.py).
inline constexpr const char* kProjectUsersGroup = "project-users";
inline constexpr const char* kMembersGroup = "members";
inline constexpr const char* kTagValuesGroup = "issue-tag-values";
inline constexpr const char* kIssueTagsGroup = "issue-tags";
inline constexpr const char* kStatsGroup = "stats";

/// sentry.io's limits for a user's token, according to its source and its answers in 2026. A
/// self-hosted Sentry has none. How many may run at a time applies until a group's first answer
/// gives the real number; every answer tells the rest, see Pacer.
inline std::map<std::string, RateLimit> starting_limits() {
  using std::chrono::seconds;
  return {{kDefaultGroup, {40, seconds(1), 25}},     {kProjectEventsGroup, {60, seconds(60), 1}},
          {kExploreGroup, {30, seconds(1), 15}},     {kProjectIssuesGroup, {5, seconds(1), 5}},
          {kProjectUsersGroup, {5, seconds(60), 1}}, {kMembersGroup, {40, seconds(1), 25}},
          {kStatsGroup, {20, seconds(1), 10}},       {kTagValuesGroup, {150, seconds(60), 5}},
          {kIssueTagsGroup, {10, seconds(1), 5}}};
}

/// The largest answers that are not lists of records, in bytes; larger ones are not valid. A count
/// and its description take some hundred.
inline constexpr std::size_t kLargestCount = std::size_t{64} << 10;
/// A hundred ids and times, and the descriptions of both fields, take 15 KB.
inline constexpr std::size_t kLargestIdList = std::size_t{1} << 20;
/// A project names its teams, an old Sentry's organization its projects, by the thousand.
inline constexpr std::size_t kLargestDocument = std::size_t{16} << 20;
/// Native events have 5 MB.
inline constexpr std::size_t kLargestEvent = std::size_t{64} << 20;

}  // namespace source_sentry
