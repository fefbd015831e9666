#include "sentry/streams/families/explore.h"

#include <utility>

#include "base/percent.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"
#include "sentry/streams/explore/questions.h"

namespace source_sentry {
namespace {

using FieldNames = std::vector<std::string>;

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
  const std::string query = std::string(kEveryRowOfAll) +
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
            watch_samples(plain, "metric_catalog");
            return std::vector{std::move(plain)};
          }};
}

}  // namespace

std::vector<StreamSpec> explore_streams() {
  const ExploreQuestion metrics{
      .dataset = "tracemetrics", .fields = kMetricFields, .counted = "count(metric.name)"};
  // Two traces hardly have spans of one id in the same second. An error that was sent to two
  // projects has its id and its time in both, and the requests of a check share them, too: these
  // rows are told apart by their whole contents.
  return {
      explore_rows({.name = "spans",
                    .docs = "Spans of traces, those of transactions included.",
                    .remarks = "An organization may have a million in a day.",
                    .personal = {"span.description", "user.id"},
                    .primary_key = {"trace", "id"},
                    .rows_id = "id"},
                   {{.dataset = "spans", .fields = kSpanFields}}, "id"),
      explore_rows(
          {.name = "transactions",
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
      explore_rows(
          {.name = "logs",
           .docs = "Log lines of applications.",
           .remarks = "The largest of all streams: an organization may have many millions in a "
                      "day.",
           .personal = {"message"},
           .things = "log lines",
           .primary_key = {"sentry.item_id"}},
          in_any_page({.dataset = "logs", .fields = kLogFields}), "sentry.item_id"),
      explore_rows({.name = "trace_metrics",
                    .docs = "Values of metrics that applications send.",
                    .things = "metrics' values",
                    .primary_key = {"id"}},
                   in_any_page(metrics), "id"),
      metric_catalog(),
      explore_rows({.name = "errors_explore",
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
      explore_rows({.name = "uptime_checks",
                    .docs = "Results of uptime monitors' checks, a record for each request of one.",
                    .personal = {"request_url"},
                    .things = "uptime checks",
                    .primary_key = {"check_id", "request_sequence"}},
                   // The dataset has no functions (search/eap/uptime_results/definitions.py).
                   {{.dataset = "uptime_results", .fields = kCheckFields, .counted = ""}},
                   "check_id"),
  };
}

}  // namespace source_sentry
