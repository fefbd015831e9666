#include "sandbox/api/explore_query.h"

#include <algorithm>
#include <array>

#include "sandbox/api/date_term.h"
#include "sandbox/api/parameters.h"
#include "sandbox/api/text.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;
using std::string_view;

constexpr int kDefaultDays = 90;

struct FieldSpec {
  ExploreField field;
  string_view name;
  string_view type;
};

constexpr std::array<FieldSpec, 9> kFields = {{
    {ExploreField::kId, "id", "string"},
    {ExploreField::kProjectId, "project.id", "integer"},
    {ExploreField::kProject, "project", "string"},
    {ExploreField::kProjectName, "project.name", "string"},
    {ExploreField::kIssueId, "issue.id", "integer"},
    {ExploreField::kTimestamp, "timestamp", "date"},
    {ExploreField::kHour, "timestamp.to_hour", "date"},
    {ExploreField::kDay, "timestamp.to_day", "date"},
    {ExploreField::kCount, "count()", "integer"},
}};

constexpr std::array<string_view, 6> kDatasets = {"errors", "logs",         "profile_functions",
                                                  "spans",  "tracemetrics", "uptime_results"};

const FieldSpec& spec_of(ExploreField field) {
  return *std::find_if(kFields.begin(), kFields.end(),
                       [&](const FieldSpec& one) { return one.field == field; });
}

Refusal bad_query(const std::string& detail) { return Refusal(detail_answer(400, detail)); }

/// Other fields there may be, but finding nothing in them would be a lie.
ExploreField parse_field(string_view name) {
  for (const FieldSpec& one : kFields) {
    if (one.name == name) return one.field;
  }
  throw bad_query("sentry-sandbox has no field '" + std::string(name) + "'");
}

void check_dataset(const Call& call) {
  const string_view dataset = call.query.get("dataset").value_or("");
  if (dataset == "errors") return;
  if (holds(kDatasets, dataset)) {
    throw bad_query("sentry-sandbox has nothing in the dataset " + std::string(dataset));
  }
  std::string names;
  for (const string_view name : kDatasets) names.append(names.empty() ? "" : ", ").append(name);
  throw bad_query("dataset must be one of: " + names);
}

std::vector<ExploreField> requested_fields(const Call& call) {
  const auto names = call.query.all("field");
  if (names.empty()) throw bad_query("No columns selected");
  if (names.size() > kMostExploreFields) {
    throw bad_query("You can view up to 20 fields at a time. Please delete some and try again.");
  }
  std::vector<ExploreField> fields;
  const auto add = [&](ExploreField field) {
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
  };
  const auto has = [&](ExploreField field) {
    return std::find(fields.begin(), fields.end(), field) != fields.end();
  };
  for (const string_view name : names) add(parse_field(name));
  // What Sentry's own pages need to link a row comes unasked.
  if (!has(ExploreField::kCount)) add(ExploreField::kId);
  if (has(ExploreField::kId) && !has(ExploreField::kProjectId)) add(ExploreField::kProjectName);
  return fields;
}

std::vector<ExploreSort> requested_sort(const Call& call, const ExploreQuery& query) {
  auto names = call.query.all("sort");
  if (names.empty()) names = call.query.all("orderby");
  std::vector<ExploreSort> sort;
  for (string_view name : names) {
    const bool descending = name.starts_with('-');
    if (descending) name.remove_prefix(1);
    if (name == "count") name = "count()";
    const ExploreField field = parse_field(name);
    if (!query.has(field)) throw bad_query("Cannot sort by a field that is not selected.");
    sort.push_back({field, descending});
  }
  return sort;
}

/// The range of start and end or statsPeriod. Periods of more than an hour are rounded outwards to
/// whole minutes, from 30 days on to quarters of an hour (sentry-api.md 4.0).
void take_range(const Call& call, ExploreQuery& query) {
  const TimeRange range = *request_range(call, kDefaultDays);
  query.from = std::max(to_second(range.start), call.world.kept_from(call.now));
  query.to = to_second(range.end);
  const Duration span = range.end - range.start;
  if (!call.query.has("statsPeriod") || span <= chrono::hours(1)) return;
  const Second step = span >= chrono::days(30) ? 15 * 60 : 60;
  query.from = std::max(to_second(range.start) / step * step, call.world.kept_from(call.now));
  query.to = (query.to + step - 1) / step * step;
}

/// Narrows a query by the terms of its `query` parameter, one member function per kind of key.
class Narrower {
 public:
  Narrower(const Call& call, ExploreQuery& query) : call_(call), query_(query) {}

  void take(const SearchTerm& term) {
    const bool plain = !term.negated;
    if (term.key == "timestamp") return take_time(term);
    if (plain && (term.key == "project" || term.key == "project.id")) return take_projects(term);
    if (plain && term.key == "id") return take_events(term);
    throw bad_query("sentry-sandbox does not search events by '" + term.key + "'");
  }

 private:
  void take_time(const SearchTerm& term) {
    const auto parsed = parse_date_term(term, "timestamp", call_.now);
    if (const auto* error = std::get_if<QueryError>(&parsed)) throw bad_query(error->reason);
    const DateSpan span = cut_to_seconds(std::get<DateSpan>(parsed));
    if (span.from) {
      query_.from = std::max(query_.from, to_second(*span.from) + (span.from_inclusive ? 0 : 1));
    }
    if (span.to) {
      query_.to = std::min(query_.to, to_second(*span.to) + (span.to_inclusive ? 1 : 0));
    }
  }

  void take_projects(const SearchTerm& term) {
    std::vector<Index> wanted;
    for (const std::string& name : term.values) {
      const auto found = call_.world.find_project(call_.organization, name);
      const auto& selected = query_.projects;
      if (!found || std::find(selected.begin(), selected.end(), *found) == selected.end()) {
        throw bad_query("Invalid query. Project(s) " + name +
                        " do not exist or are not actively selected.");
      }
      wanted.push_back(*found);
    }
    std::erase_if(query_.projects, [&](Index one) {
      return std::find(wanted.begin(), wanted.end(), one) == wanted.end();
    });
  }

  void take_events(const SearchTerm& term) {
    std::vector<Index> wanted;
    for (const std::string& id : term.values) {
      if (!parse_event_id(id)) throw bad_query("Filter ID must be a valid UUID hex (32-36 chars)");
      if (const auto serial = call_.world.find_event(id)) wanted.push_back(*serial);
    }
    query_.events = std::move(wanted);
  }

  const Call& call_;
  ExploreQuery& query_;
};

}  // namespace

string_view to_text(ExploreField field) { return spec_of(field).name; }

string_view type_of(ExploreField field) { return spec_of(field).type; }

bool ExploreQuery::has(ExploreField field) const {
  return std::find(fields.begin(), fields.end(), field) != fields.end();
}

ExploreQuery request_explore(const Call& call) {
  ExploreQuery query;
  check_dataset(call);
  query.fields = requested_fields(call);
  take_range(call, query);
  query.projects = request_projects(call, false);
  query.sort = requested_sort(call, query);
  const auto terms = parse_search(request_search(call, ""));
  if (const auto* error = std::get_if<QueryError>(&terms)) throw bad_query(error->reason);
  Narrower narrower(call, query);
  for (const SearchTerm& term : std::get<std::vector<SearchTerm>>(terms)) narrower.take(term);
  return query;
}

}  // namespace sandbox
