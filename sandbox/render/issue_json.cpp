#include "sandbox/render/issue_json.h"

#include <array>

#include "sandbox/render/issue_base.h"
#include "sandbox/render/release_json.h"
#include "sandbox/render/time_text.h"
#include "sandbox/world/random.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

/// count, userCount, firstSeen and lastSeen; whole seconds, as the event store has them.
void append_seen(JsonWriter& json, const World& world, std::span<const Index> events) {
  json.key("count");
  json.text(std::to_string(events.size()));
  json.number("userCount", count_visitors(world, events));
  if (events.empty()) {
    json.raw(R"("firstSeen":null,"lastSeen":null)");
    return;
  }
  time_field(json, "firstSeen", to_instant(world.event(events.front()).at));
  time_field(json, "lastSeen", to_instant(world.event(events.back()).at));
}

void append_lifetime(JsonWriter& json, const IssueView& view, const SeenIssue& seen) {
  const World& world = view.world;
  json.key("lifetime");
  json.begin_object();
  json.text("count", std::to_string(seen.lifetime.size()));
  json.number("userCount", count_visitors(world, seen.lifetime));
  // The first time is the database's, the last the event store's: only one has a fraction.
  time_field(json, "firstSeen", world.first_seen(world.issue(seen.issue)));
  time_field(json, "lastSeen",
             seen.lifetime.empty() ? std::optional<Instant>()
                                   : to_instant(world.event(seen.lifetime.back()).at));
  if (!view.stats_period.empty()) json.null("stats");
  json.end_object();
}

void append_sparkline(JsonWriter& json, const IssueView& view, const SeenIssue& seen) {
  json.key("stats");
  json.begin_object();
  json.key(view.stats_period);
  append_series(json, view.world, seen.lifetime, view.buckets);
  json.end_object();
}

void append_filtered(JsonWriter& json, const IssueView& view, const SeenIssue& seen) {
  json.key("filtered");
  if (!view.event_conditions) {
    json.null();
    return;
  }
  json.begin_object();
  append_seen(json, view.world, seen.window);
  if (!view.stats_period.empty()) append_sparkline(json, view, seen);
  json.end_object();
}

void append_expansions(JsonWriter& json, const IssueView& view, const SeenIssue& seen) {
  const Issue& issue = view.world.issue(seen.issue);
  const Instant first = view.world.first_seen(issue);
  if (view.parts.sessions && view.parts.stats) json.number("sessionCount", issue.id % 9000);
  if (view.parts.inbox) {
    json.key("inbox");
    json.begin_object();
    json.raw(R"("reason":0,"reason_details":null)");
    time_field(json, "date_added", first);
    json.end_object();
  }
  if (view.parts.owners) {
    json.key("owners");
    json.begin_object();
    json.text("type", "ownershipRule");
    json.text("owner", "team:" + std::to_string(owner_of(view, issue).teams[0].id));
    time_field(json, "date_added", first);
    json.end_object();
  }
  if (view.parts.integration_issues || view.parts.sentry_app_issues) {
    const IssueLinks links = view.links != nullptr ? view.links(view, issue) : IssueLinks();
    if (view.parts.integration_issues) json.raw("integrationIssues", links.integrations);
    if (view.parts.sentry_app_issues) json.raw("sentryAppIssues", links.apps);
  }
  if (view.parts.attachments) json.flag("latestEventHasAttachments", false);
}

}  // namespace

void append_issue(JsonWriter& json, const IssueView& view, const SeenIssue& seen) {
  const Issue& issue = view.world.issue(seen.issue);
  const IssueParts& parts = view.parts;
  json.begin_object();
  json.id("id", issue.id);
  if (parts.base) append_issue_base(json, view, issue);
  if (parts.unhandled) json.flag("isUnhandled", issue_text(view.world, issue).unhandled);
  // Leaving out either of the two takes the plain counters along (getsentry/cli#969).
  if (parts.stats && parts.lifetime) append_seen(json, view.world, seen.window);
  if (parts.stats) {
    if (!view.stats_period.empty()) append_sparkline(json, view, seen);
    if (parts.lifetime) append_lifetime(json, view, seen);
    if (parts.filtered) append_filtered(json, view, seen);
  }
  append_expansions(json, view, seen);
  json.end_object();
}

void append_project_issue(JsonWriter& json, const IssueView& view, const SeenIssue& seen) {
  const Issue& issue = view.world.issue(seen.issue);
  json.begin_object();
  json.id("id", issue.id);
  append_issue_base(json, view, issue);
  json.flag("isUnhandled", issue_text(view.world, issue).unhandled);
  json.text("count", std::to_string(seen.lifetime.size()));
  json.number("userCount", count_visitors(view.world, seen.lifetime));
  time_field(json, "firstSeen", view.world.first_seen(issue));
  time_field(json, "lastSeen", view.world.last_seen(issue));
  if (!view.stats_period.empty()) append_sparkline(json, view, seen);
  json.end_object();
}

void append_issue_detail(JsonWriter& json, const IssueView& view, const SeenIssue& seen,
                         const IssueDetailParts& detail) {
  const World& world = view.world;
  const Issue& issue = world.issue(seen.issue);
  const Project& project = world.project(issue.project);
  json.begin_object();
  json.id("id", issue.id);
  append_issue_base(json, view, issue);
  json.flag("isUnhandled", issue_text(world, issue).unhandled);
  json.text("count", std::to_string(seen.lifetime.size()));
  json.number("userCount", count_visitors(world, seen.lifetime));
  time_field(json, "firstSeen", world.first_seen(issue));
  time_field(json, "lastSeen", to_instant(world.event(issue.events.back()).at));
  append_expansions(json, view, seen);
  if (detail.release) {
    const std::array<std::pair<std::string_view, Index>, 2> ends = {
        {{"firstRelease", issue.events.front()}, {"lastRelease", issue.events.back()}}};
    for (const auto& [name, serial] : ends) {
      const auto release = world.release_at(project, world.event(serial).at);
      json.key(name);
      release ? append_release_info(json, world, *release) : json.null();
    }
  }
  if (detail.tags) {
    const std::string total = std::to_string(seen.lifetime.size());
    json.raw(R"("tags":[{"key":"environment","name":"Environment","totalValues":)" + total +
             R"(},{"key":"level","name":"Level","totalValues":)" + total + "}]");
  }
  if (detail.stats) {
    json.key("stats");
    json.begin_object();
    for (const std::string_view period : {"24h", "30d"}) {
      json.key(period);
      append_series(json, world, seen.lifetime, buckets_of(period, view.now));
    }
    json.end_object();
  }
  json.raw(R"("activity":[{"id":"0","user":null,"sentry_app":null,"type":"first_seen","data":{})");
  time_field(json, "dateCreated", world.first_seen(issue));
  json.out() += "}]";
  json.raw(R"("seenBy":[],"userReportCount":0,"participants":[])");
  json.end_object();
}

}  // namespace sandbox
