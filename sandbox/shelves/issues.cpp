#include <algorithm>
#include <array>

#include "sandbox/render/event_json.h"
#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"
#include "sandbox/shelves/issue_links.h"
#include "sandbox/shelves/issue_tags.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

/// Few issues have more than one visit shows.
constexpr std::size_t kMostActivities = 100;

std::uint64_t number_of(const Issue& issue) { return first_child_id(issue.id); }

/// A moment of an issue's life, by how far through it that is, with a fraction of a second.
Instant moment_of(const Scene& scene, const Issue& issue, double part) {
  const Instant first = scene.world.first_seen(issue);
  const auto life = std::max(drawn_for(scene) - first, Duration(0));
  return first + Duration(static_cast<std::int64_t>(part * static_cast<double>(life.count())));
}

Rows comments(const Scene& scene, const ShelfOwner& owner) {
  const Issue& issue = scene.world.issue(owner.index);
  Dice dice = dice_for(scene, "notes", issue.id);
  Rows rows;
  for (std::uint32_t i = 0; i < drawn_comments(scene.world, issue); ++i) {
    rows.push_back({{"id", std::to_string(number_of(issue) + i + 1)},
                    {"type", "note"},
                    {"user", user_row(scene, user_at(scene, owner.organization, dice.below(12)))},
                    {"sentry_app", nullptr},
                    {"data", {{"text", "Looks like **Zürich** again, see \"checkout\" 🛒"}}},
                    {"dateCreated", sentry_time(moment_of(scene, issue, dice.unit()))}});
  }
  return rows;
}

/// What an activity of some type says, beyond who did it and when.
Row activity_data(const Scene& scene, const ShelfOwner& owner, std::string_view type, Dice& dice) {
  if (type == "assigned") {
    const User& user = user_at(scene, owner.organization, dice.below(12));
    return {{"assignee", std::to_string(user.id)},
            {"assigneeEmail", user.email},
            {"assigneeType", "user"}};
  }
  if (type == "set_priority") return {{"priority", "high"}, {"reason", "escalating"}};
  if (type == "set_resolved_in_release") return {{"version", "web@1.2.3"}};
  return Row::object();
}

Rows activity(const Scene& scene, const ShelfOwner& owner) {
  constexpr std::array<std::string_view, 8> kTypes = {
      "set_resolved", "set_unresolved", "assigned",      "unassigned",
      "set_priority", "set_regression", "mark_reviewed", "set_resolved_in_release"};
  const Issue& issue = scene.world.issue(owner.index);
  Dice dice = dice_for(scene, "activity", issue.id);
  const std::uint32_t count = issue.number % 40 == 7 ? 130 : dice.below(4);
  Rows rows = rows_of(scene, *find_shelf("issue_comments"), owner);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::string_view type = dice.pick(kTypes);
    const User& user = user_at(scene, owner.organization, dice.below(12));
    rows.push_back({{"id", std::to_string(number_of(issue) + 100 + i)},
                    {"user", dice.chance(80) ? user_row(scene, user) : Row()},
                    {"sentry_app", nullptr},
                    {"type", type},
                    {"data", activity_data(scene, owner, type, dice)},
                    {"dateCreated", sentry_time(moment_of(scene, issue, dice.unit()))}});
  }
  rows.push_back({{"id", "0"},
                  {"user", nullptr},
                  {"sentry_app", nullptr},
                  {"type", "first_seen"},
                  {"data", {{"priority", "high"}}},
                  {"dateCreated", sentry_time(scene.world.first_seen(issue))}});
  return rows;
}

