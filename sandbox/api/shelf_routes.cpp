#include <array>
#include <vector>

#include "sandbox/api/handlers.h"
#include "sandbox/api/series_routes.h"
#include "sandbox/api/shelf_list.h"
#include "sandbox/api/shelf_quirks.h"

namespace sandbox {
namespace {

using std::string_view;

// Which scopes open what: all-streams.md 4 and 7.3. Those of routes.cpp have other names.
using Scopes = std::span<const string_view>;
constexpr std::array<string_view, 3> kOrganization = {"org:read", "org:write", "org:admin"};
constexpr std::array<string_view, 3> kMember = {"member:read", "member:write", "member:admin"};
constexpr std::array<string_view, 3> kProject = {"project:read", "project:write", "project:admin"};
constexpr std::array<string_view, 3> kEvents = {"event:read", "event:write", "event:admin"};
constexpr std::array<string_view, 3> kTeamMembers = {"team:read", "team:write", "team:admin"};
constexpr std::array<string_view, 4> kAlerts = {"org:read", "org:write", "org:admin",
                                                "alerts:read"};
constexpr std::array<string_view, 4> kProjectAlerts = {"project:read", "project:write",
                                                       "project:admin", "alerts:read"};
constexpr std::array<string_view, 4> kApps = {"org:read", "org:write", "org:admin",
                                              "org:integrations"};
constexpr std::array<string_view, 5> kCode = {"project:read", "project:write", "project:admin",
                                              "project:releases", "org:ci"};
constexpr std::array<string_view, 5> kRepositories = {"org:read", "org:write", "org:admin",
                                                      "org:integrations", "org:ci"};
constexpr std::array<string_view, 1> kProjectOnly = {"project:read"};
constexpr std::array<string_view, 1> kAudit = {"org:write"};
constexpr std::array<string_view, 4> kIncidents = {"org:read", "org:write", "org:admin",
                                                   "project:read"};

constexpr PageSpec kWhole = {};
constexpr PageSpec kPages = {Paginator::kPageNumber, SizeParameter::kPerPage, 100, 100};
constexpr PageSpec kRows = {Paginator::kRowOffset, SizeParameter::kPerPage, 100, 100};
/// Groups of a series.
constexpr PageSpec kGroups = {Paginator::kRowOffset, SizeParameter::kPerPage, 1000, 5000};
constexpr PageSpec kKeys = {Paginator::kKeyset, SizeParameter::kPerPage, 100, 100};
constexpr PageSpec kPagesOf25 = {Paginator::kPageNumber, SizeParameter::kPerPage, 25, 100};
constexpr PageSpec kPagesOf20 = {Paginator::kPageNumber, SizeParameter::kPerPage, 20, 100};
constexpr PageSpec kRowsBy10 = {Paginator::kRowOffset, SizeParameter::kPerPage, 10, 100};

/// A row of the second table: a route and the shelf it shows.
struct ShelfRoute {
  string_view pattern;
  Scopes scopes;
  PageSpec page;
  ShelfList list;
  string_view rate_group = "default";
  std::optional<Quirk> absent_with = {};
  /// Is there without the organization as well, as it was first.
  bool bare = false;
  std::optional<Quirk> bare_absent_with = {};
  Handler handler = list_shelf;
};

constexpr string_view kOwned = "/organizations/{o}";
constexpr Quirk kEarly = Quirk::kEarlyOrgRoutes;

constexpr ShelfRoute kShelfRoutes[] = {
    {"/organizations/{o}/members/",
     kMember,
     kPages,
     {.shelf = "organization_members", .on_glitchtip = true},
     "members"},
    {"/organizations/{o}/environments/",
     kOrganization,
     kWhole,
     {.shelf = "environments",
      .by_project = true,
      .on_glitchtip = true,
      .select = select_environments}},
    {"/organizations/{o}/repos/",
     kRepositories,
     kPages,
     {.shelf = "repositories", .select = select_repositories},
     "repos"},
    {"/organizations/{o}/monitors/",
     kAlerts,
     kPages,
     {.shelf = "monitors",
      .by_project = true,
      .shuffles = true,
      .sort = "sort",
      .sorts = "status name muted",
      .select = select_monitors}},
    {"/organizations/{o}/detectors/",
     kAlerts,
     kPages,
     {.shelf = "detectors",
      .by_project = true,
      .hits = true,
      .needs_user = true,
      .sort = "sortBy",
      .sorts = "id name type connectedWorkflows latestGroup openIssues"},
     "default",
     kEarly},
    {"/organizations/{o}/workflows/",
     kAlerts,
     kPages,
     {.shelf = "workflows",
      .hits = true,
      .needs_user = true,
      .sort = "sortBy",
      .sorts = "id name dateCreated dateUpdated connectedDetectors actions priorityDetector"},
     "default",
     kEarly},
    {"/organizations/{o}/workflows/{id}/group-history/",
     kAlerts,
     kPages,
     {.shelf = "alert_fires", .hits = true, .needs_user = true, .dress = dress_fire},
     "default",
     kEarly},
    {"/organizations/{o}/open-periods/",
     kEvents,
     kPages,
     {.shelf = "issue_open_periods",
      .hits = true,
      .owner = "groupId",
      .none = R"({"detail":"No open periods found for group"})"},
     "default",
     kEarly},
    {"/organizations/{o}/alert-rules/",
     kAlerts,
     kPagesOf25,
     {.shelf = "metric_alert_rules", .by_project = true, .hits = true},
     "default",
     kEarly},
    {"/organizations/{o}/incidents/",
     kIncidents,
     kPagesOf25,
     {.shelf = "incidents", .by_project = true, .select = select_incidents},
     "default",
     kEarly},
    {"/organizations/{o}/dashboards/",
     kOrganization,
     kPages,
     {.shelf = "dashboards",
      .sort = "sort",
      .sorts = "title dateCreated mostPopular recentlyViewed mydashboards",
      .select = select_dashboards}},
    {"/organizations/{o}/dashboards/{id}/",
     kOrganization,
     kWhole,
     {.shelf = "dashboards",
      .is_document = true,
      .select = select_dashboard,
      .dress = dress_dashboard}},
    {"/organizations/{o}/discover/saved/",
     kOrganization,
     kPages,
     {.shelf = "saved_queries",
      .sort = "sortBy",
      .sorts = "name dateCreated dateUpdated mostPopular recentlyViewed myqueries"}},
    {"/organizations/{o}/stats_v2/",
     kOrganization,
     kWhole,
     {},
     "stats",
     kEarly,
     false,
     {},
     show_outcomes},
    {"/organizations/{o}/stats-summary/",
     kOrganization,
     kWhole,
     {},
     "stats",
     kEarly,
     false,
     {},
     show_summary},
    {"/organizations/{o}/sessions/",
     kOrganization,
     kGroups,
     {},
     "stats",
     kEarly,
     false,
     {},
     show_sessions},
    {"/organizations/{o}/user-feedback/",
     kProject,
     kKeys,
     {.shelf = "user_feedback",
      .window = "dateCreated",
      .by_project = true,
      .select = select_feedback,
      .shown = show_feedback}},
    {"/organizations/{o}/replays/",
     kOrganization,
     kRowsBy10,
     {.shelf = "replays",
      .wrapper = "data",
      .window = "_started_at",
      .by_project = true,
      .sort = "sort",
      .sorts = "started_at finished_at duration count_errors activity"},
     "default",
     kEarly},
    {"/organizations/{o}/relay_usage/",
     kOrganization,
     kWhole,
     {.shelf = "relay_usage"},
     "default",
     kEarly},
    {"/organizations/{o}/uptime/",
     kAlerts,
     kPages,
     {.shelf = "uptime_monitors", .by_project = true, .shuffles = true},
     "default",
     kEarly},
    {"/organizations/{o}/integrations/",
     kApps,
     kPages,
     {.shelf = "integrations", .dress = dress_integration}},
    {"/organizations/{o}/sentry-apps/", kOrganization, kPages, {.shelf = "sentry_apps"}},
    {"/organizations/{o}/sentry-app-installations/",
     kApps,
     kPages,
     {.shelf = "sentry_app_installations"}},
    {"/organizations/{o}/audit-logs/",
     kAudit,
     kKeys,
     {.shelf = "audit_logs",
      .wrapper = "rows",
      .extra = R"(,"options":["member.invite","project.create","team.edit","rule.edit"])",
      .select = select_audit_logs}},

    {"/projects/{o}/{p}/rules/",
     kProjectAlerts,
     kKeys,
     {.shelf = "issue_alert_rules", .dress = dress_issue_rule}},
    {"/projects/{o}/{p}/environments/",
     kProject,
     kWhole,
     {.shelf = "project_environments", .on_glitchtip = true, .select = select_environments}},
    {"/projects/{o}/{p}/users/", kProject, kRows, {.shelf = "project_users"}, "project-users"},
    {"/projects/{o}/{p}/members/", kProject, kWhole, {.shelf = "project_members"}},
    {"/projects/{o}/{p}/symbol-sources/",
     kProject,
     kWhole,
     {.shelf = "symbol_sources"},
     "default",
     kEarly},
    {"/projects/{o}/{p}/teams/",
     kProject,
     kPages,
     {.shelf = "project_teams", .on_glitchtip = true}},
    {"/projects/{o}/{p}/hooks/", kProjectOnly, kKeys, {.shelf = "service_hooks"}},
    {"/projects/{o}/{p}/ownership/",
     kProject,
     kWhole,
     {.shelf = "project_ownership", .is_document = true}},
    {"/projects/{o}/{p}/codeowners/", kProject, kWhole, {.shelf = "codeowners"}},
    {"/projects/{o}/{p}/files/dsyms/", kCode, kPagesOf20, {.shelf = "debug_files"}},
    {"/projects/{o}/{p}/tags/", kProject, kWhole, {.shelf = "project_tags", .dress = dress_tag}},
    {"/projects/{o}/{p}/tags/{key}/values/",
     kProject,
     kKeys,
     {.shelf = "project_tag_values", .select = select_tag_values},
     "issue-tags"},

    {"/organizations/{o}/issues/{id}/notes/",
     kEvents,
     kKeys,
     {.shelf = "issue_comments"},
     "default",
     kEarly,
     true,
     {}},
    {"/organizations/{o}/issues/{id}/comments/",
     kEvents,
     kKeys,
     {.shelf = "issue_comments", .on_glitchtip = true},
     "default",
     kEarly,
     true,
     {}},
    {"/organizations/{o}/issues/{id}/activities/",
     kEvents,
     kWhole,
     {.shelf = "issue_activity", .wrapper = "activity"},
     "default",
     kEarly,
     true,
     kEarly},
    {"/organizations/{o}/issues/{id}/hashes/",
     kEvents,
     kRows,
     {.shelf = "issue_hashes", .on_glitchtip = true, .full_size = 10, .dress = dress_hash},
     "default",
     kEarly,
     true,
     {}},
    {"/organizations/{o}/issues/{id}/events/",
     kEvents,
     kRows,
     {.on_glitchtip = true},
     "default",
     kEarly,
     true,
     {},
     list_issue_events},
    {"/organizations/{o}/issues/{id}/events/{key}/",
     kEvents,
     kWhole,
     {},
     "default",
     kEarly,
     true,
     {},
     show_issue_event},
    {"/organizations/{o}/issues/{id}/tags/",
     kEvents,
     kWhole,
     {.shelf = "issue_tags", .on_glitchtip = true, .select = select_tags},
     "issue-tags",
     kEarly,
     true,
     {}},
    {"/organizations/{o}/issues/{id}/tags/{key}/values/",
     kEvents,
     kKeys,
     {.shelf = "issue_tag_values", .select = select_tag_values},
     "tag-values",
     kEarly,
     true,
     {}},
    {"/organizations/{o}/issues/{id}/attachments/",
     kEvents,
     kKeys,
     {.shelf = "event_attachments", .window = "dateCreated"},
     "default",
     kEarly,
     true,
     kEarly},

    {"/organizations/{o}/releases/{id}/commits/", kCode, kRows, {.shelf = "release_commits"}},
    {"/organizations/{o}/releases/{id}/deploys/", kCode, kPages, {.shelf = "release_deploys"}},
    {"/organizations/{o}/releases/{id}/files/",
     kCode,
     kPages,
     {.shelf = "release_files", .on_glitchtip = true}},
    {"/teams/{o}/{id}/members/",
     kTeamMembers,
     kPages,
     {.shelf = "team_members", .on_glitchtip = true},
     "members"},
    {"/organizations/{o}/monitors/{id}/checkins/",
     kProjectAlerts,
     kPages,
     {.shelf = "monitor_checkins",
      .window = "dateAdded",
      .both_ends = true,
      .select = select_check_ins},
     "default",
     kEarly},
};

}  // namespace

std::span<const RouteSpec> shelf_route_table() {
  static const std::vector<RouteSpec> kTable = [] {
    std::vector<RouteSpec> table;
    for (const ShelfRoute& row : kShelfRoutes) {
      table.push_back({row.pattern, row.scopes, row.rate_group, row.page, row.handler,
                       row.absent_with, std::nullopt, &row.list});
      if (!row.bare) continue;
      table.push_back({row.pattern.substr(kOwned.size()), row.scopes, row.rate_group, row.page,
                       row.handler, row.bare_absent_with, std::nullopt, &row.list});
    }
    return table;
  }();
  return kTable;
}

}  // namespace sandbox
