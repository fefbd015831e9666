#pragma once

#include <string>
#include <string_view>

#include "engine/fetch/route.h"

namespace source_sentry {

/// The scopes that allow reading the streams. This is the only place that knows them;
/// docs/airbyte.md prints them, and a server that names scopes itself is believed instead. Each was
/// tried alone on Sentry 23.7.1.
namespace scopes {

inline constexpr char kEvents[] = "project:read";
inline constexpr char kExplore[] = "org:read";
inline constexpr char kIssues[] = "event:read";
inline constexpr char kProject[] = "project:read";  ///< one project's document and its client keys
inline constexpr char kProjectList[] = "org:read";
inline constexpr char kOldProjectList[] = "project:read";  ///< of all organizations at once
inline constexpr char kOrganization[] = "org:read";
inline constexpr char kMembers[] = "member:read";
inline constexpr char kTeamMembers[] = "team:read";
inline constexpr char kAuditLogs[] = "org:write";
inline constexpr char kApiKeys[] = "org:admin";
/// In Sentry project:releases allows them too, which an integration has only with Release: Admin.
inline constexpr char kReleases[] = "project:read";
/// What GlitchTip asks for instead.
inline constexpr char kReleasesOfGlitchTip[] = "project:releases";
inline constexpr char kEventsOfGlitchTip[] = "event:read";

}  // namespace scopes

/// The scopes of `Bearer realm="api", error="insufficient_scope", scope="event:read event:admin"`,
/// any of which would do, for people: "event:read or event:admin". Empty when there are none.
std::string scopes_named_in(std::string_view header);

/// The scope that a token needs which may not read what `route` leads to. `said`: what the server
/// wrote; `named`: the scopes that it named itself, if any.
std::string scope_to_give(const Route& route, const std::string& said, const std::string& named);

}  // namespace source_sentry
