#include "sentry/streams/explore/questions.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/json_member.h"
#include "base/json_text.h"
#include "base/percent.h"
#include "engine/plan/retention.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

/// "project=-1", "projectSlug=web&projectSlug=api", "project=4507"
std::string projects_of(const ExploreQuestion& question) {
  if (question.projects.empty()) return "project=-1";
  // Sentry takes slugs by a name of their own (getsentry/sentry, api/bases/organization.py).
  const bool numbers =
      question.projects.front().find_first_not_of("0123456789") == std::string::npos;
  std::string query;
  for (const std::string& project : question.projects) {
    query.append(query.empty() ? "" : "&")
        .append(numbers ? "project=" : "projectSlug=")
        .append(percent_encode(project));
  }
  return query;
}

std::string asked_by(const ExploreQuestion& question) {
  std::string query = projects_of(question) + "&" + kEveryRow;
  for (const std::string& environment : question.environments) {
    query += "&environment=" + percent_encode(environment);
  }
  if (!question.dataset.empty()) query += "&dataset=" + question.dataset;
  if (!question.search.empty()) query += "&query=" + percent_encode(question.search);
  return query;
}

/// The newest first, and those of one second in an order that is the same on every page.
std::string listed_by(const ExploreQuestion& question, const std::string& id) {
  std::string query = asked_by(question);
  for (const std::string& field : question.fields) query += "&field=" + percent_encode(field);
  return query + "&sort=-timestamp&sort=-" + percent_encode(id);
}

/// Whether the answer says that it is made from a part of what is stored:
/// {"data": [...], "meta": {"dataScanned": "partial", ...}}. Inside a text its quotes would be
/// escaped, so no row can say that.
bool is_of_sample(std::string_view body) {
  constexpr std::string_view kMember = R"("dataScanned")";
  const std::size_t at = body.find(kMember);
  if (at == body.npos) return false;
  const std::size_t value = body.find_first_not_of(" :", at + kMember.size());
  return value != body.npos && body.substr(value).starts_with(R"("partial")");
}

/// The number of rows that a window has, not extrapolated from a sample.
RowCount count_rows(const std::vector<ExploreQuestion>& questions, const StreamScope& scope) {
  std::vector<Route> routes;
  for (const ExploreQuestion& question : questions) {
    if (question.counted.empty()) continue;
    routes.push_back({.path = scope.config.organization_path() + "events/",
                      .query = asked_by(question) + "&disableAggregateExtrapolation=1&field=" +
                               percent_encode(question.counted) + "&per_page=1",
                      .window_query = start_end,
                      .shared = Shared::kList,
                      .largest = kLargestCount,
                      .rate_group = kExploreGroup,
                      .what = "the number of records",
                      .scopes = scopes::kExplore});
  }
  return [routes](const Window& window, Fetcher& fetcher) -> std::optional<std::uint64_t> {
    for (const Route& route : routes) {
      Response response;
      const Verdict verdict = fetcher.fetch(route.target(route.query, &window, ""), route, response,
                                            Fetcher::Patience::of_mere_check());
      if (verdict.kind != Verdict::Kind::kAccept) continue;
      const auto answer = parse_json(response.body);
      const nlohmann::json* data = member(answer, "data");
      if (data == nullptr || !data->is_array() || data->size() != 1) continue;
      for (const auto& [name, value] : data->front().items()) {
        if (value.is_number_unsigned()) return value.get<std::uint64_t>();
      }
    }
    return std::nullopt;
  };
}

}  // namespace

void watch_samples(Route& route, const std::string& stream) {
  route.sampled = std::make_shared<std::atomic<bool>>(false);
  route.watch = [stream, sampled = route.sampled](std::string_view body) {
    if (sampled->load(std::memory_order_relaxed) || !is_of_sample(body)) return;
    if (sampled->exchange(true)) return;
    spdlog::warn(
        "Sentry answers for {} from a part of its data (dataScanned is partial), so records may be "
        "missing. Read shorter stretches of time, with start_date and end_date, or ask Sentry's "
        "support.",
        stream);
  };
}

StreamSpec explore_rows(StreamSpec spec, std::vector<ExploreQuestion> questions,
                        const std::string& id, const std::string& mark) {
  const ExploreQuestion& first = questions.front();
  spec.path = "organizations/{org}/events/";
  spec.query = listed_by(first, id) + "&per_page=" + std::to_string(first.page);
  spec.probe_query = listed_by(first, id) + "&per_page=1";
  spec.windows = WindowStyle::kStartEnd;
  spec.record_path = "data";
  spec.rate_group = kExploreGroup;
  spec.scopes = scopes::kExplore;
  spec.cursor_key = "timestamp";
  spec.in_windows = true;
  // With two keys no id tells for certain that a later run has met a record before.
  spec.records_stay = spec.primary_key.size() == 1;
  spec.kept_for = kUsualRetention;
  spec.routes = [questions, id, mark, name = spec.name](Route plain, const StreamScope&) {
    watch_samples(plain, name);
    std::vector<Route> routes;
    for (const ExploreQuestion& question : questions) {
      Route route = plain;
      route.query = listed_by(question, id) + "&per_page=" + std::to_string(question.page);
      route.probe_query = listed_by(question, id) + "&per_page=1";
      route.sorted = true;
      route.short_name = "explore " + question.dataset + " " + std::to_string(routes.size()) + mark;
      routes.push_back(std::move(route));
    }
    return routes;
  };
  spec.count_lost = [questions = std::move(questions)](const StreamScope& scope) {
    return count_rows(questions, scope);
  };
  return spec;
}

std::vector<ExploreQuestion> in_any_page(ExploreQuestion question) {
  // The route takes that many of logs and metrics only (getsentry/sentry,
  // api/endpoints/organization_events.py). 9,999 is one below what it shows of a window.
  constexpr std::size_t kLongest = 9999;
  ExploreQuestion longest = question;
  longest.page = kLongest;
  return {std::move(longest), std::move(question)};
}

}  // namespace source_sentry
