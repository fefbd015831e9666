#include "sentry/streams/spec/row_parts.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/time.h"
#include "json/members.h"

namespace source_sentry {
namespace {

using Parts = std::vector<std::string>;

std::string quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// A member's value, for a record that has the member in any case.
std::string_view or_null(std::string_view value) { return value.empty() ? "null" : value; }

/// Puts `head`, members with their commas, before the members of `object`, which lacks them.
std::string with_head(const std::string& head, std::string_view object) {
  const std::string_view inside = object.substr(1);
  const bool is_empty = inside.find('"') == inside.npos;
  return "{" + (is_empty ? head.substr(0, head.size() - 1) : head) + std::string(inside);
}

/// `"eventID":"...","projectID":"...",`
std::string event_head(std::string_view event) {
  const auto members = top_level_members(event);
  std::string_view id = find_value(members, "eventID");
  if (id.empty()) id = find_value(members, "id");
  const std::string_view project = find_value(members, "projectID");
  std::string head = R"("eventID":)";
  head.append(or_null(id)).append(R"(,"projectID":)");
  // Old servers write the number as one.
  const bool is_number = or_null(project) != "null" && !project.starts_with('"');
  head.append(is_number ? quoted(project) : std::string(or_null(project)));
  return head + ",";
}

/// The `data` of the event's entries of a type, such as "exception".
std::vector<std::string_view> entries_of(std::string_view event, std::string_view type) {
  std::vector<std::string_view> found;
  for (const std::string_view entry : elements_of(member_value(event, "entries"))) {
    if (!entry.starts_with('{') || text_of_value(member_value(entry, "type")) != type) continue;
    const std::string_view data = member_value(entry, "data");
    if (data.starts_with('{')) found.push_back(data);
  }
  return found;
}

/// Calls `take(exception, its place)`, the innermost cause first, as Sentry sends them.
template <typename Take>
void each_exception(std::string_view event, const Take& take) {
  std::size_t place = 0;
  for (const std::string_view data : entries_of(event, "exception")) {
    for (const std::string_view exception : elements_of(member_value(data, "values"))) {
      if (exception.starts_with('{')) take(exception, place);
      ++place;
    }
  }
}

std::string numbered(std::string_view key, std::size_t place) {
  return "\"" + std::string(key) + "\":" + std::to_string(place) + ",";
}

Parts names_of_project(std::string_view project, std::string_view key) {
  Parts parts;
  const auto members = top_level_members(project);
  for (const std::string_view name : elements_of(find_value(members, key))) {
    if (!name.starts_with('"')) continue;
    std::string record = R"({"projectId":)";
    record.append(or_null(find_value(members, "id"))).append(R"(,"projectSlug":)");
    record.append(or_null(find_value(members, "slug")))
        .append(R"(,"name":)")
        .append(name)
        .append("}");
    parts.push_back(std::move(record));
  }
  return parts;
}

}  // namespace

Parts event_tags(std::string_view event) {
  Parts parts;
  const std::string head = event_head(event);
  for (const std::string_view tag : elements_of(member_value(event, "tags"))) {
    if (tag.starts_with('{')) parts.push_back(with_head(head, tag));
  }
  return parts;
}

Parts event_exceptions(std::string_view event) {
  Parts parts;
  const std::string head = event_head(event);
  each_exception(event, [&](std::string_view exception, std::size_t place) {
    std::string record = "{" + head + numbered("index", place);
    for (const Member& member : top_level_members(exception)) {
      record.append("\"").append(member.key).append("\":");
      // SDKs number threads in their own ways.
      const bool is_number =
          member.key == "threadId" && !member.value.starts_with('"') && member.value != "null";
      record.append(is_number ? quoted(member.value) : std::string(member.value)).append(",");
    }
    record.back() = '}';
    parts.push_back(std::move(record));
  });
  return parts;
}

Parts event_frames(std::string_view event) {
  Parts parts;
  const std::string head = event_head(event);
  each_exception(event, [&](std::string_view exception, std::size_t place) {
    const std::string_view trace = member_value(exception, "stacktrace");
    if (!trace.starts_with('{')) return;
    std::size_t index = 0;
    for (const std::string_view frame : elements_of(member_value(trace, "frames"))) {
      if (frame.starts_with('{')) {
        parts.push_back(
            with_head(head + numbered("exceptionIndex", place) + numbered("index", index), frame));
      }
      ++index;
    }
  });
  return parts;
}

Parts event_breadcrumbs(std::string_view event) {
  Parts parts;
  const std::string head = event_head(event);
  std::size_t place = 0;
  for (const std::string_view data : entries_of(event, "breadcrumbs")) {
    for (const std::string_view crumb : elements_of(member_value(data, "values"))) {
      if (crumb.starts_with('{'))
        parts.push_back(with_head(head + numbered("index", place), crumb));
      ++place;
    }
  }
  return parts;
}

Parts project_features(std::string_view project) { return names_of_project(project, "features"); }

Parts project_access(std::string_view project) { return names_of_project(project, "access"); }

Parts issue_links(std::string_view issue) {
  Parts parts;
  const auto members = top_level_members(issue);
  const std::string_view id = or_null(find_value(members, "id"));
  const auto add = [&](std::string_view kind, const std::string& more, std::string_view link) {
    std::string head = R"("kind":")";
    head.append(kind).append(R"(","issueId":)").append(id).append(",").append(more);
    parts.push_back(with_head(head, link));
  };
  const std::string_view of_apps = find_value(members, "sentryAppIssues");
  const std::string_view of_integrations = find_value(members, "integrationIssues");
  if (of_apps.empty() && of_integrations.empty()) {
    throw ConnectorError(FailureKind::kConfig,
                         "This server does not offer the external links of issues: its lists of "
                         "issues do not show them, as Sentry's do since 2024. Leave this stream "
                         "out.");
  }
  for (const std::string_view link : elements_of(of_apps)) {
    if (!link.starts_with('{')) continue;
    std::string rest = "{";
    for (const Member& member : top_level_members(link)) {
      if (member.key == "issueId") continue;
      rest.append("\"").append(member.key).append("\":").append(member.value).append(",");
    }
    if (rest.size() > 1) rest.pop_back();
    add("app", "", rest + "}");
  }
  // Each integration, with the issues that are linked with this one.
  for (const std::string_view one : elements_of(of_integrations)) {
    if (!one.starts_with('{')) continue;
    const auto of_integration = top_level_members(one);
    const std::string_view number = find_value(of_integration, "id");
    const std::string_view provider = find_value(of_integration, "provider");
    std::string more;
    if (!number.empty()) more.append(R"("integrationId":)").append(number).append(",");
    if (!provider.empty()) more.append(R"("provider":)").append(provider).append(",");
    for (const std::string_view link : elements_of(find_value(of_integration, "externalIssues"))) {
      if (link.starts_with('{')) add("integration", more, link);
    }
  }
  return parts;
}

