#include "sentry/streams/streams.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/percent.h"
#include "base/text.h"
#include "engine/plan/retention.h"
#include "json/members.h"
#include "sentry/answers/scopes.h"
#include "sentry/embedded.h"
#include "sentry/limits.h"
#include "sentry/projects/project_list.h"
#include "sentry/streams/explore.h"
#include "sentry/streams/project_records.h"
#include "sentry/streams/refresh.h"

namespace source_sentry {
namespace {

using std::chrono::days;

std::string of_project(std::string_view things, const StreamScope& scope) {
  return "the " + std::string(things) + " of the project \"" + scope.facts.slug + "\"";
}

std::string of_organization(std::string_view things, const StreamScope& scope) {
  return "the " + std::string(things) + " of the organization \"" + scope.config.organization +
         "\"";
}

/// A search for issues by the time of their last event. The search also takes away the default
/// filter, which hides everything but unresolved issues.
std::string last_seen_query(const Window& window) {
  return "query=" + percent_encode("lastSeen:>=" + format_seconds(window.from) + "Z lastSeen:<" +
                                   format_seconds(window.to) + "Z");
}

std::vector<Route> event_routes(const StreamScope& scope) {
  if (scope.glitchtip) {
    // Always whole events, and no window: it knows neither `full` nor `start`.
    return {{.path = scope.config.project_path(scope.facts.slug) + "events/",
             .query = "limit=100",
             .probe_query = "limit=1",
             .rate_group = kProjectEventsGroup,
             .what = of_project("events", scope),
             .scopes = scopes::kEventsOfGlitchTip}};
  }
  const Route list = {
      .path = scope.config.project_path(scope.facts.slug) + "events/",
      // Servers since August 2026 cut full pages to 10 rows; older ones give the 100 asked for.
      .query = "full=true&per_page=100",
      .probe_query = "per_page=1",
      .window_query = start_end,
      .rate_group = kProjectEventsGroup,
      .what = of_project("events", scope),
      .scopes = scopes::kEvents};
  const bool by_detail = scope.config.event_bodies == EventBodies::kDetail;
  if (!by_detail || scope.facts.id.empty()) return {list};
  std::vector<Route> routes = explore_events(scope);
  routes.push_back(list);
  return routes;
}

/// Today's list of issues, of the projects that `projects` asks for: "project=4507".
Route issue_list(const StreamScope& scope, const std::string& projects, std::string what) {
  // Counts and times of an issue are those inside start..end on today's route, so the widest range
  // that the server allows is asked for, and the search picks the issues. The end is pinned to the
  // begin of the run: what happens meanwhile moves no issue to a page that was read already.
  const Window visible{scope.now - days(90), scope.now};
  return {.path = scope.config.organization_path() + "issues/",
          // This route reads `limit`; it ignores per_page.
          .query = projects + "&sort=date&limit=100",
          .probe_query = projects + "&limit=1",
          .window_query =
              [visible](const Window& window) {
                return last_seen_query(window) + "&" + start_end(visible);
              },
          .horizon = days(90),  // the server's own bound for issue searches
          .sorted = true,
          .rate_group = kDefaultGroup,
          .what = std::move(what),
          .scopes = scopes::kIssues};
}

/// The id of the project that an issue belongs to.
std::string project_of_issue(std::string_view issue) {
  const std::string_view project = member_value(issue, "project");
  if (!project.starts_with('{')) return {};
  return text_of_value(member_value(project, "id"));
}

/// Whether an issue is of the project with that number, as far as it says: the server may not know
/// the parameter that asks for it.
bool is_of_project(std::string_view issue, const std::string& id) {
  const std::string says = project_of_issue(issue);
  return says.empty() || says == id;
}

/// A list as it is, newest first, in the place of one that is searched.
Route unsearched(Route list, std::string query) {
  if (query.ends_with("&query=")) list.probe_query += "&query=";
  list.query = std::move(query);
  list.window_query = nullptr;
  list.horizon.reset();
  list.rows_move = true;
  list.unsearched = true;
  return list;
}

std::vector<Route> issue_routes(const StreamScope& scope) {
  // Without the id (a token that may only read issues) current servers take the slug.
  const std::string project =
      percent_encode(scope.facts.id.empty() ? scope.facts.slug : scope.facts.id);
  Route today = issue_list(scope, "project=" + project, of_project("issues", scope));
  if (const std::string& id = scope.facts.id; !id.empty()) {
    // Most need not be taken apart: Sentry writes it so.
    today.is_meant = [id, ours = R"("project":{"id":")" + id + '"'](std::string_view issue) {
      return issue.find(ours) != std::string_view::npos || is_of_project(issue, id);
    };
  }
  // Deprecated, 5 requests a second: the official connector's route, and old servers' only one.
  const Route old = {.path = scope.config.project_path(scope.facts.slug) + "issues/",
                     .query = "sort=date&limit=100",
                     .probe_query = "limit=1",
                     .window_query = last_seen_query,
                     .sorted = true,
                     .rows_move = true,  // it knows no end that holds them still
                     .rate_group = kProjectIssuesGroup,
                     .what = today.what,
                     .scopes = today.scopes};
  // Without a query GlitchTip lists issues in every status. Its `start` means `firstSeen`, it has
  // no search for ranges, and its way to sort by the last event has another name.
  std::vector<Route> glitchtip = {
      unsearched(today, "project=" + project + "&sort=-last_seen&limit=100"),
      unsearched(old, "sort=-last_seen&limit=100")};
  if (scope.glitchtip) {
    for (Route& route : glitchtip) route.unsearched = false;
    return glitchtip;
  }
  for (Route& route : glitchtip) route.in_other_words = true;
  // An empty query takes away the default filter, as a search does.
  return {today,
          unsearched(today, "project=" + project + "&sort=date&limit=100&query="),
          glitchtip[0],
          old,
          unsearched(old, "sort=date&limit=100&query="),
          glitchtip[1]};
}

/// One list for several projects, named by their ids, for `project` may be repeated. Where one of
/// them may not be read Sentry answers 403 for all.
Route issues_of_projects(const StreamScope& scope, const std::vector<std::string>& ids) {
  std::string projects;
  for (const std::string& id : ids) {
    projects += (projects.empty() ? "project=" : "&project=") + percent_encode(id);
  }
  Route route =
      issue_list(scope, projects,
                 of_organization("issues of " + std::to_string(ids.size()) + " projects", scope));
  // It stands in every project's state.
  route.short_name = route.path + "?projects=" + std::to_string(fnv1a(projects));
  return route;
}

std::vector<Route> project_routes(const StreamScope& scope) {
  return project_list_routes(scope.config);
}

std::vector<Route> release_routes(const StreamScope& scope) {
  // The defaults hide archived releases, and those of projects that the token's owner is no member
  // of: the empty status means both kinds, project -1 all that can be seen.
  const Route all = {.path = scope.config.organization_path() + "releases/",
                     .query = "project=-1&status=&per_page=100",
                     .probe_query = "project=-1&status=&per_page=1",
                     .window_query = start_end,
                     .rate_group = kDefaultGroup,
                     .what = of_organization("releases", scope),
                     .scopes = scopes::kReleases,
                     .scopes_of_glitchtip = scopes::kReleasesOfGlitchTip};
  Route plain = all;  // for old servers, which refuse project=-1 and know no status
  plain.query = "per_page=100";
  plain.probe_query = "per_page=1";
  if (scope.glitchtip) {
    // It knows no window, and sees nothing in project -1.
    plain.query = "limit=100";
    plain.probe_query = "limit=1";
    plain.window_query = nullptr;
    plain.scopes = scopes::kReleasesOfGlitchTip;
    return {plain};
  }
  return {all, unsearched(all, all.query), plain, unsearched(plain, plain.query)};
}

std::vector<Route> detail_routes(const StreamScope& scope) {
  return {project_route(scope.config, scope.facts.slug, scope.facts.id)};
}

std::vector<Route> key_routes(const StreamScope& scope) {
  return {{.path = scope.config.project_path(scope.facts.slug) + "keys/",
           .query = "per_page=100",
           .probe_query = "per_page=1",
           .rate_group = kDefaultGroup,
           .what = of_project("client keys", scope),
           .scopes = scopes::kProject}};
}

}  // namespace

