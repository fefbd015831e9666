#include "sandbox/api/issue_lookup.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include "sandbox/api/parameters.h"
#include "sandbox/api/text.h"
#include "sandbox/world/random.h"

namespace sandbox {
namespace {

using std::string_view;

/// One issue found by an event's id or its own short id; no Link header then.
Answer direct_hit(const Call& call, const IssueView& view, Index issue, string_view event_id,
                  IssueList list) {
  Answer answer;
  JsonWriter json(answer.body);
  json.begin_array();
  append_issue_row(json, view, all_time(call), issue, list);
  if (!event_id.empty()) {
    answer.body.pop_back();  // reopen the object for one more field
    json.text("matchingEventId", event_id);
    json.end_object();
  }
  json.end_array();
  answer.headers.emplace_back("X-Sentry-Direct-Hit", "1");
  return answer;
}

}  // namespace

void append_issue_row(JsonWriter& json, const IssueView& view, const EventScope& scope, Index issue,
                      IssueList list) {
  const CountedEvents events(view.world, view.world.issue(issue), scope);
  const SeenIssue seen{issue, events.window(), events.lifetime()};
  if (list == IssueList::kProject) {
    append_project_issue(json, view, seen);
  } else {
    append_issue(json, view, seen);
  }
}

std::optional<std::uint64_t> parse_number(string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

EventScope all_time(const Call& call) {
  return {0, std::numeric_limits<Second>::max(), 0, request_environments(call)};
}

std::optional<Answer> try_direct_hit(const Call& call, const IssueView& view,
                                     const std::vector<Index>& projects, IssueList list) {
  const string_view query = request_search(call, "");
  const auto selected = [&](Index project) {
    return std::find(projects.begin(), projects.end(), project) != projects.end();
  };
  if (parse_event_id(query)) {
    const auto serial = call.world.find_event(query);
    if (!serial) return std::nullopt;
    const Index issue = call.world.event(*serial).issue;
    const Project& owner = call.world.project(call.world.issue(issue).project);
    const bool visible = selected(call.world.issue(issue).project) ||
                         (list == IssueList::kOrganization && is_member(owner, call.viewer()) &&
                          owner.organization == call.organization);
    if (!visible) return std::nullopt;
    return direct_hit(call, view, issue, call.world.id_of(*serial).text(), list);
  }
  if (!call.query.is("shortIdLookup", "1")) return std::nullopt;
  const auto issue = call.world.find_issue(call.organization, query);
  if (!issue) return std::nullopt;
  if (list == IssueList::kProject && !selected(call.world.issue(*issue).project)) {
    return std::nullopt;
  }
  return direct_hit(call, view, *issue, "", list);
}

std::optional<Answer> try_groups(const Call& call, const IssueView& view,
                                 const std::vector<Index>& projects) {
  const auto names = call.query.all("group");
  if (names.empty()) return std::nullopt;
  std::vector<Index> found;
  for (const string_view name : names) {
    const auto id = parse_number(name);
    if (!id) throw Refusal(detail_answer(400, "Group ids must be integers"));
    const auto issue = call.world.find_issue(*id);
    if (!issue) continue;
    const Index project = call.world.issue(*issue).project;
    if (std::find(projects.begin(), projects.end(), project) == projects.end()) continue;
    found.push_back(*issue);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  const EventScope scope = all_time(call);
  return whole_list_answer(found.size(), [&](JsonWriter& json, std::size_t row) {
    append_issue_row(json, view, scope, found[row], IssueList::kOrganization);
  });
}

Answer issues_with_hashes(const Call& call, const IssueView& view) {
  const auto hashes = call.query.all("hashes");
  std::vector<Index> found;
  for (const Index issue : call.world.project(call.project).issues) {
    const std::uint64_t id = call.world.issue(issue).id;
    if (holds(hashes, EventId{mix(id), mix(id + 1)}.text())) found.push_back(issue);
  }
  return whole_list_answer(found.size(), [&](JsonWriter& json, std::size_t row) {
    append_issue_row(json, view, all_time(call), found[row], IssueList::kProject);
  });
}

}  // namespace sandbox
