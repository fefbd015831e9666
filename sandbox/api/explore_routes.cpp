#include <algorithm>
#include <tuple>

#include "sandbox/api/explore_query.h"
#include "sandbox/api/handlers.h"
#include "sandbox/api/parameters.h"
#include "sandbox/render/time_text.h"

namespace sandbox {
namespace {

constexpr Second kHour = 3600;
constexpr Second kDay = 24 * kHour;
/// Pages reach no further (sentry-api.md 4.9); whoever wants more asks for less time.
constexpr std::int64_t kMostRows = 10'000;

/// One event, or a group of them: what is not selected is 0 in all rows.
struct Group {
  Index project = 0;
  Index issue = 0;
  Index serial = 0;
  Second at = 0;
  std::uint64_t count = 0;

  auto group() const { return std::tie(project, issue, serial, at); }
};

/// Makes the rows of a query and brings the first of them into its order.
class Explorer {
 public:
  Explorer(const World& world, const ExploreQuery& query) : world_(world), query_(query) {
    if (query.has(ExploreField::kTimestamp) || !query.aggregates()) {
      step_ = 1;
    } else if (query.has(ExploreField::kHour)) {
      step_ = kHour;
    } else if (query.has(ExploreField::kDay)) {
      step_ = kDay;
    }
    by_project_ = query.has(ExploreField::kProject) || query.has(ExploreField::kProjectId) ||
                  query.has(ExploreField::kProjectName);
  }

  /// All rows, the first `sorted` of them in order.
  std::vector<Group> rows(std::size_t sorted) {
    for (const Index project : query_.projects) collect(project);
    if (query_.aggregates()) merge_groups();
    if (query_.sort.empty()) return std::move(rows_);
    const auto end = rows_.begin() + static_cast<std::ptrdiff_t>(std::min(sorted, rows_.size()));
    std::partial_sort(rows_.begin(), end, rows_.end(),
                      [&](const Group& a, const Group& b) { return before(a, b); });
    return std::move(rows_);
  }

 private:
  void collect(Index project) {
    const auto events = world_.events_between(world_.project(project), query_.from, query_.to);
    if (!query_.events) {
      for (const Index serial : events) add(project, serial);
      return;
    }
    for (const Index serial : *query_.events) {
      if (std::find(events.begin(), events.end(), serial) != events.end()) add(project, serial);
    }
  }

  void add(Index project, Index serial) {
    const Event& event = world_.event(serial);
    const bool single = !query_.aggregates();
    Group row;
    if (single || by_project_) row.project = project;
    if (single || query_.has(ExploreField::kIssueId)) row.issue = event.issue;
    if (single || query_.has(ExploreField::kId)) row.serial = serial;
    if (step_ > 0) row.at = event.at / step_ * step_;
    // Neighbours are mostly of one group, which keeps the rows few.
    if (!single && !rows_.empty() && rows_.back().group() == row.group()) {
      ++rows_.back().count;
      return;
    }
    row.count = 1;
    rows_.push_back(row);
  }

  void merge_groups() {
    std::sort(rows_.begin(), rows_.end(),
              [](const Group& a, const Group& b) { return a.group() < b.group(); });
    std::vector<Group> merged;
    for (const Group& row : rows_) {
      if (merged.empty() || merged.back().group() != row.group()) {
        merged.push_back(row);
      } else {
        merged.back().count += row.count;
      }
    }
    rows_ = std::move(merged);
    // Without groups there is one row even of nothing.
    const bool groups = query_.fields.size() > 1;
    if (rows_.empty() && !groups) rows_.emplace_back();
  }

  int compare(ExploreField field, const Group& a, const Group& b) const {
    const auto order = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
    const auto project = [&](const Group& row) -> const Project& {
      return world_.project(row.project);
    };
    switch (field) {
      case ExploreField::kId:
        return order(world_.id_of(a.serial), world_.id_of(b.serial));
      case ExploreField::kProjectId:
        return order(project(a).id, project(b).id);
      case ExploreField::kProject:
      case ExploreField::kProjectName:
        return order(project(a).slug, project(b).slug);
      case ExploreField::kIssueId:
        return order(world_.issue(a.issue).id, world_.issue(b.issue).id);
      case ExploreField::kTimestamp:
        return order(a.at, b.at);
      case ExploreField::kHour:
        return order(a.at / kHour, b.at / kHour);
      case ExploreField::kDay:
        return order(a.at / kDay, b.at / kDay);
      case ExploreField::kCount:
        break;
    }
    return order(a.count, b.count);
  }

