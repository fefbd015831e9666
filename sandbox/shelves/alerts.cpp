#include <algorithm>
#include <array>
#include <set>

#include "sandbox/render/time_text.h"
#include "sandbox/shelves/facts.h"
#include "sandbox/shelves/monitors.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

Row condition_group(std::uint64_t id, const std::string& organization, Row conditions,
                    Row actions) {
  return {{"id", std::to_string(id)},
          {"organizationId", organization},
          {"logicType", "any-short"},
          {"conditions", std::move(conditions)},
          {"actions", std::move(actions)}};
}

Row one_row(Row row) {
  Row list = Row::array();
  list.push_back(std::move(row));
  return list;
}

Rows issue_rules(const Scene& scene, const ShelfOwner& owner) {
  const Project& project = scene.world.project(owner.index);
  Dice dice = dice_for(scene, "issue rules", project.id);
  Rows rows;
  for (std::uint32_t i = 0; i < 1 + owner.index % 3; ++i) {
    Row condition = {{"id", "sentry.rules.conditions.first_seen_event.FirstSeenEventCondition"},
                     {"name", "A new issue is created"}};
    Row action = {{"id", "sentry.mail.actions.NotifyEmailAction"},
                  {"targetType", "IssueOwners"},
                  {"fallthroughType", "ActiveMembers"},
                  {"name", "Send a notification to IssueOwners"}};
    rows.push_back(
        {{"id", std::to_string(14'000'000 + owner.index * 20 + i * 3)},
         {"conditions", one_row(std::move(condition))},
         {"filters", Row::array()},
         {"actions", one_row(std::move(action))},
         {"actionMatch", "any"},
         {"filterMatch", "all"},
         {"frequency", 30 + 1410 * (i % 2)},
         {"name", i == 0 ? "Send a notification for new issues"
                         : "Bei Fehlern «" + project.slug + "» " + std::to_string(i)},
         {"dateCreated", sentry_time(project.created + chrono::hours(12 + i))},
         {"owner", i == 0 ? Row() : Row("team:4506000000000011")},
         {"createdBy", nullptr},
         {"environment", i == 1 ? Row("production") : Row()},
         {"projects", {project.slug}},
         {"status", "active"},
         {"snooze", false},
         {"_lastTriggered", sentry_time(drawn_for(scene) - chrono::hours(dice.below(500)))}});
  }
  return rows;
}

Row trigger_row(std::uint64_t id, std::uint64_t rule, std::string_view label, int threshold) {
  return {{"id", std::to_string(id)},
          {"alertRuleId", std::to_string(rule)},
          {"label", label},
          {"thresholdType", 0},
          {"alertThreshold", threshold},
          {"resolveThreshold", nullptr},
          {"dateCreated", "2024-03-04T05:06:07.089012Z"},
          {"actions", Row::array()}};
}

/// The metric alerts of an organization, a few for each project and never less than thirty.
Row metric_rule(const Scene& scene, Index organization, const Project& project,
                std::uint64_t number) {
  const std::uint64_t id = 300'000 + organization * 10'000 + number * 2;
  const Instant created =
      scene.world.organization(organization).created + chrono::hours(700 + 31 * number);
  Row triggers = Row::array();
  triggers.push_back(trigger_row(2 * id, id, "critical", 300));
  if (number % 2 == 0) triggers.push_back(trigger_row(2 * id + 1, id, "warning", 100));
  return {{"id", std::to_string(id)},
          {"name", "Errors of " + project.slug + " #" + std::to_string(number)},
          {"organizationId", std::to_string(scene.world.organization(organization).id)},
          {"status", 0},
          {"queryType", 0},
          {"dataset", "events"},
          {"query", number % 3 == 0 ? "is:unresolved level:\"error\"" : ""},
          {"aggregate", "count()"},
          {"timeWindow", 60.0},
          {"resolution", 1.0},
          {"thresholdType", 0},
          {"thresholdPeriod", 1},
          {"resolveThreshold", number % 2 == 0 ? Row(50.5) : Row()},
          {"triggers", std::move(triggers)},
          {"projects", {project.slug}},
          {"includeAllProjects", false},
          {"owner", nullptr},
          {"environment", number % 4 == 0 ? Row("production") : Row()},
          {"eventTypes", {"default", "error"}},
          {"dateCreated", sentry_time(created)},
          {"dateModified", sentry_time(created + chrono::hours(number))},
          {"createdBy", {{"id", 2100001}, {"name", "Ada Keller"}, {"email", "user1@acme.example"}}},
          {"detectionType", "static"},
          {"description", nullptr},
          {"snooze", false}};
}