std::string start_end(const Window& window) {
  return "start=" + percent_encode(format_seconds(window.from) + "Z") +
         "&end=" + percent_encode(format_seconds(window.to) + "Z");
}

const std::vector<StreamRow>& stream_table() {
  static const std::vector<StreamRow> kTable = {
      {.name = "events",
       .cursor_key = "dateCreated",
       .docs = "Error events of the project, with their full bodies.",
       .per_project = true,
       .in_windows = true,
       .project_key = "projectID",  // an SDK may send one event to two projects
       .records_stay = true,
       .received_key = "dateReceived",
       .page_rows = 10,
       .kept_for = kUsualRetention,
       .routes = event_routes,
       .detail = event_details,
       .count = count_events},
      {.name = "issues",
       .cursor_key = "lastSeen",
       .docs = "Issues of the project, in every status.",
       .per_project = true,
       .in_windows = true,
       .kept_for = kUsualRetention,
       .routes = issue_routes,
       .route_of_several = issues_of_projects,
       .project_of = project_of_issue,
       .refresh = refresh_issues},
      {.name = "projects",
       .cursor_key = "dateCreated",
       .docs = "Projects of the organization, with the fields of their detail that the list lacks.",
       .holds_secrets = true,
       .routes = project_routes,
       .mapper = complete_projects},
      {.name = "project_detail",
       .cursor_key = "",
       .docs = "All settings of the project.",
       .root = RecordSplitter::Root::kObject,
       .per_project = true,
       .holds_secrets = true,
       .page_rows = 1,
       .routes = detail_routes},
      {.name = "releases",
       .cursor_key = "dateCreated",
       .docs = "Releases of the organization, archived ones included.",
       .in_windows = true,
       // Sentry 9.1 knows no ids, and by start and end means the date of release if there is one.
       .ids_prove_windows = true,
       .routes = release_routes,
       .refresh = refresh_releases},
      {.name = "project_keys",
       .cursor_key = "",
       .docs = "Client keys (DSNs) of the project. Holds secrets.",
       .per_project = true,
       .holds_secrets = true,
       .page_rows = 10,
       .routes = key_routes},
      {.name = "all_projects_detail",
       .cursor_key = "",
       .docs = "All settings of every project of the organization.",
       .holds_secrets = true,
       .by_detail = true,
       .routes = project_routes,
       .mapper = projects_in_detail},
  };
  return kTable;
}

