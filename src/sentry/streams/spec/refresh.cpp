#include "sentry/streams/spec/refresh.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/percent.h"
#include "base/text.h"
#include "engine/plan/retention.h"
#include "json/members.h"
#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {
namespace {

using std::string_view;

/// Of an issue, besides nested members. Counts rise with events, and fall with time; `lastSeen`
/// changes without an event that we would see where an issue is merged into another one.
constexpr std::array<string_view, 9> kIssueState = {"status",           "substatus",   "priority",
                                                    "priorityLockedAt", "numComments", "isPublic",
                                                    "shareId",          "annotations", "lastSeen"};

/// Of a release all but its people, who include the time of their last visit to Sentry.
constexpr std::array<string_view, 3> kReleasePeople = {"authors", "owner", "lastCommit"};

/// What is remembered of a row: a folded hash of some of its members.
class Fingerprint {
 public:
  void add(string_view key, string_view value) {
    constexpr string_view kEnd("\0", 1);  // not in any JSON
    for (const string_view part : {key, kEnd, value, kEnd}) hash_ = fnv1a(part, hash_);
  }
  std::uint32_t value() const { return static_cast<std::uint32_t>(hash_ ^ (hash_ >> 32U)); }

 private:
  std::uint64_t hash_ = fnv1a("");
};

string_view inner(string_view object, string_view key) {
  return object.starts_with('{') ? member_value(object, key) : string_view();
}

/// How an issue was resolved or archived, without who did it: a user with details that change, and
/// so is the author in the commit.
void add_status_details(string_view details, Fingerprint& print) {
  if (!details.starts_with('{')) return;
  for (const Member& member : top_level_members(details)) {
    if (member.key == "actor") continue;
    print.add(member.key, member.key == "inCommit" ? inner(member.value, "id") : member.value);
  }
}

std::optional<Instant> time_of(string_view value) { return parse_instant(text_of_value(value)); }

/// `firstSeen` at the top covers the events that are still kept; the sort uses the issue's own.
std::optional<Instant> issue_created(string_view json) {
  const auto members = top_level_members(json);
  const auto lifetime = time_of(inner(find_value(members, "lifetime"), "firstSeen"));
  return lifetime ? lifetime : time_of(find_value(members, "firstSeen"));
}

/// Sentry deletes, and merges, in the background; so an issue reads like this until it is gone.
bool issue_is_going(string_view json) {
  const std::string status = text_of_value(member_value(json, "status"));
  return status.starts_with("pending_") || status == "deletion_in_progress";
}

/// The search for issues first seen before the window's end.
std::string first_seen_query(const Window& window) {
  return "query=" + percent_encode("firstSeen:<" + format_seconds(window.to) + "Z");
}

std::string replaced(std::string text, string_view what, string_view by) {
  const auto at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), by);
}

}  // namespace

std::uint32_t issue_fingerprint(string_view json) {
  Fingerprint print;
  for (const Member& member : top_level_members(json)) {
    if (holds(kIssueState, member.key)) print.add(member.key, member.value);
    if (member.key == "statusDetails") add_status_details(member.value, print);
    if (member.key == "assignedTo") {
      print.add("type", inner(member.value, "type"));
      print.add("id", inner(member.value, "id"));
    }
  }
  return print.value();
}

std::uint32_t release_fingerprint(string_view json) {
  Fingerprint print;
  for (const Member& member : top_level_members(json)) {
    const bool whole = !holds(kReleasePeople, member.key);
    print.add(member.key, whole ? member.value : inner(member.value, "id"));
  }
  return print.value();
}

void refresh_issues(const StreamScope& scope, PartitionPlan& plan) {
  if (scope.config.issues_refresh <= Duration::zero()) return;
  plan.fingerprint = [](string_view json, Instant /*now*/) { return issue_fingerprint(json); };
  if (scope.glitchtip) {
    // It has no list by creation and none by ids: everything that is kept is listed again.
    plan.tail = kUsualRetention;
    return;
  }
  SweepPlan sweep;
  sweep.every = scope.config.issues_refresh;
  for (const Route& route : plan.routes) {
    // What is not searched is not swept.
    if (!route.window_query) {
      sweep.lists.push_back(route);
      sweep.by_id.emplace_back();
      continue;
    }
    Route list = route;
    // By the time at which an issue was first seen, newest first. Collapsed rows would be cheaper
    // for the server, but each changed one would have to be asked for again.
    list.query = replaced(route.query, "sort=date", "sort=new");
    const bool has_range = route.horizon.has_value();
    list.window_query = [range =
                             start_end({scope.now - route.horizon.value_or(Duration()), scope.now}),
                         has_range](const Window& window) {
      return first_seen_query(window) + (has_range ? "&" + range : "");
    };
    sweep.lists.push_back(list);
    // Only the organization's route takes ids; it ignores the search and the range then
    // (getsentry/sentry, organization_group_index). Sentry 9 does not: it must be told to search
    // for nothing, or it shows unresolved issues alone.
    if (has_range) {
      Route by_id = route;
      by_id.query = replaced(route.query, "&sort=date", "") +
                    "&query=&collapse=stats&collapse=lifetime&collapse=filtered&collapse=unhandled";
      sweep.by_id.emplace_back(by_id);
    } else {
      sweep.by_id.emplace_back();
    }
  }
  sweep.id_parameter = "group";
  sweep.created = issue_created;
  sweep.is_going = issue_is_going;
  nlohmann::ordered_json project = {{"slug", scope.facts.slug}};
  if (!scope.facts.id.empty()) project["id"] = scope.facts.id;
  sweep.marker = [project](string_view id, Instant when) {
    // Of the records with one id, a destination keeps the one with the newest `lastSeen`.
    return nlohmann::ordered_json({{"id", id},
                                   {"status", "deleted"},
                                   {"lastSeen", format_instant(when)},
                                   {"project", project}})
        .dump();
  };
  plan.sweep = std::move(sweep);
}

void refresh_releases(const StreamScope& scope, PartitionPlan& plan) {
  if (scope.config.releases_refresh <= Duration::zero()) return;
  plan.fingerprint = [](string_view json, Instant /*now*/) { return release_fingerprint(json); };
  plan.tail = scope.config.releases_refresh;
}

}  // namespace source_sentry