Parts alert_fire(std::string_view fire) {
  std::string record;
  std::string_view id;
  for (const Member& member : top_level_members(fire)) {
    if (member.key == "group") {
      if (member.value.starts_with('{')) id = member_value(member.value, "id");
      continue;
    }
    record.append(",\"").append(member.key).append("\":").append(member.value);
  }
  if (id.empty() || id == "null") return {};
  return {R"({"issueId":)" + std::string(id) + record + "}"};
}

Parts tag_values(std::string_view tag) {
  Parts parts;
  const auto members = top_level_members(tag);
  for (const std::string_view value : elements_of(find_value(members, "topValues"))) {
    if (!value.starts_with('{')) continue;
    std::string record(value);
    for (const std::string_view key : {"issueId", "key"}) {
      auto more = filled(record, key, text_of_value(find_value(members, key)));
      if (more) record = *std::move(more);
    }
    parts.push_back(std::move(record));
  }
  return parts;
}

bool shows_all_values(std::string_view tag) {
  const auto members = top_level_members(tag);
  const std::string_view number = find_value(members, "uniqueValues");
  std::size_t count = 0;
  const auto end = std::from_chars(number.data(), number.data() + number.size(), count);
  const bool counted = !number.empty() && end.ptr == number.data() + number.size();
  return counted && elements_of(find_value(members, "topValues")).size() >= count;
}

Parts dashboard_widgets(std::string_view dashboard) {
  Parts parts;
  const auto members = top_level_members(dashboard);
  for (const std::string_view widget : elements_of(find_value(members, "widgets"))) {
    if (!widget.starts_with('{')) continue;
    // Those of a built-in dashboard have none, and so nothing that tells them apart.
    const std::string_view id = member_value(widget, "id");
    if (id.empty() || id == "null") continue;
    auto record = filled(widget, "dashboardId", text_of_value(find_value(members, "id")));
    parts.push_back(record ? *std::move(record) : std::string(widget));
  }
  return parts;
}

}  // namespace source_sentry
