#include "sentry/explore.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "base/json_member.h"
#include "base/percent.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

/// {"data": [{"count()": 17}], "meta": {"dataScanned": "full", ...}}
std::optional<std::uint64_t> count_in(const std::string& body) {
  const auto answer = nlohmann::json::parse(body, nullptr, false);
  const nlohmann::json* meta = member(answer, "meta");
  // A count over a sample says nothing.
  if (meta != nullptr && text_member(*meta, "dataScanned") == "partial") return std::nullopt;
  const nlohmann::json* data = member(answer, "data");
  if (data == nullptr || !data->is_array() || data->size() != 1) return std::nullopt;
  const nlohmann::json* count = member(data->front(), "count()");
  if (count == nullptr || !count->is_number_unsigned()) return std::nullopt;
  return count->get<std::uint64_t>();
}

std::string errors_of(const StreamScope& scope) {
  return "dataset=errors&project=" + percent_encode(scope.facts.id);
}

}  // namespace

Route explore_events(const StreamScope& scope) {
  // Two fields to sort by, since the order of events of the same second would be another one on
  // each page.
  const std::string fields = "&field=id&field=timestamp&sort=-timestamp&sort=-id";
  return {.path = scope.config.organization_path() + "events/",
          .query = errors_of(scope) + fields + "&per_page=100",
          .probe_query = errors_of(scope) + fields + "&per_page=1",
          .window_query = start_end,
          .list_key = "data",
          .cursor_key = "timestamp",
          .names_only = true,
          .rate_group = kExploreGroup,
          .what = "the events of the project \"" + scope.facts.slug + "\"",
          .scopes = "org:read"};
}

std::function<Route(std::string_view)> event_details(const StreamScope& scope) {
  const std::string path = scope.config.project_path(scope.facts.slug) + "events/";
  const std::string project = scope.facts.slug;
  return [path, project](std::string_view id) -> Route {
    return {.path = path + percent_encode(id) + "/",
            .rate_group = kDefaultGroup,
            .what = "the event " + std::string(id) + " of the project \"" + project + "\"",
            .scopes = "project:read"};
  };
}

RowCount count_events(const StreamScope& scope) {
  if (scope.facts.id.empty()) return nullptr;
  const Route route = {.path = scope.config.organization_path() + "events/",
                       .query = errors_of(scope) + "&field=count()&per_page=1",
                       .window_query = start_end,
                       .rate_group = kExploreGroup,
                       .what = "the number of events",
                       .scopes = "org:read"};
  return [route, project = scope.facts.slug, refused = scope.count_refused, failed = false](
             const Window& window, Fetcher& fetcher) mutable -> std::optional<std::uint64_t> {
    if (failed || *refused) return std::nullopt;
    constexpr Fetcher::Patience kPatience{.attempts = 2, .attempts_before_other_route = 2};
    Response response;
    const auto verdict =
        fetcher.fetch(route.target(route.query, &window, ""), route, response, kPatience);
    if (!verdict) return std::nullopt;
    if (verdict->kind == Verdict::Kind::kRetry) {  // that of the next project may be told
      failed = true;
      spdlog::info("The events of the project \"{}\" are not compared with Sentry's count. {}",
                   project, verdict->error->message());
      return std::nullopt;
    }
    const auto count =
        verdict->kind == Verdict::Kind::kAccept ? count_in(response.body) : std::nullopt;
    if (!count && !refused->exchange(true)) {
      spdlog::info("Sentry gives no count of its events (HTTP {}), so theirs is not compared.",
                   response.status);
    }
    return count;
  };
}

}  // namespace source_sentry