const StreamRow* find_stream(std::string_view name) {
  const auto& table = stream_table();
  const auto found = std::find_if(table.begin(), table.end(),
                                  [&](const StreamRow& row) { return row.name == name; });
  return found == table.end() ? nullptr : &*found;
}

std::vector<std::string_view> primary_key(const StreamRow& row, const Config& config) {
  if (row.project_key.empty() || config.single_project()) return {kIdKey};
  return {row.project_key, kIdKey};
}

nlohmann::ordered_json catalog_entry(const StreamRow& row, const Config& config) {
  using Json = nlohmann::ordered_json;
  Json entry = {{"name", row.name},
                {"json_schema", Json::parse(embedded_schema(row.name))},
                {"supported_sync_modes", Json::array({"full_refresh"})}};
  if (row.incremental()) {
    entry["supported_sync_modes"].push_back("incremental");
    entry["source_defined_cursor"] = true;
    entry["default_cursor_field"] = Json::array({row.cursor_key});
  }
  Json& key = entry["source_defined_primary_key"] = Json::array();
  for (const std::string_view part : primary_key(row, config)) key.push_back(Json::array({part}));
  entry["is_resumable"] = row.incremental();
  entry["is_file_based"] = false;
  return entry;
}

std::string stream_docs() {
  std::string text =
      "# Streams\n\n"
      "Printed from the table in `src/sentry/streams/streams.cpp`; a test keeps the two the "
      "same.\n\n"
      "| stream | sync modes | primary key | cursor | what it holds |\n"
      "|---|---|---|---|---|\n";
  for (const StreamRow& row : stream_table()) {
    text += "| `" + std::string(row.name) + "` | full refresh" +
            (row.incremental() ? ", incremental" : "") + " | `" + std::string(kIdKey) + "`" +
            (row.project_key.empty() ? ""
                                     : "; of several projects `" + std::string(row.project_key) +
                                           "`, `" + std::string(kIdKey) + "`") +
            " | " + (row.incremental() ? "`" + std::string(row.cursor_key) + "`" : "") + " | " +
            std::string(row.docs) + " |\n";
  }
  return text;
}

}  // namespace source_sentry
