#include "sentry/streams/families/issues.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "engine/fetch/page_size.h"
#include "engine/plan/retention.h"
#include "json/members.h"
#include "sentry/answers/scopes.h"
#include "sentry/streams/families/of_project.h"
#include "sentry/streams/spec/issues.h"
#include "sentry/streams/spec/releases.h"
#include "sentry/streams/spec/row_parts.h"
#include "sentry/streams/spec/signals.h"

namespace source_sentry {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

/// What a list of parents does not tell is looked for so often.
constexpr days kRepairEvery(7);

const std::vector<InjectedMember> kIssueId = {{"issueId", "{row.id}"}};

/// Today's route of an issue's list, and that of servers before the organization's.
std::vector<std::string> of_issue(const std::string& list) {
  return {"organizations/{org}/issues/{row.id}/" + list, "issues/{row.id}/" + list};
}

bool has_comments(std::string_view issue, const Config& /*config*/) {
  return member_value(issue, "numComments") != "0";
}

bool is_wanted_tag(std::string_view tag, const Config& config) {
  const std::string key = text_of_value(member_value(tag, "key"));
  return std::any_of(config.tag_keys.begin(), config.tag_keys.end(),
                     [&](const std::string& wanted) { return wanted == "*" || wanted == key; });
}

}  // namespace

StreamSpec child_of_issue(StreamSpec spec, bool moving) {
  spec.path = "organizations/{org}/issues/";
  // As for the issues themselves.
  const std::string more = std::exchange(spec.query, "project={project_id}&sort=date&limit=100");
  if (more.starts_with('&')) spec.query += more;
  spec.probe_query = "project={project_id}&limit=1";
  spec.scopes = scopes::kIssues;
  spec.rows_id = "id";
  spec.routes = moving ? issue_routes : whole_issue_lists;
  if (moving) {
    spec.parents_cursor = "lastSeen";
    spec.in_windows = true;
    spec.kept_for = kUsualRetention;
    spec.visits_all_every = kRepairEvery;
    spec.remarks += (spec.remarks.empty() ? "" : " ") +
                    std::string(
                        "What moves no `lastSeen`, such as a merge or a deletion, is "
                        "found once a week, when all issues are visited.");
  }
  if (spec.children) spec.children->of = "issue {row.id}";
  if (spec.grandchildren) spec.grandchildren->of = "tag {row.key} of issue {row.issueId}";
  return spec;
}

