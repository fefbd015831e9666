#include "sentry/streams/families/core.h"

#include <utility>

#include "engine/plan/retention.h"
#include "sentry/answers/scopes.h"
#include "sentry/projects/project_list.h"
#include "sentry/streams/spec/explore.h"
#include "sentry/streams/spec/issues.h"
#include "sentry/streams/spec/project_records.h"
#include "sentry/streams/spec/refresh.h"
#include "sentry/streams/spec/releases.h"

namespace source_sentry {
namespace {

std::vector<Route> event_routes(Route list, const StreamScope& scope) {
  if (scope.glitchtip) {
    // Always whole events, and no window: it supports neither `full` nor `start`.
    list.query = "limit=100";
    list.probe_query = "limit=1";
    list.window_query = nullptr;
    list.scopes = scopes::kEventsOfGlitchTip;
    return {std::move(list)};
  }
  const bool by_detail = scope.config.event_bodies == EventBodies::kDetail;
  std::vector<Route> routes;
  if (by_detail && !scope.facts.id.empty()) routes = explore_events(scope);
  routes.push_back(std::move(list));
  return routes;
}

std::vector<Route> project_routes(const Route& /*plain*/, const StreamScope& scope) {
  return project_list_routes(scope.config);
}

std::vector<Route> detail_routes(const Route& /*plain*/, const StreamScope& scope) {
  return {project_route(scope.config, scope.facts.slug, scope.facts.id)};
}

}  // namespace

std::vector<StreamSpec> core_streams() {
  return {
      {.name = "events",
       .docs = "Error events of the project, with their full bodies.",
       .suggested = true,
       .path = "projects/{org}/{project}/events/",
       // Servers since August 2026 cut full pages to 10 rows; older ones give the 100 asked for.
       .query = "full=true&per_page=100",
       .windows = WindowStyle::kStartEnd,
       .page_rows = 10,
       .rate_group = kProjectEventsGroup,
       .scopes = scopes::kEvents,
       .project_key = "projectID",  // an SDK may send one event to two projects
       .cursor_key = "dateCreated",
       .received_key = "dateReceived",
       .in_windows = true,
       .records_stay = true,
       .kept_for = kUsualRetention,
       .routes = event_routes,
       .detail = event_details,
       .count = count_events},
      {.name = "issues",
       .docs = "Issues of the project, in every status.",
       .suggested = true,
       .path = "organizations/{org}/issues/",
       // This route reads `limit`; it ignores per_page. Current servers take a slug as `project`.
       .query = "project={project_id}&sort=date&limit=100",
       .probe_query = "project={project_id}&limit=1",
       .scopes = scopes::kIssues,
       .cursor_key = "lastSeen",
       .in_windows = true,
       .kept_for = kUsualRetention,
       .routes = issue_routes,
       .route_of_several = issues_of_projects,
       .project_of = project_of_issue,
       .refresh = refresh_issues},
      {.name = "projects",
       .docs = "Projects of the organization, with the fields of their detail that the list lacks.",
       .suggested = true,
       .path = "organizations/{org}/projects/",
       .scopes = scopes::kProjectList,
       .cursor_key = "dateCreated",
       .holds_secrets = true,
       .routes = project_routes,
       .expansion = complete_projects},
      {.name = "project_detail",
       .docs = "All settings of the project.",
       .path = "projects/{org}/{project}/",
       .root = RecordSplitter::Root::kObject,
       .page_rows = 1,
       .scopes = scopes::kProject,
       .holds_secrets = true,
       .routes = detail_routes},
      {.name = "releases",
       .docs = "Releases of the organization, archived ones included.",
       .suggested = true,
       .path = "organizations/{org}/releases/",
       // The defaults hide archived releases, and those of projects that the token's owner is not a
       // member of: the empty status means both kinds, project -1 all visible projects.
       .query = "project=-1&status=&per_page=100",
       .probe_query = "project=-1&status=&per_page=1",
       .windows = WindowStyle::kStartEnd,
       .scopes = scopes::kReleases,
       .cursor_key = "dateCreated",
       .in_windows = true,
       // Sentry 9.1 has no ids, and its start and end refer to the date of release if there is one.
       .ids_prove_windows = true,
       .routes = release_routes,
       .refresh = refresh_releases},
      {.name = "project_keys",
       .docs = "Client keys (DSNs) of the project. Holds secrets.",
       .path = "projects/{org}/{project}/keys/",
       .page_rows = 10,
       .things = "client keys",
       .scopes = scopes::kProject,
       .holds_secrets = true},
      {.name = "all_projects_detail",
       .docs = "All settings of every project of the organization.",
       .path = "organizations/{org}/projects/",
       .scopes = scopes::kProjectList,
       .holds_secrets = true,
       .by_detail = true,
       .routes = project_routes,
       .expansion = projects_in_detail},
  };
}

}  // namespace source_sentry
