#include "sandbox/api/series_routes.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "sandbox/api/parameters.h"
#include "sandbox/api/shelf_list.h"
#include "sandbox/render/time_text.h"

namespace sandbox {
namespace {

using std::string_view;
namespace chrono = std::chrono;
using Names = std::vector<std::string>;

/// A group is cut off, without a word, where all have so many values together
/// (snuba/sessions_v2.py, SNUBA_LIMIT).
constexpr std::size_t kMostPoints = 5000;
constexpr std::size_t kMostIntervals = 1000;

Refusal refused(std::string text) { return Refusal(detail_answer(400, text)); }

/// Whole days. The end is taken in: a second is added to it before it is rounded up.
TimeRange range_of_days(const Call& call) {
  if (call.query.get("interval").value_or("1h") != "1d") {
    throw refused("the sandbox has series by interval=1d only");
  }
  auto range = request_range(call, 1);
  if (call.query.has("end")) range->end += std::chrono::seconds(1);
  range->start = std::chrono::floor<chrono::days>(range->start);
  range->end = std::chrono::ceil<chrono::days>(range->end);
  if (range->end - range->start > chrono::days(kMostIntervals)) {
    throw refused(
        "Your interval and date range would create too many results. Use a larger interval, or a "
        "smaller date range.");
  }
  return *range;
}

/// The values of a parameter that may come several times; only these can be asked for.
Names named(const Call& call, string_view parameter, std::initializer_list<string_view> known) {
  Names names;
  for (const string_view name : call.query.all(parameter)) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw refused("Invalid " + std::string(parameter) + ": \"" + std::string(name) + "\"");
    }
    names.emplace_back(name);
  }
  return names;
}

void must_ask_for(const Names& names, std::size_t count, string_view parameter) {
  if (names.size() != count) {
    throw refused("the sandbox has this series with every " + std::string(parameter) + " only");
  }
}

Rows rows_in(const Call& call, string_view shelf, const TimeRange& range) {
  Rows rows = rows_of(scene_of(call), *find_shelf(shelf), owner_in(call, OwnerKind::kOrganization));
  std::erase_if(rows, [&](const Row& row) {
    const auto when = source_sentry::parse_instant(row["date"].get<std::string>());
    return *when < range.start || *when >= range.end;
  });
  return rows;
}

Row frame(const Call& call, const TimeRange& range) {
  // What lies in the future is not shown, though the interval is a whole one.
  return {{"start", sentry_time(range.start)}, {"end", sentry_time(std::min(range.end, call.now))}};
}

struct Group {
  Row by = Row::object();
  Row totals = Row::object();
  Row series = Row::object();
};

/// The rows by what they have in common, with a value for each interval: what has no row is 0, or
/// null where it is a rate.
std::vector<Group> groups_of(const Rows& rows, const Names& by, const Names& fields,
                             const Names& intervals) {
  std::vector<Group> groups;
  std::map<std::string, std::size_t> places;
  for (const Row& row : rows) {
    Row key = Row::object();
    for (const std::string& name : by) key[name] = row[name];
    const auto [place, is_new] = places.emplace(key.dump(), groups.size());
    if (is_new) {
      Group& group = groups.emplace_back();
      group.by = key;
      for (const std::string& field : fields) {
        const Row nothing = field.starts_with("crash") ? Row() : Row(0);
        group.totals[field] = nothing;
        group.series[field] = std::vector<Row>(intervals.size(), nothing);
      }
    }
    Group& group = groups[place->second];
    const auto day = std::find(intervals.begin(), intervals.end(), row["date"].get<std::string>());
    for (const std::string& field : fields) {
      group.series[field][static_cast<std::size_t>(day - intervals.begin())] = row[field];
      Row& total = group.totals[field];
      if (total.is_number() && row[field].is_number_integer()) {
        total = total.get<std::int64_t>() + row[field].get<std::int64_t>();
      }
    }
  }
  return groups;
}

