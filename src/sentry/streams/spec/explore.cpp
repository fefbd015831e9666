#include "sentry/streams/spec/explore.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/json_text.h"
#include "base/percent.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

/// {"data": [{"count()": 17}], "meta": {"dataScanned": "full", ...}}
std::optional<std::uint64_t> count_in(const std::string& body) {
  // Parsing it takes twenty times its size.
  if (body.size() > kLargestCount) return std::nullopt;
  const auto answer = parse_json(body);
  const nlohmann::json* meta = member(answer, "meta");
  // A count of a sample says nothing.
  if (meta != nullptr && text_member(*meta, "dataScanned") == "partial") return std::nullopt;
  const nlohmann::json* data = member(answer, "data");
  if (data == nullptr || !data->is_array() || data->size() != 1) return std::nullopt;
  const nlohmann::json* count = member(data->front(), "count()");
  if (count == nullptr || !count->is_number_unsigned()) return std::nullopt;
  return count->get<std::uint64_t>();
}

/// The queries for a project's errors, today's first. Servers before the dataset "errors" (23.7.1:
/// "dataset must be one of: discover, metricsEnhanced, ...") have them in their default dataset,
/// together with transactions.
std::vector<std::string> errors_of(const StreamScope& scope) {
  const std::string project = "project=" + percent_encode(scope.facts.id);
  return {"dataset=errors&" + project,
          project + "&query=" + percent_encode("!event.type:transaction")};
}

}  // namespace

std::vector<Route> explore_events(const StreamScope& scope) {
  // Two fields to sort by, since events of the same second would be in a different order on each
  // page.
  const std::string fields = "&field=id&field=timestamp&sort=-timestamp&sort=-id";
  std::vector<Route> routes;
  for (const std::string& errors : errors_of(scope)) {
    routes.push_back({.path = scope.config.organization_path() + "events/",
                      .query = errors + fields + "&per_page=100",
                      .probe_query = errors + fields + "&per_page=1",
                      .window_query = start_end,
                      .list_key = "data",
                      .cursor_key = "timestamp",
                      .names_only = true,
                      .largest = kLargestIdList,
                      .rate_group = kExploreGroup,
                      .what = "the events of the project \"" + scope.facts.slug + "\"",
                      .scopes = scopes::kExplore});
  }
  return routes;
}

std::function<Route(std::string_view)> event_details(const StreamScope& scope) {
  const std::string path = scope.config.project_path(scope.facts.slug) + "events/";
  const std::string project = scope.facts.slug;
  return [path, project](std::string_view id) -> Route {
    return {.path = path + percent_encode(id) + "/",
            .largest = kLargestEvent,
            .rate_group = kDefaultGroup,
            .failure_group = "single events",
            .what = "the event " + std::string(id) + " of the project \"" + project + "\"",
            .scopes = scopes::kEvents};
  };
}

RowCount count_events(const StreamScope& scope) {
  if (scope.facts.id.empty()) return nullptr;
  std::vector<Route> routes;
  for (const std::string& errors : errors_of(scope)) {
    routes.push_back({.path = scope.config.organization_path() + "events/",
                      .query = errors + "&field=count()&per_page=1",
                      .window_query = start_end,
                      .shared = Shared::kList,
                      .largest = kLargestCount,
                      .rate_group = kExploreGroup,
                      .what = "the number of events",
                      .scopes = scopes::kExplore});
  }
  return [routes, refused = scope.counts_refused](
             const Window& window, Fetcher& fetcher) -> std::optional<std::uint64_t> {
    std::string said;
    for (std::size_t way = *refused; way < routes.size(); ++way) {
      const Route& route = routes[way];
      Response response;
      const Verdict verdict = fetcher.fetch(route.target(route.query, &window, ""), route, response,
                                            Fetcher::Patience::of_mere_check());
      const bool accepted = verdict.kind == Verdict::Kind::kAccept;
      if (accepted) {
        if (const auto count = count_in(response.body)) return count;
      }
      said.append(said.empty() ? "" : "; ")
          .append(accepted ? "its answer holds none" : verdict.error->detail());
      // What the token may not read, or the server does not know, fails in every other way too; but
      // one dataset may be there where another is not.
      constexpr int kBadRequest = 400;
      const bool hopeless = verdict.error && verdict.error->kind() == FailureKind::kConfig &&
                            response.status != kBadRequest;
      const bool other_way = !accepted && verdict.other_route_may_help && !hopeless;
      const bool last = way + 1 == routes.size() || !other_way;
      // A count is only a check: whatever prevents it is not met again for each project.
      const std::size_t next = last ? routes.size() : way + 1;
      std::size_t seen = way;
      if (refused->compare_exchange_strong(seen, next) && last) {
        spdlog::info(
            "Sentry gives no count of its events ({}), so the number of events is not compared.",
            said);
      }
      if (last) break;
    }
    return std::nullopt;
  };
}

}  // namespace source_sentry
