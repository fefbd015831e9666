#include "sandbox/render/explore_items.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>
#include <map>

#include "sandbox/render/time_text.h"
#include "sandbox/world/ids.h"
#include "sandbox/world/random.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

using std::string_view;
using Json = nlohmann::ordered_json;

constexpr Second kCatalogSpan = 14 * 24 * 3600;

constexpr ItemField kErrorColumns[] = {
    {"id", "string"},         {"timestamp", "date"},   {"issue", "string"},
    {"title", "string"},      {"project", "string"},   {"level", "string"},
    {"message", "string"},    {"error.type", "array"}, {"culprit", "string"},
    {"user.email", "string"}, {"user.id", "string"},   {"environment", "string"},
    {"release", "string"},    {"platform", "string"},  {"project.name", "string"}};

constexpr ItemField kSpanColumns[] = {{"id", "string"},
                                      {"trace", "string"},
                                      {"parent_span", "string"},
                                      {"timestamp", "date"},
                                      {"span.op", "string"},
                                      {"span.status", "string"},
                                      {"span.duration", "duration"},
                                      {"span.self_time", "duration"},
                                      {"span.description", "string"},
                                      {"is_transaction", "boolean"},
                                      {"transaction", "string"},
                                      {"transaction.event_id", "string"},
                                      {"project", "string"},
                                      {"environment", "string"},
                                      {"release", "string"},
                                      {"user.id", "string"},
                                      {"sdk.name", "string"},
                                      {"precise.start_ts", "number"},
                                      {"precise.finish_ts", "number"},
                                      {"http.method", "string"},
                                      {"http.status_code", "string"},
                                      {"project.name", "string"}};

constexpr ItemField kLogColumns[] = {
    {"sentry.item_id", "string"}, {"timestamp", "date"},     {"timestamp_precise", "number"},
    {"severity", "string"},       {"message", "string"},     {"trace", "string"},
    {"project", "string"},        {"environment", "string"}, {"release", "string"}};

constexpr ItemField kMetricColumns[] = {
    {"id", "string"},          {"timestamp", "date"},     {"project", "string"},
    {"trace", "string"},       {"metric.name", "string"}, {"metric.type", "string"},
    {"metric.unit", "string"}, {"value", "number"},       {"project.name", "string"}};

constexpr ItemField kUptimeColumns[] = {{"check_id", "string"},
                                        {"request_sequence", "integer"},
                                        {"timestamp", "date"},
                                        {"project_id", "integer"},
                                        {"subscription_id", "string"},
                                        {"guid", "string"},
                                        {"check_status", "string"},
                                        {"status_reason_type", "string"},
                                        {"status_reason_description", "string"},
                                        {"incident_status", "integer"},
                                        {"region", "string"},
                                        {"environment", "string"},
                                        {"trace", "string"},
                                        {"method", "string"},
                                        {"request_url", "string"},
                                        {"http_status_code", "integer"},
                                        {"check_duration_us", "integer"},
                                        {"scheduled_check_time_us", "integer"},
                                        {"actual_check_time_us", "integer"},
                                        {"response_body_size_bytes", "size"}};

constexpr std::array<string_view, 7> kExploreStreams = {
    "spans",          "transactions",   "logs",         "trace_metrics",
    "metric_catalog", "errors_explore", "uptime_checks"};

/// How many items an event makes.
std::uint32_t parts_of(Dataset dataset) {
  return dataset == Dataset::kSpans || dataset == Dataset::kUptime ? 2 : 1;
}

Dice dice_of(const World& world, string_view purpose, const Item& item) {
  return Dice(combine(world.seed() ^ hash_text(purpose), item.serial * 8ULL + item.part));
}

std::string trace_of(const World& world, const Item& item) {
  Dice dice(combine(world.seed() ^ hash_text("trace"), item.serial));
  return random_hex(dice);
}

std::string half_id(const World& world, const Item& item) {
  Dice dice = dice_of(world, "span", item);
  return random_hex(dice).substr(16);
}

std::string zoned(Second at) {
  std::string text = sentry_time(to_instant(at));
  return text.replace(text.size() - 1, 1, "+00:00");
}

Json text_or_null(std::optional<std::string> text) {
  return text ? Json(*std::move(text)) : Json();
}

std::optional<std::string> environment_of(const World& world, Index serial) {
  const auto index = event_environment(world, serial);
  if (!index) return std::nullopt;
  return std::string(environments()[*index]);
}

std::optional<std::string> release_of(const World& world, const Item& item) {
  const auto found = world.release_at(world.project(item.project), item.at);
  if (!found) return std::nullopt;
  return world.release(*found).version;
}

std::optional<std::string> visitor_of(const World& world, Index serial) {
  const auto visitor = event_visitor(world, serial);
  if (!visitor) return std::nullopt;
  return std::to_string(visitor->number);
}