constexpr std::uint64_t kMetricRules = 30;

/// Rules and incidents go round the projects.
std::optional<Index> project_of_turn(const Scene& scene, Index organization, std::uint64_t turn) {
  const auto projects = present_projects_of(scene.world, organization);
  if (projects.empty()) return std::nullopt;
  return projects[turn % projects.size()];
}

Rows metric_rules(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (std::uint64_t i = 0; i < kMetricRules; ++i) {
    const auto project = project_of_turn(scene, owner.organization, i);
    if (!project) break;
    rows.push_back(metric_rule(scene, owner.organization, scene.world.project(*project), i));
  }
  return rows;
}

Rows incidents(const Scene& scene, const ShelfOwner& owner) {
  Dice dice = dice_for(scene, "incidents", owner.organization);
  Rows rows;
  for (std::uint64_t i = 0; i < 40; ++i) {
    const auto index = project_of_turn(scene, owner.organization, i);
    if (!index) break;
    const Project& project = scene.world.project(*index);
    const Instant started = drawn_for(scene) - chrono::hours(51 * (40 - i)) +
                            chrono::milliseconds(dice.below(3'600'000));
    const bool open = i >= 38;
    const Row closed = open ? Row() : Row(sentry_time(started + chrono::minutes(dice.below(300))));
    rows.push_back(
        {{"id", std::to_string(510'000 + owner.organization * 1000 + i * 3)},
         {"identifier", std::to_string(i + 1)},
         {"organizationId", std::to_string(scene.world.organization(owner.organization).id)},
         {"projects", {project.slug}},
         {"status", open ? 20 : 2},
         {"statusMethod", 3},
         {"type", 2},
         {"title", "Errors of " + project.slug},
         {"dateStarted", sentry_time(started)},
         {"dateDetected", sentry_time(started + chrono::seconds(60))},
         {"dateCreated", sentry_time(started + chrono::seconds(61))},
         {"dateClosed", closed},
         {"alertRule", metric_rule(scene, owner.organization, project, i % kMetricRules)},
         {"activities", nullptr}});
  }
  return rows;
}

/// What differs between detectors.
struct DetectorKind {
  std::string name;
  std::string type;
  Row sources = {};
  Row config = Row::object();
};

Row detector_row(const Scene& scene, const Project& project, std::uint64_t id, DetectorKind kind) {
  const Organization& organization = scene.world.organization(project.organization);
  const Instant created = project.created + chrono::hours(id % 50);
  const bool owned = id % 3 == 0;
  Row owner = {{"type", "team"},
               {"id", std::to_string(organization.teams[id % 5].id)},
               {"name", organization.teams[id % 5].slug}};
  Row condition = {{"id", std::to_string(id * 3)},
                   {"type", "gt"},
                   {"comparison", 1600},
                   {"conditionResult", 75}};
  const bool counts = kind.type == "metric_issue";
  return {{"id", std::to_string(id)},
          {"projectId", std::to_string(project.id)},
          {"name", kind.name},
          {"description", nullptr},
          {"type", kind.type},
          {"workflowIds", owned ? Row::array({"4200001"}) : Row::array()},
          {"owner", owned ? std::move(owner) : Row()},
          {"createdBy", counts ? Row(std::to_string(organization.users[0].id)) : Row()},
          {"dateCreated", sentry_time(created)},
          {"dateUpdated", sentry_time(created + chrono::minutes(id % 977))},
          {"dataSources", std::move(kind.sources)},
          {"conditionGroup", counts ? condition_group(id * 2, std::to_string(organization.id),
                                                      one_row(std::move(condition)), Row::array())
                                    : Row()},
          {"config", std::move(kind.config)},
          {"enabled", true},
          {"latestGroup", nullptr},
          {"openIssues", id % 4}};
}

Row source_row(const Organization& organization, std::uint64_t id, std::string_view type,
               Row query) {
  return one_row({{"id", std::to_string(id)},
                  {"organizationId", std::to_string(organization.id)},
                  {"type", type},
                  {"sourceId", std::to_string(id - 7)},
                  {"queryObj", std::move(query)}});
}

Rows detectors(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  Rows rows;
  for (const Index index : present_projects_of(scene.world, owner.organization)) {
    const Project& project = scene.world.project(index);
    std::uint64_t id = 6'000'000 + index * 40U;
    const auto add = [&](DetectorKind kind) {
      rows.push_back(detector_row(scene, project, ++id, std::move(kind)));
    };
    add({"Error Monitor", "error"});
    add({"Issue Stream", "issue_stream"});
    Row query = {{"dataset", "events_analytics_platform"},
                 {"query", ""},
                 {"aggregate", "avg(span.duration)"},
                 {"timeWindow", 14'400},
                 {"environment", nullptr},
                 {"eventTypes", {"trace_item_span"}}};
    add({"Slow spans of " + project.slug,
         "metric_issue",
         source_row(organization, 9 * id, "snuba_query_subscription",
                    {{"id", "34567"}, {"status", 0}, {"snubaQuery", std::move(query)}}),
         {{"detectionType", "static"}, {"comparisonDelta", nullptr}}});
    for (const Row& monitor : crons_of(scene, index)) {
      Row shown = monitor;
      strip_hidden(shown);
      add({monitor.value("name", ""), "monitor_check_in_failure",
           source_row(organization, 9 * id, "cron_monitor", std::move(shown))});
    }
    for (const Row& monitor : uptime_of(scene, index)) {
      Row watched = {{"url", monitor.value("url", "")}, {"method", monitor.value("method", "")},
                     {"body", monitor["body"]},         {"headers", monitor["headers"]},
                     {"intervalSeconds", 60},           {"timeoutMs", 5000},
                     {"traceSampling", false}};
      add({monitor.value("name", ""),
           "uptime_domain_failure",
           source_row(organization, 9 * id, "uptime_subscription", std::move(watched)),
           {{"mode", 1},
            {"environment", "production"},
            {"downtimeThreshold", 3},
            {"recoveryThreshold", 1}}});
    }
  }
  return rows;
}

Rows workflows(const Scene& scene, const ShelfOwner& owner) {
  const Organization& organization = scene.world.organization(owner.organization);
  const std::string organization_id = std::to_string(organization.id);
  Rows rows;
  for (std::uint64_t i = 0; i < 9; ++i) {
    const std::uint64_t id = 4'200'001 + owner.organization * 1000 + i * 11;
    const Instant created = organization.created + chrono::hours(900 + i * 77);
    Row action = {{"id", std::to_string(id * 4)},
                  {"type", i % 2 == 0 ? "email" : "slack"},
                  {"integrationId", i % 2 == 0 ? Row() : Row("24817")},
                  {"data", {{"fallthroughType", "ActiveMembers"}}},
                  {"config", {{"targetType", "issue_owners"}, {"targetDisplay", "#alerts-übung"}}},
                  {"status", "active"}};
    Row condition = {
        {"id", std::to_string(id * 3)},
        {"type", i % 2 == 0 ? "new_high_priority_issue" : "event_frequency_count"},
        {"comparison", i % 2 == 0 ? Row(true) : Row{{"value", 100}, {"interval", "1h"}}},
        {"conditionResult", true}};
    rows.push_back(
        {{"id", std::to_string(id)},
         {"name", "Notify team, rule " + std::to_string(i)},
         {"organizationId", organization_id},
         {"createdBy", i % 3 == 0 ? Row() : Row(std::to_string(organization.users[1].id))},
         {"dateCreated", sentry_time(created)},
         // The oldest was changed last.
         {"dateUpdated", sentry_time(drawn_for(scene) - chrono::hours(40 + i * 90))},
         {"triggers",
          condition_group(id * 5, organization_id, one_row(std::move(condition)), Row::array())},
         {"actionFilters", one_row(condition_group(id * 6, organization_id, Row::array(),
                                                   one_row(std::move(action))))},
         {"environment", i == 2 ? Row("production") : Row()},
         {"config", {{"frequency", 30}}},
         {"detectorIds", i % 2 == 0 ? Row::array({"6000001"}) : Row::array()},
         {"enabled", i != 4},
         {"lastTriggered", i == 5 ? Row() : Row(sentry_time(drawn_for(scene) - chrono::hours(i)))},
         {"owner", i % 2 == 0 ? Row("user:2100001") : Row()}});
  }
  return rows;
}

/// For which issues a workflow acted: one row for each. They stay as they are while it does not act
/// again, as Sentry's history does, whatever becomes of other issues.
Rows fires(const Scene& scene, const ShelfOwner& owner) {
  const auto last = source_sentry::parse_instant(owner.row["lastTriggered"].is_string()
                                                     ? owner.row["lastTriggered"].get<std::string>()
                                                     : std::string());
  Rows rows;
  if (!last || scene.world.drawn_issues() == 0) return rows;
  const auto projects = present_projects_of(scene.world, owner.organization);
  Dice dice = dice_for(scene, "fires", std::stoull(owner.key));
  std::set<Index> chosen;
  for (std::uint64_t turn = 0; turn < 12; ++turn) {
    const auto index = static_cast<Index>(dice.below(scene.world.drawn_issues()));
    const auto count = 1 + dice.below(90);
    const Issue& issue = scene.world.issue(index);
    if (issue.deleted || issue.kind == IssueKind::kFeedback || !chosen.insert(index).second ||
        std::ranges::find(projects, issue.project) == projects.end()) {
      continue;
    }
    rows.push_back({{"issueId", std::to_string(issue.id)},
                    {"group", issue_stub(scene, index)},
                    {"count", count},
                    {"lastTriggered", sentry_time(*last - chrono::minutes(37 * turn))},
                    {"eventId", EventId{mix(issue.id), mix(issue.id + turn)}.text()},
                    {"detector", {{"id", "6000001"}, {"type", "error"}}}});
  }
  return rows;
}

/// Of projects, and one of none.
Rows notification_actions(const Scene& scene, const ShelfOwner& owner) {
  Rows rows;
  for (std::uint64_t i = 0; i < 8; ++i) {
    Row projects = Row::array();
    if (const auto project = project_of_turn(scene, owner.organization, i); project && i != 7) {
      projects.push_back(scene.world.project(*project).id);
    }
    const bool by_mail = i % 2 == 0;
    rows.push_back({{"id", 836'501'000 + owner.organization * 1000 + i},
                    {"organizationId", scene.world.organization(owner.organization).id},
                    {"integrationId", by_mail ? Row() : Row(24'817)},
                    {"sentryAppId", nullptr},
                    {"projects", std::move(projects)},
                    {"serviceType", by_mail ? "sentry_notification" : "slack"},
                    {"triggerType", "spike-protection"},
                    {"targetType", "specific"},
                    {"targetIdentifier", by_mail ? "default" : "C0123S456AL"},
                    {"targetDisplay", by_mail ? "default" : "#alerts-übung"}});
  }
  return rows;
}

constexpr ShelfSpec kAlertShelves[] = {
    {"issue_alert_rules", OwnerKind::kProject, issue_rules, "-id"},
    {"metric_alert_rules", OwnerKind::kOrganization, metric_rules, "-dateCreated"},
    {"incidents", OwnerKind::kOrganization, incidents, "-dateStarted"},
    {"detectors", OwnerKind::kOrganization, detectors, "id"},
    {"workflows", OwnerKind::kOrganization, workflows, "id"},
    {"notification_actions", OwnerKind::kOrganization, notification_actions, "id"},
    {"alert_fires", OwnerKind::kWorkflow, fires, "-count", "issueId"},
};

}  // namespace

std::span<const ShelfSpec> alert_shelves() { return kAlertShelves; }

}  // namespace sandbox
