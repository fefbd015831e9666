#include "sentry/streams/families/events.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "engine/plan/retention.h"
#include "json/members.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"
#include "sentry/streams/families/core.h"
#include "sentry/streams/spec/children.h"
#include "sentry/streams/spec/row_parts.h"

namespace source_sentry {
namespace {

/// A stream of what events hold: it reads the events' own list.
StreamSpec part_of_events(StreamSpec part) {
  StreamSpec spec = core_streams().front();
  spec.parents_cursor = std::exchange(spec.cursor_key, {});
  spec.rows_id = "id";
  spec.project_key.clear();
  spec.suggested = false;
  spec.group.clear();
  // The list is asked for whole bodies in any case, and its ids are the events'.
  spec.name = std::move(part.name);
  spec.docs = std::move(part.docs);
  spec.remarks =
      "Made of the events' own list, and read together with the stream events, or another one of "
      "these, without requests of its own.";
  spec.personal = std::move(part.personal);
  spec.primary_key = std::move(part.primary_key);
  spec.split = std::move(part.split);
  return spec;
}

/// What Sentry's widget puts into the event's feedback context (getsentry/sentry,
/// feedback/usecases).
constexpr std::array<std::string_view, 7> kWritten = {
    "message", "contact_email", "name", "url", "source", "replay_id", "associated_event_id"};

std::string with_feedback(std::string_view issue, std::string_view event) {
  const auto members = top_level_members(event);
  const std::string_view contexts = find_value(members, "contexts");
  const std::string_view feedback =
      contexts.starts_with('{') ? member_value(contexts, "feedback") : std::string_view();
  std::string record(issue);
  const auto add = [&](std::string_view key, std::string_view value) {
    if (value.empty() || !member_value(issue, key).empty()) return;
    record.pop_back();  // the closing brace
    record.append(",\"").append(key).append("\":").append(value).append("}");
  };
  add("eventID", find_value(members, "eventID"));
  if (!feedback.starts_with('{')) return record;
  for (const std::string_view key : kWritten) add(key, member_value(feedback, key));
  return record;
}

/// Each has one event, so that the issues of a stretch of time are those whose event is in it.
std::vector<Route> feedback_routes(Route list, const StreamScope& scope) {
  if (scope.glitchtip) {
    throw ConnectorError(FailureKind::kConfig,
                         "GlitchTip does not offer the feedback that today's widget sends. Leave "
                         "this stream out; user_feedback is what it has.");
  }
  list.horizon = kUsualRetention;  // the server's own bound for issue searches
  list.sorted = true;
  return {std::move(list)};
}

/// An issue that is feedback, with what its user wrote: the feedback context of its only event, and
/// that event's id. Where the event is gone, the issue as it is listed.
Expansion feedback_in_full(const StreamScope& scope) {
  Expansion expansion;
  expansion.route = [path = RowTemplate("organizations/{org}/issues/{row.id}/events/latest/", scope,
                                        true)](std::string_view row) -> std::optional<Route> {
    const auto target = path.of(row);
    if (!target) return std::nullopt;
    return Route{.path = *target,
                 // It names its issue, and has an id of its own.
                 .is_meant =
                     [issue = text_of_value(member_value(row, "id"))](std::string_view event) {
                       return text_of_value(member_value(event, "groupID")) == issue;
                     },
                 .largest = kLargestEvent,
                 .rate_group = kDefaultGroup,
                 .what = "the event of a feedback",
                 .scopes = scopes::kIssues};
  };
  expansion.record = [](std::string_view row,
                        const DocumentFetch::Answer& answer) -> std::optional<std::string> {
    if (answer.whole) return with_feedback(row, answer.whole->json);
    if (answer.gone || !answer.error) return std::string(row);
    if (answer.refused) throw RefusedRecord(*answer.error);
    throw ConnectorError(*answer.error);
  };
  return expansion;
}

}  // namespace

std::vector<StreamSpec> events_streams() {
  return {
      part_of_events({.name = "event_tags",
                      .docs = "Tags of error events.",
                      .personal = {"value"},
                      .primary_key = {"projectID", "eventID", "key"},
                      .split = event_tags}),
      part_of_events({.name = "event_exceptions",
                      .docs = "Exceptions of error events, with their stack traces.",
                      .personal = {"value"},
                      .primary_key = {"projectID", "eventID", "index"},
                      .split = event_exceptions}),
      part_of_events({.name = "event_frames",
                      .docs = "Frames of the stack traces of error events.",
                      .personal = {"vars"},
                      .primary_key = {"projectID", "eventID", "exceptionIndex", "index"},
                      .split = event_frames}),
      part_of_events({.name = "event_breadcrumbs",
                      .docs = "What happened before an error, as the SDK noted it.",
                      .personal = {"data", "message"},
                      .primary_key = {"projectID", "eventID", "index"},
                      .split = event_breadcrumbs}),
      {.name = "feedback",
       .docs = "Feedback that users gave in today's widget: issues, with what was written.",
       .remarks = "Each new one takes a request for its event. Servers before 2024 have none.",
       .personal = {"contact_email", "message", "metadata", "name", "url"},
       .path = "organizations/{org}/issues/",
       // Lists of issues hide it unless they are searched for it.
       .query = "project={project_id}&query=issue.category%3Afeedback&sort=date&limit=100",
       .probe_query = "project={project_id}&query=issue.category%3Afeedback&limit=1",
       .windows = WindowStyle::kStartEnd,
       .scopes = scopes::kIssues,
       .cursor_key = "lastSeen",
       .in_windows = true,
       .kept_for = kUsualRetention,
       .routes = feedback_routes,
       .expansion = feedback_in_full},
  };
}

}  // namespace source_sentry
