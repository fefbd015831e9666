#include "sentry/event_count.h"

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

}  // namespace

RowCount count_events(const StreamScope& scope) {
  if (scope.facts.id.empty()) return nullptr;
  const Route route = {
      .path = scope.config.organization_path() + "events/",
      .query = "dataset=errors&field=count()&per_page=1&project=" + percent_encode(scope.facts.id),
      .window_query = start_end,
      .rate_group = kExploreGroup,
      .what = "the number of events",
      .scopes = "org:read"};
  return [route, refused = scope.count_refused](const Window& window,
                                                Fetcher& fetcher) -> std::optional<std::uint64_t> {
    if (*refused) return std::nullopt;
    constexpr Fetcher::Patience kPatience{.attempts = 2, .attempts_before_other_route = 2};
    Response response;
    const auto verdict =
        fetcher.fetch(route.target(route.query, &window, ""), route, response, kPatience);
    if (!verdict) return std::nullopt;
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
