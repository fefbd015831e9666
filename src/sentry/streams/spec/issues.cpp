#include "sentry/streams/spec/issues.h"

#include <chrono>
#include <utility>

#include "base/percent.h"
#include "base/text.h"
#include "json/members.h"
#include "sentry/answers/scopes.h"

namespace source_sentry {
namespace {

using std::chrono::days;

/// A search for issues by the time of their last event. The search also removes the default filter,
/// which hides everything but unresolved issues.
std::string last_seen_query(const Window& window) {
  return "query=" + percent_encode("lastSeen:>=" + format_seconds(window.from) + "Z lastSeen:<" +
                                   format_seconds(window.to) + "Z");
}

/// Turns a list of issues into one that is searched by time.
Route searched(Route list, const StreamScope& scope) {
  // Counts and times of an issue are those inside start..end on today's route, so the widest range
  // that the server allows is asked for, and the search picks the issues. The end is pinned to the
  // beginning of the run: what happens meanwhile moves no issue to a page already read.
  const Window visible{scope.now - days(90), scope.now};
  list.window_query = [visible](const Window& window) {
    return last_seen_query(window) + "&" + start_end(visible);
  };
  list.horizon = days(90);  // the server's own bound for issue searches
  list.sorted = true;
  return list;
}

/// Whether an issue says in Sentry's form that it belongs to a project; `ours` is its object's
/// beginning, which is searched for alone since an issue has few braces and many quotes.
bool says_so(std::string_view issue, std::string_view ours) {
  constexpr std::string_view kKey = R"("project":)";
  std::size_t at = 0;
  while ((at = issue.find(ours, at)) != issue.npos) {
    if (issue.substr(0, at).ends_with(kKey)) return true;
    ++at;
  }
  return false;
}

/// Whether an issue belongs to the project with that number, as far as it says: the server may not
/// know the parameter that asks for it.
bool is_of_project(std::string_view issue, const std::string& id) {
  const std::string says = project_of_issue(issue);
  return says.empty() || says == id;
}

}  // namespace

std::string project_of_issue(std::string_view issue) {
  const std::string_view project = member_value(issue, "project");
  if (!project.starts_with('{')) return {};
  return text_of_value(member_value(project, "id"));
}

Route unsearched(Route list, std::string query) {
  if (query.ends_with("&query=")) list.probe_query += "&query=";
  list.query = std::move(query);
  list.window_query = nullptr;
  list.horizon.reset();
  list.rows_move = true;
  list.unsearched = true;
  return list;
}

std::vector<Route> issue_routes(Route plain, const StreamScope& scope) {
  const std::string project = plain.probe_query.substr(0, plain.probe_query.find('&'));
  Route today = searched(std::move(plain), scope);
  if (const std::string& id = scope.facts.id; !id.empty()) {
    // Most need not be parsed: Sentry writes it like this.
    today.is_meant = [id, ours = R"({"id":")" + id + '"'](std::string_view issue) {
      return says_so(issue, ours) || is_of_project(issue, id);
    };
  }
  // Deprecated, 5 requests a second: the official connector's route, and old servers' only one.
  const Route old = {.path = scope.config.project_path(scope.facts.slug) + "issues/",
                     .query = "sort=date&limit=100",
                     .probe_query = "limit=1",
                     .window_query = last_seen_query,
                     .sorted = true,
                     .rows_move = true,  // it has no end parameter that keeps them in place
                     .rate_group = kProjectIssuesGroup,
                     .what = today.what,
                     .scopes = today.scopes};
  // Without a query GlitchTip lists issues in every status. Its `start` means `firstSeen`, it has
  // no search for ranges, and its sort by the last event has another name.
  std::vector<Route> glitchtip = {unsearched(today, project + "&sort=-last_seen&limit=100"),
                                  unsearched(old, "sort=-last_seen&limit=100")};
  if (scope.glitchtip) {
    for (Route& route : glitchtip) route.unsearched = false;
    return glitchtip;
  }
  for (Route& route : glitchtip) route.in_other_words = true;
  // An empty query removes the default filter, as a search does.
  return {today, unsearched(today, today.query + "&query="), glitchtip[0],
          old,   unsearched(old, old.query + "&query="),     glitchtip[1]};
}

std::vector<Route> whole_issue_lists(Route plain, const StreamScope& scope) {
  std::vector<Route> routes = issue_routes(std::move(plain), scope);
  if (scope.glitchtip) return routes;
  // What is not searched is the same list, and other words are for servers with the quirk.
  std::erase_if(routes,
                [](const Route& route) { return route.unsearched || route.in_other_words; });
  const Window visible{whole_seconds(scope.now) - days(90), whole_seconds(scope.now)};
  for (Route& route : routes) {
    const std::size_t sort = route.query.find("sort=date");
    route.query.replace(sort, std::string_view("sort=date").size(), "sort=new");
    route.short_name = route.path + "?" + route.query;
    route.query += "&query=";
    route.probe_query += "&query=";
    if (route.horizon) {
      route.query += "&" + start_end(visible);
      route.probe_query += "&" + start_end(visible);
    }
    route.window_query = nullptr;
    route.horizon.reset();
    route.sorted = false;
    route.rows_move = false;
  }
  return routes;
}

Route issues_of_projects(const StreamScope& scope, const std::vector<std::string>& ids) {
  std::string projects;
  for (const std::string& id : ids) {
    projects += (projects.empty() ? "project=" : "&project=") + percent_encode(id);
  }
  Route route =
      searched({.path = scope.config.organization_path() + "issues/",
                .query = projects + "&sort=date&limit=100",
                .probe_query = projects + "&limit=1",
                .rate_group = kDefaultGroup,
                .what = "the issues of " + std::to_string(ids.size()) +
                        " projects of the organization \"" + scope.config.organization + "\"",
                .scopes = scopes::kIssues},
               scope);
  // It is in every project's state.
  route.short_name = route.path + "?projects=" + std::to_string(fnv1a(projects));
  return route;
}

}  // namespace source_sentry
