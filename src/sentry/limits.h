#pragma once

namespace source_sentry {

/// Sentry counts requests per identity and group of routes; routes without a limit of their own
/// share one. On sentry.io: 40 requests a second for the default group, 60 a minute for project
/// events, 5 a second for the old issue list. What really holds is learned from the headers.
inline constexpr const char* kDefaultGroup = "default";
inline constexpr const char* kProjectEventsGroup = "project-events";
inline constexpr const char* kProjectIssuesGroup = "project-issues";

}  // namespace source_sentry
