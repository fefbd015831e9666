#include <algorithm>
#include <array>

#include "sandbox/api/handlers.h"
#include "sandbox/api/route.h"

namespace sandbox {
namespace {

using std::string_view;

// Which scopes open what: sentry-api.md 1.3 and the OpenAPI description of each route.
constexpr std::array<string_view, 3> kOrgRead = {"org:read", "org:write", "org:admin"};
constexpr std::array<string_view, 3> kProjectRead = {"project:read", "project:write",
                                                     "project:admin"};
constexpr std::array<string_view, 3> kEventRead = {"event:read", "event:write", "event:admin"};
constexpr std::array<string_view, 5> kReleases = {"project:read", "project:write", "project:admin",
                                                  "project:releases", "org:ci"};

constexpr PageSpec kPageNumbers = {Paginator::kPageNumber, SizeParameter::kPerPage, 100, 100};
constexpr PageSpec kRowOffsets = {Paginator::kRowOffset, SizeParameter::kPerPage, 100, 100};
constexpr PageSpec kByDate = {Paginator::kKeyset, SizeParameter::kPerPage, 100, 100};
/// Keys come ten at a time unless one asks for more (sentry-api.md 2.3).
constexpr PageSpec kKeyPages = {Paginator::kKeyset, SizeParameter::kPerPage, 10, 100};
/// Issue lists alone take `limit`, and cut it rather than refuse it.
constexpr PageSpec kIssuePages = {Paginator::kScore, SizeParameter::kLimit, 100, 100};

/// The list of projects of all organizations has been on its way out since then
/// (sentry-api.md 1.5).
constexpr Deprecation kProjectsDeprecation = {
    "2026-05-15T00:00:00+00:00", "/api/0/organizations/:organization_id_or_slug/projects/"};

/// Takes what is before the next slash off `text`.
string_view next_part(string_view& text) {
  const string_view part = text.substr(0, text.find('/'));
  text.remove_prefix(std::min(part.size() + 1, text.size()));
  return part;
}

/// Whether a path has the form of a pattern; its open parts go to `match`.
bool fits(string_view pattern, string_view path, RouteMatch& match) {
  const auto slashes = [](string_view text) { return std::count(text.begin(), text.end(), '/'); };
  if (slashes(pattern) != slashes(path)) return false;
  while (!pattern.empty() || !path.empty()) {
    const string_view wanted = next_part(pattern);
    const string_view part = next_part(path);
    if (!wanted.starts_with('{')) {
      if (wanted != part && wanted != percent_decode(part, false)) return false;
      continue;
    }
    if (part.empty()) return false;
    (wanted == "{o}"    ? match.organization
     : wanted == "{p}"  ? match.project
     : wanted == "{id}" ? match.item
                        : match.key) = percent_decode(part, false);
  }
  return true;
}

}  // namespace

std::span<const RouteSpec> route_table() {
  static constexpr std::array<RouteSpec, 18> kTable = {{
      {"/", {}, "default", {}, show_api},
      {"/organizations/", kOrgRead, "default", kByDate, list_organizations},
      {"/organizations/{o}/", kOrgRead, "default", {}, show_organization},
      {"/organizations/{o}/projects/", kOrgRead, "default", kPageNumbers, list_projects,
       Quirk::kNoOrgProjects},
      {"/organizations/{o}/project-keys/", kOrgRead, "org-keys", kKeyPages, list_organization_keys,
       Quirk::kEarlyOrgRoutes},
      {"/organizations/{o}/events/", kOrgRead, "explore", kRowOffsets, explore_events},
      {"/organizations/{o}/issues/", kEventRead, "default", kIssuePages, list_organization_issues,
       Quirk::kNoOrgIssues},
      {"/organizations/{o}/issues/{id}/",
       kEventRead,
       "issue-detail",
       {},
       show_issue,
       Quirk::kEarlyOrgRoutes},
      {"/issues/{id}/", kEventRead, "issue-detail", {}, show_issue},
      {"/organizations/{o}/releases/", kReleases, "default", kPageNumbers,
       list_organization_releases},
      {"/organizations/{o}/teams/", kOrgRead, "default", kPageNumbers, list_teams},
      {"/projects/",
       kProjectRead,
       "default",
       kByDate,
       list_projects_of_all,
       {},
       kProjectsDeprecation},
      {"/projects/{o}/{p}/", kProjectRead, "default", {}, show_project},
      {"/projects/{o}/{p}/events/", kProjectRead, "project-events", kRowOffsets, list_events},
      {"/projects/{o}/{p}/events/{id}/", kProjectRead, "default", {}, show_event},
      {"/projects/{o}/{p}/issues/", kEventRead, "project-issues", kIssuePages, list_project_issues},
      {"/projects/{o}/{p}/keys/", kProjectRead, "project-keys", kKeyPages, list_project_keys},
      {"/projects/{o}/{p}/releases/", kReleases, "default", kPageNumbers, list_project_releases},
  }};
  return kTable;
}

std::optional<RouteMatch> match_route(string_view path) {
  for (const auto table : {route_table(), shelf_route_table()}) {
    for (const RouteSpec& route : table) {
      RouteMatch match{&route, {}, {}, {}, {}};
      if (fits(route.pattern, path, match)) return match;
    }
  }
  return std::nullopt;
}

}  // namespace sandbox
