#include "sentry/streams/families/explore.h"

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

using FieldNames = std::vector<std::string>;

/// A way to ask Explore for rows. Of several, one is for servers that do not know those before it.
struct Question {
  std::string dataset;  ///< empty: the server's default
  FieldNames fields;    ///< 20 at most
  std::string search{};
  std::size_t page = 100;
  std::string counted = "count()";  ///< what counts its rows; empty: nothing does
};

/// All projects that the token may see, and every row: Sentry answers from a sample where much is
/// stored, unless it is asked for this (getsentry/sentry, search/eap/sampling.py). The mode beyond
/// that, HIGHEST_ACCURACY_FLEX_TIME, does not take a window's rows for an answer.
constexpr char kAllOfThem[] = "project=-1&sampling=HIGHEST_ACCURACY";

std::string asked_by(const Question& question) {
  std::string query = kAllOfThem;
  if (!question.dataset.empty()) query += "&dataset=" + question.dataset;
  if (!question.search.empty()) query += "&query=" + percent_encode(question.search);
  return query;
}

/// The newest first, and those of one second in an order that is the same on every page.
std::string listed_by(const Question& question, const std::string& id) {
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

/// Tells once in a run that answers are samples.
std::function<void(std::string_view)> watch_samples(std::string stream) {
  return [stream = std::move(stream),
          told = std::make_shared<std::atomic<bool>>(false)](std::string_view body) {
    if (told->load(std::memory_order_relaxed) || !is_of_sample(body)) return;
    if (told->exchange(true)) return;
    spdlog::warn(
        "Sentry answers for {} from a part of its data (dataScanned is partial), so records may be "
        "missing. Read shorter stretches of time, with start_date and end_date, or ask Sentry's "
        "support.",
        stream);
  };
}

/// The number of rows that a window has, not extrapolated from a sample.
RowCount count_rows(const std::vector<Question>& questions, const StreamScope& scope) {
  std::vector<Route> routes;
  for (const Question& question : questions) {
    if (question.counted.empty()) continue;
    routes.push_back({.path = scope.config.organization_path() + "events/",
                      .query = asked_by(question) + "&disableAggregateExtrapolation=1&field=" +
                               percent_encode(question.counted) + "&per_page=1",
                      .window_query = start_end,
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

/// A stream of Explore's rows, in windows. `id`: what settles the order of those of one second.
StreamSpec rows_of(StreamSpec spec, std::vector<Question> questions, const std::string& id) {
  const Question& first = questions.front();
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
  spec.routes = [questions, id, name = spec.name](const Route& plain, const StreamScope&) {
    const auto watch = watch_samples(name);
    std::vector<Route> routes;
    for (const Question& question : questions) {
      Route route = plain;
      route.query = listed_by(question, id) + "&per_page=" + std::to_string(question.page);
      route.probe_query = listed_by(question, id) + "&per_page=1";
      route.sorted = true;
      route.watch = watch;
      route.short_name = "explore " + question.dataset + " " + std::to_string(routes.size());
      routes.push_back(std::move(route));
    }
    return routes;
  };
  spec.count_lost = [questions = std::move(questions)](const StreamScope& scope) {
    return count_rows(questions, scope);
  };
  return spec;
}

/// The question with the longest pages, and as it is, for servers that do not take those.
std::vector<Question> in_any_page(Question question) {
  // The route takes that many of logs and metrics only (getsentry/sentry,
  // api/endpoints/organization_events.py). 9,999 is one below what it shows of a window.
  constexpr std::size_t kLongest = 9999;
  Question longest = question;
  longest.page = kLongest;
  return {std::move(longest), std::move(question)};
}

// What Sentry's public names of attributes are (getsentry/sentry, search/eap/*/attributes.py).

const FieldNames kSpanFields = {"id",
                                "trace",
                                "parent_span",
                                "timestamp",
                                "span.op",
                                "span.status",
                                "span.duration",
                                "span.self_time",
                                "span.description",
                                "is_transaction",
                                "transaction",
                                "transaction.event_id",
                                "project",
                                "environment",
                                "release",
                                "user.id",
                                "sdk.name",
                                "precise.start_ts",
                                "precise.finish_ts"};

/// That a span is a transaction's need not be said of each; two others take its place.
const FieldNames kTransactionFields = {"id",
                                       "trace",
                                       "parent_span",
                                       "timestamp",
                                       "span.op",
                                       "span.status",
                                       "span.duration",
                                       "span.self_time",
                                       "span.description",
                                       "http.method",
                                       "transaction",
                                       "transaction.event_id",
                                       "project",
                                       "environment",
                                       "release",
                                       "user.id",
                                       "sdk.name",
                                       "precise.start_ts",
                                       "precise.finish_ts",
                                       "http.status_code"};

/// Of Discover's transactions, which are what servers before spans have.
const FieldNames kOldTransactionFields = {"id",
                                          "trace",
                                          "timestamp",
                                          "title",
                                          "transaction",
                                          "transaction.op",
                                          "project",
                                          "environment",
                                          "release",
                                          "user.id",
                                          "sdk.name",
                                          "transaction.status",
                                          "http.method",
                                          "http.status_code",
                                          "transaction.duration"};

const FieldNames kLogFields = {"sentry.item_id", "timestamp",   "timestamp_precise",
                               "severity",       "message",     "trace",
                               "project",        "environment", "release"};

const FieldNames kMetricFields = {"id",          "timestamp",   "project",     "trace",
                                  "metric.name", "metric.type", "metric.unit", "value"};

const FieldNames kErrorFields = {"id",      "timestamp",   "issue",      "title",   "project",
                                 "level",   "message",     "error.type", "culprit", "user.email",
                                 "user.id", "environment", "release",    "platform"};

const FieldNames kCheckFields = {"check_id",
                                 "request_sequence",
                                 "timestamp",
                                 "project_id",
                                 "subscription_id",
                                 "guid",
                                 "check_status",
                                 "status_reason_type",
                                 "status_reason_description",
                                 "incident_status",
                                 "region",
                                 "environment",
                                 "trace",
                                 "method",
                                 "request_url",
                                 "http_status_code",
                                 "check_duration_us",
                                 "scheduled_check_time_us",
                                 "actual_check_time_us",
                                 "response_body_size_bytes"};

StreamSpec metric_catalog() {
  // How Sentry's own pages list them (static/app/views/explore/hooks/useMetricOptions.tsx): without
  // a function there would be a row for each value.
  const std::string query = std::string(kAllOfThem) +
                            "&dataset=tracemetrics&statsPeriod=14d&field=metric.name"
                            "&field=metric.type&field=metric.unit&field=" +
                            percent_encode("count(metric.name)") +
                            "&sort=metric.name&sort=metric.type&sort=metric.unit";
  return {.name = "metric_catalog",
          .docs = "Metrics that applications have sent in the last 14 days, with their numbers.",
          .path = "organizations/{org}/events/",
          .query = query + "&per_page=100",
          .probe_query = query + "&per_page=1",
          .record_path = "data",
          .rate_group = kExploreGroup,
          .things = "metrics' names",
          .scopes = scopes::kExplore,
          .primary_key = {"metric.name", "metric.type", "metric.unit"},
          .routes = [](Route plain, const StreamScope&) {
            plain.watch = watch_samples("metric_catalog");
            return std::vector{std::move(plain)};
          }};
}

}  // namespace

std::vector<StreamSpec> explore_streams() {
  const Question metrics{
      .dataset = "tracemetrics", .fields = kMetricFields, .counted = "count(metric.name)"};
  // Two traces hardly have spans of one id in the same second. An error that was sent to two
  // projects has its id and its time in both, and the requests of a check share them, too: these
  // rows are told apart by their whole contents.
  return {
      rows_of({.name = "spans",
               .docs = "Spans of traces, those of transactions included.",
               .remarks = "An organization may have a million in a day.",
               .personal = {"span.description", "user.id"},
               .primary_key = {"trace", "id"},
               .rows_id = "id"},
              {{.dataset = "spans", .fields = kSpanFields}}, "id"),
      rows_of({.name = "transactions",
               .docs = "Transactions: the spans that begin the work of a service.",
               .remarks = "Servers before 2025 keep no spans of them; from there come Discover's "
                          "transactions, which have `title`, and `transaction.duration`, "
                          "`transaction.op` and `transaction.status` in place of those of spans.",
               .personal = {"span.description", "user.id"},
               .primary_key = {"trace", "id"},
               .rows_id = "id"},
              {{.dataset = "spans", .fields = kTransactionFields, .search = "is_transaction:true"},
               {.dataset = "transactions", .fields = kOldTransactionFields},
               // Sentry 23.7.1 names this one and no other that would do.
               {.dataset = "discover",
                .fields = kOldTransactionFields,
                .search = "event.type:transaction"}},
              "id"),
      rows_of({.name = "logs",
               .docs = "Log lines of applications.",
               .remarks = "The largest of all streams: an organization may have many millions in a "
                          "day.",
               .personal = {"message"},
               .things = "log lines",
               .primary_key = {"sentry.item_id"}},
              in_any_page({.dataset = "logs", .fields = kLogFields}), "sentry.item_id"),
      rows_of({.name = "trace_metrics",
               .docs = "Values of metrics that applications send.",
               .things = "metrics' values",
               .primary_key = {"id"}},
              in_any_page(metrics), "id"),
      metric_catalog(),
      rows_of({.name = "errors_explore",
               .docs = "Error events of the organization, without their bodies.",
               .remarks = "Ten times as many to a request as the stream events, which has the "
                          "bodies.",
               .personal = {"message", "title", "user.email", "user.id"},
               .things = "errors",
               .primary_key = {"project", "id"}},
              {{.dataset = "errors", .fields = kErrorFields},
               // Before that dataset they were in the default one, with transactions (23.7.1).
               {.dataset = "", .fields = kErrorFields, .search = "!event.type:transaction"}},
              "id"),
      rows_of({.name = "uptime_checks",
               .docs = "Results of uptime monitors' checks, a record for each request of one.",
               .personal = {"request_url"},
               .things = "uptime checks",
               .primary_key = {"check_id", "request_sequence"}},
              // The dataset has no functions (search/eap/uptime_results/definitions.py).
              {{.dataset = "uptime_results", .fields = kCheckFields, .counted = ""}}, "check_id"),
  };
}

}  // namespace source_sentry
