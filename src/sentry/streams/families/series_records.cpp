#include "sentry/streams/families/series_records.h"

#include <chrono>
#include <utility>

#include "base/error.h"
#include "base/time.h"
#include "json/members.h"

namespace source_sentry {
namespace {

using Values = std::vector<std::string_view>;

ConnectorError not_a_series(const std::string& why) {
  return {FailureKind::kSystem,
          "Sentry's answer is not the time series that was asked for: " + why +
              ". Tell whoever runs the server if this keeps happening."};
}

/// The elements of the member, which must be a list.
Values list_at(const std::vector<Member>& members, const char* key) {
  const std::string_view list = find_value(members, key);
  if (!list.starts_with('[')) throw not_a_series(std::string("it has no list of ") + key);
  return elements_of(list);
}

void append_member(std::string& record, std::string_view key, std::string_view value) {
  record.append(record.size() > 1 ? ",\"" : "\"").append(key).append("\":").append(value);
}

/// An interval that was asked for. `place`: its own in the list.
struct Day {
  std::size_t place = 0;
  std::string_view date;
};

/// Those of the intervals that were asked for: servers add some at the end.
std::vector<Day> days_of(const Values& intervals, const Window& span) {
  std::vector<Day> wanted;
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const auto when = parse_instant(text_of_value(intervals[i]));
    if (!when) throw not_a_series("an interval has no time");
    if (!span.contains(*when)) continue;
    if (*when != std::chrono::floor<std::chrono::days>(*when)) {
      throw not_a_series("it has intervals that do not begin at midnight");
    }
    wanted.push_back({i, intervals[i]});
  }
  return wanted;
}

struct Series {
  std::string_view field;
  Values values;
};

std::vector<Series> series_of(std::string_view group, std::size_t intervals) {
  const std::string_view all = member_value(group, "series");
  if (!all.starts_with('{')) throw not_a_series("a group has no series");
  std::vector<Series> series;
  for (const Member& field : top_level_members(all)) {
    series.push_back({field.key, elements_of(field.value)});
    if (series.back().values.size() == intervals) continue;
    throw not_a_series("a group has not one value for each interval");
  }
  return series;
}

/// Digits as text, whichever way they were sent: servers differ.
std::string as_text(std::string_view id) {
  const bool is_number = !id.empty() && id.front() >= '0' && id.front() <= '9';
  if (is_number) return "\"" + std::string(id) + "\"";
  return id.empty() ? "null" : std::string(id);
}

}  // namespace

std::vector<std::string> series_records(std::string_view answer, const Window& span) {
  const auto members = top_level_members(answer);
  const Values intervals = list_at(members, "intervals");
  const std::vector<Day> wanted = days_of(intervals, span);
  std::vector<std::string> records;
  for (const std::string_view group : list_at(members, "groups")) {
    if (!group.starts_with('{')) throw not_a_series("a group is no object");
    const std::vector<Series> series = series_of(group, intervals.size());
    const auto by = top_level_members(member_value(group, "by"));
    for (const Day& day : wanted) {
      std::string record = "{";
      append_member(record, "date", day.date);
      for (const Member& member : by) append_member(record, member.key, member.value);
      for (const Series& one : series) append_member(record, one.field, one.values[day.place]);
      records.push_back(std::move(record) + "}");
    }
  }
  return records;
}

std::vector<std::string> summary_records(std::string_view answer, const Window& span) {
  const auto members = top_level_members(answer);
  if (parse_instant(text_of_value(find_value(members, "start"))) != span.from) {
    throw not_a_series("it begins at another time");
  }
  std::vector<std::string> records;
  for (const std::string_view project : list_at(members, "projects")) {
    if (!project.starts_with('{')) throw not_a_series("a project is no object");
    const auto of_project = top_level_members(project);
    std::string head = "{";
    append_member(head, "date", "\"" + format_seconds(span.from) + "Z\"");
    append_member(head, "projectId", as_text(find_value(of_project, "id")));
    const std::string_view slug = find_value(of_project, "slug");
    append_member(head, "projectSlug", slug.empty() ? "null" : slug);
    for (const std::string_view category : list_at(of_project, "stats")) {
      if (!category.starts_with('{')) throw not_a_series("a category is no object");
      std::string record = head;
      for (const Member& member : top_level_members(category)) {
        append_member(record, member.key, member.value);
      }
      records.push_back(std::move(record) + "}");
    }
  }
  return records;
}

}  // namespace source_sentry