/// From when to when it was open: as often as it was resolved, and since then if it is open now.
/// Problems of performance have none.
Rows open_periods(const Scene& scene, const ShelfOwner& owner) {
  const Issue& issue = scene.world.issue(owner.index);
  Rows rows;
  if (issue.kind == IssueKind::kPerformance) return rows;
  Dice dice = dice_for(scene, "open periods", issue.id);
  const std::uint32_t count = 1 + dice.below(3);
  const auto parts = static_cast<double>(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const bool open = i + 1 == count && issue.status == IssueStatus::kUnresolved;
    const std::string start = sentry_time(moment_of(scene, issue, i / parts));
    const std::string end = sentry_time(moment_of(scene, issue, (i + 0.5) / parts));
    const std::string id = std::to_string(number_of(issue) + 7000 + i);
    Row activities = Row::array();
    activities.push_back({{"id", id + "1"},
                          {"type", "opened"},
                          {"value", "high"},
                          {"dateCreated", start},
                          {"eventId", scene.world.id_of(issue.events.front()).text()}});
    if (!open) {
      activities.push_back({{"id", id + "2"},
                            {"type", "closed"},
                            {"value", nullptr},
                            {"dateCreated", end},
                            {"eventId", nullptr}});
    }
    rows.push_back({{"id", id},
                    {"start", start},
                    {"end", open ? Row() : Row(end)},
                    {"isOpen", open},
                    {"lastChecked", sentry_time(scene.now)},
                    {"activities", std::move(activities)}});
  }
  return rows;
}

Row slim_event(const Scene& scene, Index serial) {
  std::string text;
  JsonWriter json(text);
  append_simple_event(json, scene.world, serial, EventSize::kTypical);
  return Row::parse(text);
}

Rows hashes(const Scene& scene, const ShelfOwner& owner) {
  const Issue& issue = scene.world.issue(owner.index);
  Rows rows;
  const auto add = [&](const std::string& id, Index serial) {
    rows.push_back({{"id", id},
                    {"latestEvent", slim_event(scene, serial)},
                    {"mergedBySeer", false},
                    {"seerMatchDistance", nullptr}});
  };
  add(EventId{mix(issue.id), mix(issue.id + 1)}.text(), issue.events.back());
  // Merged once, from another.
  if (issue.events.size() > 1 && issue.id % 10 == 3) {
    add(EventId{mix(issue.id + 2), mix(issue.id + 3)}.text(), issue.events.front());
  }
  return rows;
}

Rows attachments(const Scene& scene, const ShelfOwner& owner) {
  const World& world = scene.world;
  const Issue& issue = world.issue(owner.index);
  Dice dice = dice_for(scene, "attachments", issue.id);
  const std::uint32_t count = dice.chance(80) ? 0 : 1 + dice.below(3);
  Rows rows;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Index serial = issue.events.front();
    const bool picture = dice.chance(50);
    rows.push_back({{"id", std::to_string(number_of(issue) + i)},
                    {"event_id", world.id_of(serial).text()},
                    {"type", "event.attachment"},
                    {"name", picture ? "screenshot.png" : "view «hierarchy».json"},
                    {"mimetype", picture ? "image/png" : "application/json"},
                    {"dateCreated", sentry_time(world.received_at(serial) + Duration(i * 1000))},
                    {"size", 100 + dice.below(900'000)},
                    {"headers", {{"Content-Type", picture ? "image/png" : "application/json"}}},
                    {"sha1", sha(dice)}});
  }
  return rows;
}

constexpr ShelfSpec kIssueShelves[] = {
    {"issue_comments", OwnerKind::kIssue, comments, "-dateCreated"},
    {"issue_activity", OwnerKind::kIssue, activity, "-dateCreated", "id", kMostActivities},
    {"issue_open_periods", OwnerKind::kIssue, open_periods, "-start"},
    {"issue_hashes", OwnerKind::kIssue, hashes},
    {"issue_tags", OwnerKind::kIssue, issue_tags, "key", "key"},
    {"issue_tag_values", OwnerKind::kIssue, issue_tag_values, "-lastSeen", "key value"},
    {"event_attachments", OwnerKind::kIssue, attachments, "-dateCreated"},
    {"issue_external_links", OwnerKind::kIssue, issue_external_links, "", "kind id"},
};

}  // namespace

std::span<const ShelfSpec> issue_shelves() { return kIssueShelves; }

}  // namespace sandbox