Names intervals_in(const TimeRange& range) {
  Names all;
  for (Instant day = range.start; day < range.end; day += chrono::days(1))
    all.push_back(sentry_time(day));
  return all;
}

Answer series_answer(Row frame, const Names& intervals, const std::vector<Group>& groups,
                     const Page& page, bool totals) {
  frame["query"] = "";
  frame["intervals"] = intervals;
  Row& list = frame["groups"] = Row::array();
  std::size_t points = 0;
  for (std::size_t i = page.first; i < page.first + page.count; ++i) {
    points += intervals.size();
    if (points > kMostPoints) break;
    Row group = {{"by", groups[i].by}};
    group["totals"] = totals ? groups[i].totals : Row::object();
    group["series"] = groups[i].series;
    list.push_back(std::move(group));
  }
  Answer answer;
  answer.body = frame.dump();
  return answer;
}

}  // namespace

Answer show_outcomes(const Call& call) {
  const TimeRange range = range_of_days(call);
  const Names fields = named(call, "field", {"sum(quantity)"});
  if (fields.empty()) throw refused("At least one \"field\" is required.");
  const Names by = named(call, "groupBy", {"category", "outcome", "reason"});
  must_ask_for(by, 3, "groupBy");
  const Names intervals = intervals_in(range);
  const auto groups = groups_of(rows_in(call, "org_stats", range), by, fields, intervals);
  return series_answer(frame(call, range), intervals, groups, {0, groups.size(), {}}, true);
}

Answer show_summary(const Call& call) {
  const TimeRange range = range_of_days(call);
  if (named(call, "field", {"sum(quantity)"}).empty()) {
    throw refused("At least one \"field\" is required.");
  }
  if (range.end - range.start > chrono::days(1))
    throw refused("the sandbox sums up single days only");
  const auto projects = request_projects(call, false);
  Row answer = frame(call, range);
  Row& list = answer["projects"] = Row::array();
  const Rows rows = rows_in(call, "stats_summary", range);
  for (const Index index : projects) {
    const Project& project = call.world.project(index);
    // The documentation says that it is text, the code sends a number.
    Row one = {{"id", project.id}, {"slug", project.slug}};
    Row& stats = one["stats"] = Row::array();
    for (const Row& row : rows) {
      if (row["projectId"] != std::to_string(project.id)) continue;
      stats.push_back({{"category", row["category"]},
                       {"outcomes", row["outcomes"]},
                       {"totals", row["totals"]}});
    }
    if (!stats.empty()) list.push_back(std::move(one));
  }
  Answer shown;
  shown.body = answer.dump();
  return shown;
}

Answer show_sessions(const Call& call) {
  const TimeRange range = range_of_days(call);
  const Names fields = named(
      call, "field",
      {"sum(session)", "count_unique(user)", "crash_free_rate(session)", "crash_free_rate(user)"});
  if (fields.empty()) throw refused("Request is missing a \"field\"");
  const Names by = named(call, "groupBy", {"project", "release", "environment"});
  must_ask_for(by, 3, "groupBy");
  const auto order = named(call, "orderBy", {"-sum(session)"});
  Rows rows = rows_in(call, "release_health", range);
  std::set<std::uint64_t> wanted;
  for (const Index project : request_projects(call, false)) {
    wanted.insert(call.world.project(project).id);
  }
  std::erase_if(
      rows, [&](const Row& row) { return wanted.count(row["project"].get<std::uint64_t>()) == 0; });
  const Names intervals = intervals_in(range);
  auto groups = groups_of(rows, by, fields, intervals);
  if (!order.empty()) {
    std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
      return a.totals["sum(session)"] > b.totals["sum(session)"];
    });
  }
  const Page page = request_page(call, groups.size());
  Answer answer = series_answer(frame(call, range), intervals, groups, page,
                                !call.query.is("includeTotals", "0"));
  answer.links = page.links;
  return answer;
}

}  // namespace sandbox