Json error_row(const World& world, const Item& item) {
  const Issue& issue = world.issue(world.event(item.serial).issue);
  const IssueText text = issue_text(world, issue);
  const std::string slug = world.project(item.project).slug;
  const auto visitor = visitor_of(world, item.serial);
  Json types = Json::array();
  if (!text.type.empty()) types.push_back(text.type);
  return {{"id", world.id_of(item.serial).text()},
          {"timestamp", zoned(item.at)},
          {"issue", world.short_id(issue)},
          {"title", text.title},
          {"project", slug},
          {"level", text.level},
          {"message", event_message(text)},
          {"error.type", types},
          {"culprit", text.culprit},
          {"user.email", visitor ? Json("visitor" + *visitor + "@customer.example") : Json()},
          {"user.id", text_or_null(visitor)},
          {"environment", text_or_null(environment_of(world, item.serial))},
          {"release", text_or_null(release_of(world, item))},
          {"platform", "python"},
          {"project.name", slug}};
}

Json span_row(const World& world, const Item& item) {
  Dice dice = dice_of(world, "span facts", item);
  const bool root = item.part == 0;
  const double length = 0.25 * (1 + dice.below(4000));
  const std::string slug = world.project(item.project).slug;
  const double end = item.at + 0.125;
  return {{"id", half_id(world, item)},
          {"trace", trace_of(world, item)},
          {"parent_span",
           root ? Json() : Json(half_id(world, {item.project, item.serial, 0, item.at}))},
          {"timestamp", zoned(item.at)},
          {"span.op", root ? "http.server" : "db"},
          {"span.status", dice.chance(90) ? "ok" : "internal_error"},
          {"span.duration", length},
          {"span.self_time", length / 2},
          {"span.description", root ? "GET /kaufen" : "SELECT \"preis\" FROM waren WHERE id = %s"},
          {"is_transaction", root},
          {"transaction", "/kaufen"},
          {"transaction.event_id", trace_of(world, item)},
          {"project", slug},
          {"environment", text_or_null(environment_of(world, item.serial))},
          {"release", text_or_null(release_of(world, item))},
          {"user.id", text_or_null(visitor_of(world, item.serial))},
          {"sdk.name", "sentry.python"},
          {"precise.start_ts", end - length / 1000},
          {"precise.finish_ts", end},
          {"http.method", root ? Json("GET") : Json()},
          {"http.status_code", root ? Json("200") : Json()},
          {"project.name", slug}};
}

