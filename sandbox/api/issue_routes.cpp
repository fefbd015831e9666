#include <algorithm>

#include "sandbox/api/glitchtip.h"
#include "sandbox/api/handlers.h"
#include "sandbox/api/issue_lookup.h"
#include "sandbox/api/issue_search.h"
#include "sandbox/api/parameters.h"
#include "sandbox/api/text.h"
#include "sandbox/shelves/issue_links.h"

namespace sandbox {
namespace {

using std::string_view;

/// Issue searches look back this far at most (sentry-api.md 4.2).
constexpr int kSearchDays = 90;
/// Counts of hits stop here.
constexpr std::size_t kMostHits = 1000;

IssueParts requested_parts(const Call& call) {
  const auto collapse = call.query.all("collapse");
  const auto expand = call.query.all("expand");
  IssueParts parts;
  parts.base = !holds(collapse, "base");
  parts.stats = !holds(collapse, "stats");
  parts.lifetime = !holds(collapse, "lifetime");
  parts.filtered = !holds(collapse, "filtered");
  parts.unhandled = !holds(collapse, "unhandled");
  parts.inbox = holds(expand, "inbox");
  parts.owners = holds(expand, "owners");
  // Servers that do not know these words pass over them.
  const bool links = !call.quirk(Quirk::kEarlyOrgRoutes);
  parts.integration_issues = links && holds(expand, "integrationIssues");
  parts.sentry_app_issues = links && holds(expand, "sentryAppIssues");
  parts.sessions = holds(expand, "sessions");
  parts.attachments = holds(expand, "latestEventHasAttachments");
  return parts;
}

/// A search and what is needed to render its rows.
struct Search {
  std::vector<Index> projects;
  EventScope scope;
  IssueFilter filter;
};

IssueFilter requested_filter(const Call& call, std::span<const Index> projects) {
  // No query is not the same as an empty one (sentry-api.md 0.1).
  const auto parsed = parse_search(request_search(call, "is:unresolved"));
  const std::string prefix = call.quirk(Quirk::kOldErrors)
                                 ? "Your search query could not be parsed: "
                                 : "Error parsing search query: ";
  if (const auto* error = std::get_if<QueryError>(&parsed)) {
    throw Refusal(detail_answer(400, prefix + error->reason));
  }
  auto compiled = IssueFilter::compile(
      std::get<std::vector<SearchTerm>>(parsed),
      {call.world, call.organization, projects, call.now, call.quirk(Quirk::kOldErrors)});
  if (const auto* error = std::get_if<IssueFilter::Error>(&compiled)) {
    throw Refusal(detail_answer(400, error->complete ? error->reason : prefix + error->reason));
  }
  return std::get<IssueFilter>(std::move(compiled));
}

IssueSort requested_sort(const Call& call) {
  const string_view text = call.query.get("sort").value_or("date");
  if (const auto sort = parse_issue_sort(text)) return *sort;
  if (text == "inbox") {
    throw Refusal(detail_answer(400, "Sort key 'inbox' only supported for inbox search"));
  }
  throw bad_parameter(call, "Sort key '" + std::string(text) + "' not supported.");
}

/// Renders one page of issues and drops rows that read as resolved although unresolved ones were
/// asked for: pages can be short, even empty, while more follow (sentry-api.md 0.17).
Answer issue_page(const IssueView& view, const Search& search, std::span<const Index> issues,
                  const Page& page, IssueList list, std::size_t total) {
  const auto rows = issues.subspan(page.first, page.count);
  std::size_t shown = 0;
  Answer answer;
  JsonWriter json(answer.body);
  json.begin_array();
  for (const Index issue : rows) {
    const bool stale =
        search.filter.wants_unresolved() && view.parts.base &&
        view.world.shown_status(view.world.issue(issue), view.now) != IssueStatus::kUnresolved;
    if (stale) continue;
    ++shown;
    append_issue_row(json, view, search.scope, issue, list);
  }
  json.end_array();
  answer.links = page.links;
  if (total == 0) return answer;  // an empty search counts nothing
  std::size_t hits = std::min(total, kMostHits);
  if (!rows.empty() && shown < rows.size()) hits = hits * shown / rows.size();
  answer.headers.emplace_back("X-Hits", std::to_string(hits));
  answer.headers.emplace_back("X-Max-Hits", std::to_string(kMostHits));
  return answer;
}

/// The page of an empty search: its cursors are those of an empty table.
Page empty_page() { return {0, 0, {{0, 0, true}, false, {0, 0, false}, false}}; }

Answer search_answer(const Call& call, const IssueView& view, const Search& search,
                     IssueList list) {
  const IssueSort sort = requested_sort(call);
  const std::size_t size = request_page_size(call);
  const auto cursor = request_cursor(call);
  if (cursor && cursor->offset < 0) return internal_error("negative offset");
  const IssueHits hits =
      search_issues(call.world, search.projects, search.filter, search.scope, sort);
  const Page page = hits.issues.empty() ? empty_page() : score_page(hits.scores, size, cursor);
  return issue_page(view, search, hits.issues, page, list, hits.issues.size());
}

/// The range of an organization's search, cut to what can still be searched.
EventScope search_scope(const Call& call, const TimeRange& range) {
  const Second earliest = to_second(call.now - std::chrono::days(kSearchDays));
  return {std::max(earliest, to_second(range.start)), to_second(range.end),
          call.world.kept_from(call.now), request_environments(call)};
}

/// The first page of a project's issues by date comes from the database when the query allows: its
/// cursor has milliseconds where the following pages know only seconds, so rows that share a second
/// with the page's end come twice.
Answer first_page_from_database(const Call& call, const IssueView& view, const Search& search) {
  std::vector<std::pair<Instant, Index>> rows;
  for (const Index index : call.world.project(call.project).issues) {
    const Issue& issue = call.world.issue(index);
    const Instant seen = call.world.last_seen(issue);
    const bool in_range =
        seen >= to_instant(search.scope.from) && seen <= to_instant(search.scope.to);
    if (in_range && search.filter.row_matches(issue)) rows.emplace_back(seen, index);
  }
  std::sort(rows.begin(), rows.end(), std::greater<>());
  const Keyset keys{rows.size(), 1000,
                    [&](std::size_t row) { return rows[row].first.time_since_epoch().count(); }};
  std::vector<Index> issues;
  issues.reserve(rows.size());
  for (const auto& [seen, index] : rows) issues.push_back(index);
  return issue_page(view, search, issues, keyset_page(keys, request_page_size(call), {}),
                    IssueList::kProject, issues.size());
}

/// GlitchTip's list: all issues by their last event, start and end meaning the first one. What it
/// does not know of the search it takes for a tag that no issue has (sentry-api.md 6).
Answer glitchtip_issues(const Call& call, const std::vector<Index>& projects) {
  const string_view sort = call.query.get("sort").value_or("-last_seen");
  if (call.quirk(Quirk::kGlitchtipSorts) && sort != "-last_seen") {
    return {422,
            R"({"detail":[{"type":"literal_error","loc":["query","sort"],)"
            R"("msg":"Input should be '-last_seen'"}]})",
            "application/json",
            {},
            {}};
  }
  const auto range = request_range(call, std::nullopt);
  std::vector<std::pair<Instant, Index>> rows;
  for (const Index project : projects) {
    for (const Index index : call.world.project(project).issues) {
      const Issue& issue = call.world.issue(index);
      const Instant first = call.world.first_seen(issue);
      const bool outside = range && (first < range->start || first > range->end);
      if (!outside) rows.emplace_back(call.world.last_seen(issue), index);
    }
  }
  if (!request_search(call, "").empty()) rows.clear();
  std::sort(rows.begin(), rows.end(), std::greater<>());
  const EventScope scope = {0, to_second(call.now), call.world.kept_from(call.now), {}};
  IssueParts parts;  // its rows have none of these
  parts.lifetime = parts.filtered = parts.unhandled = false;
  const IssueView view{call.world, call.settings.addresses,     call.now,
                       "24h",      buckets_of("24h", call.now), false,
                       parts};
  const auto last_seen = [&](std::size_t row) { return rows[row].first; };
  return glitchtip_list(call, rows.size(), last_seen, [&](JsonWriter& json, std::size_t row) {
    append_issue_row(json, view, scope, rows[row].second, IssueList::kProject);
  });
}

}  // namespace

Answer list_organization_issues(const Call& call) {
  if (call.quirk(Quirk::kGlitchtip)) return glitchtip_issues(call, request_projects(call, false));
  string_view period = call.query.get("groupStatsPeriod").value_or("24h");
  if (!period.empty() && period != "24h" && period != "14d" && period != "auto") {
    return detail_answer(400,
                         "Invalid stats_period. Valid choices are '', '24h', '14d' and 'auto'");
  }
  const auto range = parse_range(call.query, call.now, kSearchDays);
  if (const auto* bad = std::get_if<BadRange>(&range)) {
    return detail_answer(400, call.quirk(Quirk::kOldErrors) ? bad->old_reason : bad->reason);
  }
  const EventScope scope = search_scope(call, *std::get<std::optional<TimeRange>>(range));
  const std::vector<Index> projects = request_projects(call, false);
  if (projects.empty()) return whole_list_answer(0, [](JsonWriter&, std::size_t) {});
  if (call.quirk(Quirk::kEarlyOrgRoutes)) {
    if (projects.size() == 1) return internal_error(call.target);
    return detail_answer(400, "You do not have the multi project stream feature enabled");
  }

  const Buckets buckets =
      period == "auto" ? buckets_between(scope.from, scope.to) : buckets_of(period, call.now);
  IssueView view{call.world, call.settings.addresses, call.now, period, buckets,
                 false,      requested_parts(call),   links_of};
  if (auto answer = try_direct_hit(call, view, projects, IssueList::kOrganization)) return *answer;
  if (auto answer = try_groups(call, view, projects)) return *answer;
  const Search search{projects, scope, requested_filter(call, projects)};
  view.event_conditions = search.filter.has_event_terms();
  return search_answer(call, view, search, IssueList::kOrganization);
}

Answer list_project_issues(const Call& call) {
  if (call.quirk(Quirk::kGlitchtip)) return glitchtip_issues(call, {call.project});
  const auto period = call.query.get("statsPeriod").value_or("24h");
  if (!period.empty() && period != "24h" && period != "14d") {
    return detail_answer(400, "Invalid stats_period. Valid choices are '', '24h', and '14d'");
  }
  const IssueView view{call.world, call.settings.addresses,      call.now,
                       period,     buckets_of(period, call.now), false,
                       {}};
  const std::vector<Index> projects = {call.project};
  if (call.query.has("hashes")) {
    if (!request_search(call, "").empty()) {
      return detail_answer(400, "Cannot use 'hashes' with 'query'");
    }
    return issues_with_hashes(call, view);
  }
  if (auto answer = try_direct_hit(call, view, projects, IssueList::kProject)) return *answer;

  // start, end and a range in statsPeriod mean nothing here; a little of the future is included.
  EventScope scope = search_scope(
      call, {call.now - std::chrono::days(kSearchDays), call.now + std::chrono::minutes(10)});
  if (scope.environments.size() > 1) scope.environments = {scope.environments.back()};
  const Search search{projects, scope, requested_filter(call, projects)};
  const bool plain = requested_sort(call) == IssueSort::kDate && !request_cursor(call) &&
                     !search.filter.has_event_terms() && scope.environments.empty();
  if (plain) return first_page_from_database(call, view, search);
  return search_answer(call, view, search, IssueList::kProject);
}

Answer show_issue(const Call& call) {
  const auto number = parse_number(call.item);
  const auto issue =
      number ? call.world.find_issue(*number) : call.world.find_issue(call.organization, call.item);
  if (!issue) return no_such_resource();
  const Project& owner = call.world.project(call.world.issue(*issue).project);
  const bool bare = call.route.pattern.starts_with("/issues/");  // finds those of any organization
  if (!bare && owner.organization != call.organization) return no_such_resource();
  const auto collapse = call.query.all("collapse");
  const IssueView view{
      call.world, call.settings.addresses, call.now, "24h", buckets_of("24h", call.now),
      false,      requested_parts(call),   links_of};
  const CountedEvents events(call.world, call.world.issue(*issue), all_time(call));
  Answer answer;
  JsonWriter json(answer.body);
  append_issue_detail(
      json, view, {*issue, events.window(), events.lifetime()},
      {!holds(collapse, "release"), !holds(collapse, "stats"), !holds(collapse, "tags")});
  return answer;
}

}  // namespace sandbox