std::vector<StreamSpec> issues_streams() {
  std::vector<std::string> comments = of_issue("notes/");
  comments.emplace_back("issues/{row.id}/comments/");  // GlitchTip's
  return {
      child_of_issue(
          {.name = "issue_comments",
           .docs = "Comments on issues.",
           .remarks = "An issue is visited when its number of comments has changed, and once a "
                      "week for comments that were edited.",
           .promise = Promise::kPrivate,
           .personal = {"data", "user"},
           .things = "comments",
           .children = {{.paths = comments, .injected = kIssueId, .wanted = has_comments}},
           .visits_changed = members_moved({"numComments"}, kRepairEvery)},
          false),
      child_of_issue(
          {.name = "issue_activity",
           .docs = "Who changed what of an issue: its status, assignment, priority.",
           .remarks = "Sentry shows the newest 100 changes of an issue, without repeated ones. "
                      "An issue is visited when one of these has changed, and once a week. "
                      "Sentry 9.1 has none of it.",
           .promise = Promise::kPrivate,
           .personal = {"data", "user"},
           .things = "activity",
           .primary_key = {"issueId", "id"},
           .children = {{.paths = of_issue("activities/"),
                         .query = "",
                         .record_path = "activity",
                         .whole = true,
                         .injected = kIssueId}},
           .visits_changed = members_moved(
               {"status", "substatus", "priority", "numComments", "assignedTo", "isPublic"},
               kRepairEvery)},
          false),
      child_of_issue(
          {.name = "issue_open_periods",
           .docs = "From when to when each issue was open.",
           .remarks = "An issue is visited when its status has changed, and once a week. Servers "
                      "before 2025 have none.",
           .promise = Promise::kPrivate,
           .things = "open periods",
           .primary_key = {"issueId", "id"},
           .children = {{.paths = {"organizations/{org}/open-periods/"},
                         .query = "groupId={row.id}&per_page=100",
                         .none_key = "detail",
                         .injected = kIssueId}},
           .visits_changed = members_moved({"status", "substatus"}, kRepairEvery)},
          false),
      child_of_issue({.name = "issue_hashes",
                      .docs = "Fingerprints that group events into an issue.",
                      .things = "hashes",
                      .primary_key = {"issueId", "id"},
                      .only_ids = {"latestEvent"},
                      .children = {{.paths = of_issue("hashes/"),
                                    // Otherwise each row holds a whole event.
                                    .query = "full=false&per_page=100",
                                    .injected = kIssueId}}},
                     true),
      child_of_issue({.name = "issue_events",
                      .docs = "Events of issues of every category, without their bodies.",
                      .remarks = "The stream events holds error events with their bodies.",
                      .personal = {"user"},
                      .things = "events",
                      .primary_key = {"issueId", "eventID"},
                      .children = {{.paths = of_issue("events/"),
                                    .query = "full=false&per_page=100",
                                    .injected = kIssueId,
                                    .overlap = hours(1)}}},
                     true),
      child_of_issue({.name = "issue_tags",
                      .docs = "Tags of an issue's events, with their most frequent values.",
                      .promise = Promise::kPrivate,
                      .personal = {"topValues"},
                      .things = "tags",
                      .primary_key = {"issueId", "key"},
                      .children = {{.paths = of_issue("tags/"),
                                    .query = "",
                                    .whole = true,
                                    .id_key = "key",
                                    .rate_group = kIssueTagsGroup,
                                    .injected = kIssueId}}},
                     true),
      child_of_issue(
          {.name = "issue_tag_values",
           .docs = "Values of the tags that `tag_keys` names, for each issue, with their counts.",
           .remarks = "One request tells the values of all tags of an issue that have no more "
                      "than ten; a tag with more takes another for each hundred. Sentry lists the "
                      "latest 1,000 values of a tag, and allows 150 such requests a minute, or "
                      "300 with the token of an integration.",
           .promise = Promise::kPrivate,
           .personal = {"email", "ipAddress", "name", "username", "value"},
           .things = "tags",
           .primary_key = {"issueId", "key", "value"},
           .children = {{.paths = of_issue("tags/"),
                         .query = "",
                         .whole = true,
                         .id_key = "key",
                         .rate_group = kIssueTagsGroup,
                         .injected = kIssueId,
                         .taken = is_wanted_tag}},
           .grandchildren =
               {{.paths = {"organizations/{org}/issues/{row.issueId}/tags/{row.key}/values/",
                           "issues/{row.issueId}/tags/{row.key}/values/"},
                 // The event store has no other order that it heeds.
                 .query = "sort=date&per_page=100",
                 .id_key = "value",
                 .rate_group = kTagValuesGroup,
                 .injected = {{"issueId", "{row.issueId}"}, {"key", "{row.key}"}},
                 .wanted = [](std::string_view tag,
                              const Config&) { return !shows_all_values(tag); }}},
           .split = tag_values},
          true),
      child_of_issue({.name = "event_attachments",
                      .docs = "Files that came with events, without their contents.",
                      .promise = Promise::kPrivate,
                      .things = "attachments",
                      .children = {{.paths = of_issue("attachments/"), .injected = kIssueId}}},
                     true),
      child_of_issue(
          {.name = "issue_external_links",
           .docs = "Issues of other services that are linked with an issue.",
           .remarks = "Read from the list of issues, without a request for each. Servers "
                      "before 2024 do not show them there: the stream fails.",
           .query = "&expand=sentryAppIssues&expand=integrationIssues",
           .things = "external links",
           .primary_key = {"kind", "id"},
           .split = issue_links,
           .visits_changed = members_moved({"sentryAppIssues", "integrationIssues"})},
          false),
      {.name = "user_feedback",
       .docs = "Feedback that users gave on an error.",
       .remarks =
           "What is sent by today's feedback widget is in the stream feedback; reports without an "
           "issue are hidden by Sentry.",
       .promise = Promise::kPrivate,
       .personal = {"comments", "email", "name", "user"},
       .path = "organizations/{org}/user-feedback/",
       // The defaults leave out what is resolved, and projects without membership.
       .query = "status=&project=-1&per_page=100",
       .probe_query = "status=&project=-1&per_page=1",
       .windows = WindowStyle::kStartEnd,
       .things = "user feedback",
       .scopes = scopes::kProject,
       .cursor_key = "dateCreated",
       .only_ids = {"issue"},
       .in_windows = true,
       .kept_for = kUsualRetention,
       .routes = with_and_without_project},
      {.name = "replays",
       .docs = "Session replays, without their recordings.",
       .remarks = "One grows for up to an hour, and so is read again for 70 minutes.",
       .personal = {"urls", "user"},
       .path = "organizations/{org}/replays/",
       .query = "project=-1&sort=-started_at&per_page=100",
       .probe_query = "project=-1&sort=-started_at&per_page=1",
       .windows = WindowStyle::kStartEnd,
       .record_path = "data",
       .page_rows = 10,
       .scopes = scopes::kOrganization,
       .cursor_key = "started_at",
       .objects = {"tags"},
       .in_windows = true,
       .least_lookback = minutes(70),
       .kept_for = kUsualRetention},
      {.name = "project_tags",
       .docs = "Keys of the tags that events of each project have.",
       .promise = Promise::kPrivate,
       .path = "projects/{org}/{project}/tags/",
       // Counting the values of each costs the server most.
       .query = "includeValuesSeen=0",
       .probe_query = "includeValuesSeen=0",
       .page_rows = kWholeList,
       .things = "tags",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "key"},
       .injected = of_project()},
      {.name = "project_tag_values",
       .docs = "Values of the tags that `tag_keys` names, with their counts and times.",
       .remarks = "Sentry lists the latest 1,000 values of a tag.",
       .promise = Promise::kPrivate,
       .personal = {"email", "ipAddress", "name", "username", "value"},
       .path = "projects/{org}/{project}/tags/",
       .query = "includeValuesSeen=0",
       .probe_query = "includeValuesSeen=0",
       .page_rows = kWholeList,
       .things = "values",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "key", "value"},
       .rows_id = "key",
       .injected = of_project(),
       .children = {{.paths = {"projects/{org}/{project}/tags/{row.key}/values/"},
                     .id_key = "value",
                     .of = "tag {row.key} of project {project}",
                     .rate_group = kIssueTagsGroup,
                     .injected = {{"key", "{row.key}"}},
                     .wanted = is_wanted_tag}}},
  };
}

}  // namespace source_sentry