Json log_row(const World& world, const Item& item) {
  Dice dice = dice_of(world, "log facts", item);
  return {{"sentry.item_id", item_id(world, Dataset::kLogs, item)},
          {"timestamp", zoned(item.at)},
          {"timestamp_precise", item.at * 1'000'000'000ULL + dice.below(999'999'999)},
          {"severity", dice.chance(80) ? "info" : "error"},
          {"message", "Bestellung " + std::to_string(dice.below(9000)) + " \"angenommen\" ✓"},
          {"trace", trace_of(world, item)},
          {"project", world.project(item.project).slug},
          {"environment", text_or_null(environment_of(world, item.serial))},
          {"release", text_or_null(release_of(world, item))}};
}

Json metric_row(const World& world, const Item& item) {
  struct Metric {
    string_view name, type, unit;
  };
  constexpr std::array<Metric, 3> kMetrics = {{{"orders", "counter", ""},
                                               {"cart.size", "gauge", "item"},
                                               {"checkout", "distribution", "millisecond"}}};
  Dice dice = dice_of(world, "metric facts", item);
  const Metric& metric = dice.pick(kMetrics);
  const std::string slug = world.project(item.project).slug;
  return {{"id", item_id(world, Dataset::kMetrics, item)},
          {"timestamp", zoned(item.at)},
          {"project", slug},
          {"trace", trace_of(world, item)},
          {"metric.name", metric.name},
          {"metric.type", metric.type},
          {"metric.unit", metric.unit.empty() ? Json() : Json(metric.unit)},
          {"value", dice.below(1000) / 8.0},
          {"project.name", slug}};
}

Json uptime_row(const World& world, const Item& item) {
  Dice dice = dice_of(world, "uptime facts", item);
  const bool up = dice.chance(90);
  const std::uint64_t at = item.at * 1'000'000ULL;
  return {{"check_id", item_id(world, Dataset::kUptime, item)},
          {"request_sequence", item.part},
          {"timestamp", zoned(item.at)},
          {"project_id", world.project(item.project).id},
          {"subscription_id", "4f2a"},
          {"guid", trace_of(world, item)},
          {"check_status", up ? "success" : "failure"},
          {"status_reason_type", up ? Json() : Json("timeout")},
          {"status_reason_description", up ? Json() : Json("Request timed out")},
          {"incident_status", up ? 0 : 1},
          {"region", "us-west"},
          {"environment", "prod"},
          {"trace", trace_of(world, item)},
          {"method", "GET"},
          {"request_url", "https://shop.example/"},
          {"http_status_code", up ? Json(200) : Json()},
          {"check_duration_us", 1000 + dice.below(900'000)},
          {"scheduled_check_time_us", at},
          {"actual_check_time_us", at + dice.below(1000)},
          {"response_body_size_bytes", up ? Json(5120) : Json()}};
}

std::vector<Json> catalog(const World& world, std::span<const Index> projects, Instant now) {
  std::map<std::string, Json> found;
  const Second to = to_second(now) + 1;
  for (const Item& item : items_between(world, Dataset::kMetrics, projects,
                                        std::max(world.kept_from(now), to - kCatalogSpan), to)) {
    const Json row = metric_row(world, item);
    Json& entry = found[row["metric.name"].get<std::string>()];
    const std::uint64_t before = entry.is_null() ? 0 : entry["count(metric.name)"].get<int>();
    entry = {{"metric.name", row["metric.name"]},
             {"metric.type", row["metric.type"]},
             {"metric.unit", row["metric.unit"]},
             {"count(metric.name)", before + 1}};
  }
  std::vector<Json> rows;
  for (const auto& [name, row] : found) rows.push_back(row);
  return rows;
}

}  // namespace

std::optional<Dataset> find_dataset(string_view name) {
  if (name == "errors") return Dataset::kErrors;
  if (name == "spans") return Dataset::kSpans;
  if (name == "logs") return Dataset::kLogs;
  if (name == "tracemetrics") return Dataset::kMetrics;
  if (name == "uptime_results") return Dataset::kUptime;
  return std::nullopt;
}

std::span<const ItemField> fields_of(Dataset dataset) {
  switch (dataset) {
    case Dataset::kErrors:
      return kErrorColumns;
    case Dataset::kSpans:
      return kSpanColumns;
    case Dataset::kLogs:
      return kLogColumns;
    case Dataset::kMetrics:
      return kMetricColumns;
    case Dataset::kUptime:
      break;
  }
  return kUptimeColumns;
}

string_view id_field_of(Dataset dataset) {
  if (dataset == Dataset::kLogs) return "sentry.item_id";
  return dataset == Dataset::kUptime ? "check_id" : "id";
}

std::vector<Item> items_between(const World& world, Dataset dataset,
                                std::span<const Index> projects, Second from, Second to) {
  std::vector<Item> items;
  const std::uint32_t parts = parts_of(dataset);
  for (const Index project : projects) {
    for (const Index serial : world.events_between(world.project(project), from, to)) {
      for (std::uint32_t part = 0; part < parts; ++part) {
        items.push_back({project, serial, part, world.event(serial).at});
      }
    }
  }
  return items;
}

std::string item_id(const World& world, Dataset dataset, const Item& item) {
  if (dataset == Dataset::kErrors) return world.id_of(item.serial).text();
  if (dataset == Dataset::kSpans) return half_id(world, item);
  // All requests of a check have its id.
  const bool check = dataset == Dataset::kUptime;
  Dice dice = dice_of(world,
                      check                       ? "check"
                      : dataset == Dataset::kLogs ? "log"
                                                  : "metric",
                      {item.project, item.serial, check ? 0 : item.part, item.at});
  return random_hex(dice);
}

Json item_row(const World& world, Dataset dataset, const Item& item) {
  switch (dataset) {
    case Dataset::kErrors:
      return error_row(world, item);
    case Dataset::kSpans:
      return span_row(world, item);
    case Dataset::kLogs:
      return log_row(world, item);
    case Dataset::kMetrics:
      return metric_row(world, item);
    case Dataset::kUptime:
      break;
  }
  return uptime_row(world, item);
}

std::span<const string_view> explore_streams() { return kExploreStreams; }

std::optional<std::vector<Json>> explore_truth(const World& world, string_view stream,
                                               std::span<const Index> projects, Instant now) {
  const std::map<string_view, Dataset> datasets = {{"spans", Dataset::kSpans},
                                                   {"transactions", Dataset::kSpans},
                                                   {"logs", Dataset::kLogs},
                                                   {"trace_metrics", Dataset::kMetrics},
                                                   {"errors_explore", Dataset::kErrors},
                                                   {"uptime_checks", Dataset::kUptime}};
  if (stream == "metric_catalog") return catalog(world, projects, now);
  const auto dataset = datasets.find(stream);
  if (dataset == datasets.end()) return std::nullopt;
  std::vector<Json> rows;
  for (const Item& item : items_between(world, dataset->second, projects, world.kept_from(now),
                                        std::numeric_limits<Second>::max())) {
    if (stream == "transactions" && item.part != 0) continue;
    rows.push_back(item_row(world, dataset->second, item));
  }
  return rows;
}

}  // namespace sandbox