  bool before(const Group& a, const Group& b) const {
    for (const ExploreSort& sort : query_.sort) {
      const int order = compare(sort.field, a, b);
      if (order != 0) return sort.descending ? order > 0 : order < 0;
    }
    if (query_.has(ExploreField::kId)) return world_.id_of(a.serial) < world_.id_of(b.serial);
    return a.group() < b.group();
  }

  const World& world_;
  const ExploreQuery& query_;
  Second step_ = 0;  // of the finest time selected; 0 for none
  bool by_project_ = false;
  std::vector<Group> rows_;
};

/// Times as Explore writes them, which is not as the other routes do.
void append_second(JsonWriter& json, Second at) {
  std::string text = sentry_time(to_instant(at));
  text.replace(text.size() - 1, 1, "+00:00");
  json.text(text);
}

void append_value(JsonWriter& json, const World& world, ExploreField field, const Group& row) {
  json.key(to_text(field));
  switch (field) {
    case ExploreField::kId:
      return json.text(world.id_of(row.serial).text());
    case ExploreField::kProjectId:
      return json.number(world.project(row.project).id);
    case ExploreField::kProject:
    case ExploreField::kProjectName:
      return json.text(world.project(row.project).slug);
    case ExploreField::kIssueId:
      return json.number(world.issue(row.issue).id);
    case ExploreField::kTimestamp:
      return append_second(json, row.at);
    case ExploreField::kHour:
      return append_second(json, row.at / kHour * kHour);
    case ExploreField::kDay:
      return append_second(json, row.at / kDay * kDay);
    case ExploreField::kCount:
      return json.number(row.count);
  }
}

void append_meta(JsonWriter& json, const ExploreQuery& query) {
  json.key("meta");
  json.begin_object();
  json.key("fields");
  json.begin_object();
  for (const ExploreField field : query.fields) json.text(to_text(field), type_of(field));
  json.end_object();
  json.key("units");
  json.begin_object();
  for (const ExploreField field : query.fields) json.null(to_text(field));
  json.end_object();
  json.raw(R"("isMetricsData":false,"isMetricsExtractedData":false,"tips":{},)"
           R"("datasetReason":"unchanged","dataset":"errors")");
  json.end_object();
}

}  // namespace

Answer explore_events(const Call& call) {
  if (call.quirk(Quirk::kEarlyOrgRoutes)) return internal_error(call.target);
  if (auto items = explore_items(call)) return *std::move(items);
  const ExploreQuery query = request_explore(call);
  Answer answer;
  JsonWriter json(answer.body);
  if (query.projects.empty()) {
    json.raw(
        R"({"data":[],"meta":{"tips":{"query":"Need at least one valid project to query."}}})");
    return answer;
  }
  const std::size_t size = request_page_size(call);
  const std::int64_t offset = request_cursor(call).value_or(Cursor()).offset;
  if (offset < 0) throw Refusal(detail_answer(400, "Pagination offset cannot be negative"));
  if (offset >= kMostRows) throw Refusal(detail_answer(400, "Pagination offset too large"));
  const std::vector<Group> rows =
      Explorer(call.world, query).rows(static_cast<std::size_t>(offset) + size);
  const Page page = request_page(call, rows.size(), size);
  json.begin_object();
  json.key("data");
  json.begin_array();
  for (std::size_t i = page.first; i < page.first + page.count; ++i) {
    json.begin_object();
    for (const ExploreField field : query.fields) append_value(json, call.world, field, rows[i]);
    json.end_object();
  }
  json.end_array();
  append_meta(json, query);
  json.end_object();
  answer.links = page.links;
  return answer;
}

}  // namespace sandbox
