#include "sentry/streams/families/usage.h"

#include <chrono>
#include <utility>

#include "engine/fetch/page_size.h"
#include "engine/plan/retention.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"
#include "sentry/projects/project_list.h"
#include "sentry/streams/families/series_records.h"
#include "sentry/streams/spec/children.h"
#include "sentry/streams/spec/row_parts.h"

namespace source_sentry {
namespace {

std::vector<Route> listed_projects(const Route& /*plain*/, const StreamScope& scope) {
  return project_list_routes(scope.config);
}

/// Some 160 groups, each with a value for a day, come in one answer.
constexpr int kDaysOfOutcomes = 30;

/// A list of names that each row of the organization's projects holds.
StreamSpec names_in_projects(StreamSpec spec) {
  spec.path = "organizations/{org}/projects/";
  spec.things = "projects";
  spec.scopes = scopes::kProjectList;
  spec.primary_key = {"projectId", "name"};
  spec.rows_id = "id";
  spec.routes = listed_projects;
  return spec;
}

/// Each listed dashboard's own document.
Expansion dashboards_in_detail(const StreamScope& scope) {
  Expansion expansion;
  expansion.route = [path = RowTemplate("organizations/{org}/dashboards/{row.id}/", scope, true)](
                        std::string_view row) -> std::optional<Route> {
    const auto target = path.of(row);
    if (!target) return std::nullopt;
    return Route{.path = *target,
                 .largest = kLargestDocument,
                 .rate_group = kDefaultGroup,
                 .what = "a dashboard",
                 .scopes = scopes::kOrganization};
  };
  expansion.record = [](std::string_view /*row*/,
                        const DocumentFetch::Answer& answer) -> std::optional<std::string> {
    if (answer.whole) return std::string(answer.whole->json);
    if (answer.gone || !answer.error) return std::nullopt;
    if (answer.refused) throw RefusedRecord(*answer.error);
    throw ConnectorError(*answer.error);
  };
  return expansion;
}

/// A time series by days. Outcomes and sessions arrive late, so the last days come again.
StreamSpec series_by_days(StreamSpec spec) {
  constexpr std::chrono::days kComeAgain(2);  // and the newest one
  spec.windows = WindowStyle::kDays;
  spec.root = RecordSplitter::Root::kObject;
  spec.rate_group = kStatsGroup;
  spec.scopes = scopes::kOrganization;
  spec.cursor_key = "date";
  spec.least_lookback = kComeAgain;
  return spec;
}

// What an answer holds: all projects of the organization, not only the token's own.
constexpr const char* kOutcomes =
    "field=sum(quantity)&groupBy=category&groupBy=outcome&groupBy=reason&interval=1d&project=-1";
constexpr const char* kSummary = "field=sum(quantity)&interval=1d&project=-1";
/// Groups come in pages, in the order of a field.
constexpr const char* kSessions =
    "field=sum(session)&field=count_unique(user)&field=crash_free_rate(session)"
    "&field=crash_free_rate(user)&groupBy=project&groupBy=release&groupBy=environment"
    "&orderBy=-sum(session)&includeTotals=0&interval=1d&project=-1&per_page=";

constexpr const char* kOnePeriod = "&statsPeriod=1d";

}  // namespace

std::vector<StreamSpec> usage_streams() {
  return {
      {.name = "dashboards",
       .docs = "Dashboards of the organization.",
       .remarks =
           "Asked for them, Sentry may create or delete rows of its own: they are read only with "
           "`allow_writing_reads`.",
       .path = "organizations/{org}/dashboards/",
       .query = "sort=dateCreated&per_page=100",
       .probe_query = "sort=dateCreated&per_page=1",
       .scopes = scopes::kOrganization,
       .writes = true,
       .objects = {"createdBy"},
       .by_contents = true,
       .unstable = {"lastVisited", "isFavorited", "createdBy.lastActive", "createdBy.lastLogin"}},
      {.name = "dashboard_widgets",
       .docs = "Widgets of each dashboard, with their queries.",
       .remarks = "Read only with `allow_writing_reads`, as dashboards are. Widgets of built-in "
                  "dashboards have no id, and are left out.",
       .path = "organizations/{org}/dashboards/",
       .query = "sort=dateCreated&per_page=100",
       .probe_query = "sort=dateCreated&per_page=1",
       .things = "dashboards",
       .scopes = scopes::kOrganization,
       .writes = true,
       .rows_id = "id",
       .expansion = dashboards_in_detail,
       .split = dashboard_widgets},
      names_in_projects({.name = "project_features",
                         .docs = "Features that each project uses or may use.",
                         .split = project_features}),
      names_in_projects({.name = "project_access",
                         .docs = "What the token may do in each project.",
                         .split = project_access}),
      {.name = "relay_usage",
       .docs = "Relays that send the organization's events, with their versions.",
       .path = "organizations/{org}/relay_usage/",
       .query = "",
       .probe_query = "",
       .page_rows = kWholeList,
       .things = "relays",
       .scopes = scopes::kOrganization,
       .primary_key = {"relayId"},
       .by_contents = true,
       .unstable = {"lastSeen"}},
      {.name = "saved_queries",
       .docs = "Queries that were saved in Discover.",
       .path = "organizations/{org}/discover/saved/",
       .query = "sortBy=-dateUpdated&per_page=100",
       .probe_query = "sortBy=-dateUpdated&per_page=1",
       .things = "saved queries",
       .scopes = scopes::kOrganization,
       .objects = {"createdBy"},
       .by_contents = true,
       .unstable = {"createdBy.lastActive", "createdBy.lastLogin"}},
      {.name = "searches",
       .docs = "Searches for issues that were saved, those that Sentry has made among them.",
       .remarks = "Nobody but their owner sees personal ones: they are those of the token's user.",
       .promise = Promise::kPrivate,
       .path = "organizations/{org}/searches/",
       // Sentry 9 lists those of projects without it; later servers ignore it.
       .query = "use_org_level=1",
       .probe_query = "use_org_level=1",
       .page_rows = kWholeList,
       .scopes = scopes::kOrganization,
       .by_contents = true},
      series_by_days(
          {.name = "org_stats",
           .docs = "How much of each category was accepted, filtered or dropped, by day.",
           .remarks = "Attachments are in bytes, profile durations in milliseconds: quantities of "
                      "different categories cannot be added. The first run goes back 90 days, or "
                      "to `start_date`; the last three days are read again.",
           .path = "organizations/{org}/stats_v2/",
           .query = kOutcomes,
           .probe_query = std::string(kOutcomes) + kOnePeriod,
           .things = "usage",
           .primary_key = {"date", "category", "outcome", "reason"},
           .series = SeriesPlan{kDaysOfOutcomes, series_records}}),
      series_by_days({.name = "stats_summary",
                      .docs = "The same for each project: outcomes of each category, by day.",
                      .remarks = "The first run goes back 90 days, or to `start_date`; the "
                                 "last three days are read again.",
                      .path = "organizations/{org}/stats-summary/",
                      .query = kSummary,
                      .probe_query = std::string(kSummary) + kOnePeriod,
                      .things = "usage by project",
                      .primary_key = {"date", "projectId", "category"},
                      .series = SeriesPlan{1, summary_records}}),
      series_by_days(
          {.name = "release_health",
           .docs = "Sessions, users and crash-free rates of each release and environment, by day.",
           .remarks = "Groups come a hundred to a request. Sentry keeps them for 90 days; the "
                      "last three days are read again.",
           .path = "organizations/{org}/sessions/",
           .query = std::string(kSessions) + "100",
           .probe_query = std::string(kSessions) + "1" + kOnePeriod,
           .things = "sessions",
           .primary_key = {"date", "project", "release", "environment"},
           .kept_for = kUsualRetention,
           .series = SeriesPlan{1, series_records}}),
  };
}

}  // namespace source_sentry
