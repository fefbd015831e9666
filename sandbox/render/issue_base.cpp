#include "sandbox/render/issue_base.h"

#include "sandbox/render/time_text.h"
#include "sandbox/world/random.h"
#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

namespace chrono = std::chrono;

void append_status(JsonWriter& json, const IssueView& view, const Issue& issue) {
  const IssueStatus shown = view.world.shown_status(issue, view.now);
  const bool aged = shown != issue.status;
  json.text("status", to_text(shown));
  json.text_or_null("substatus", aged ? "" : to_text(issue.substatus));
  json.key("statusDetails");
  json.begin_object();
  if (aged) json.flag("autoResolved", true);
  if (issue.substatus == Substatus::kArchivedUntilCondition) {
    json.raw(R"("ignoreCount":250,"ignoreWindow":60)");
    json.key("actor");
    append_user(json, owner_of(view, issue).users[issue.id % people().size()]);
  }
  if (issue.status == IssueStatus::kResolved && issue.id % 3 == 0) {
    const auto& releases = view.world.project(issue.project).releases;
    if (!releases.empty()) json.text("inRelease", view.world.release(releases.back()).version);
  }
  json.end_object();
}

void append_project_stub(JsonWriter& json, const Project& project) {
  json.key("project");
  json.begin_object();
  json.id("id", project.id);
  json.text("name", project.name);
  json.text("slug", project.slug);
  json.text("platform", vocabulary(project.platform).platform);
  json.end_object();
}

void append_issue_metadata(JsonWriter& json, const IssueText& text) {
  json.key("metadata");
  json.begin_object();
  if (text.type.empty()) {
    json.text("title", text.title);
  } else {
    json.text("value", text.value);
    json.text("type", text.type);
    json.text("filename", text.filename);
    json.text("function", text.function);
    json.raw(R"("in_app_frame_mix":"mixed","severity":0.10,"severity_reason":"ml",)"
             R"("initial_priority":75,)"
             R"("sdk":{"name":"sentry.sdk","name_normalized":"sentry.sdk"},)"
             R"("latest_escalation_time":null,"dogpile_timeout":1e2)");
  }
  json.end_object();
}

void append_assignee(JsonWriter& json, const IssueView& view, const Issue& issue) {
  const Organization& owner = owner_of(view, issue);
  json.key("assignedTo");
  switch (issue.assignee) {
    case AssigneeKind::kNobody:
      json.null();
      return;
    case AssigneeKind::kUser: {
      const User& user = owner.users[issue.assignee_index];
      json.begin_object();
      json.text("type", "user");
      json.id("id", user.id);
      json.text("name", user.name);
      json.text("email", user.email);
      json.end_object();
      return;
    }
    case AssigneeKind::kTeam: {
      const Team& team = owner.teams[issue.assignee_index];
      json.begin_object();
      json.text("type", "team");
      json.id("id", team.id);
      json.text("name", team.slug);
      json.end_object();
      return;
    }
  }
}

void append_derived(JsonWriter& json, const IssueView& view, const Issue& issue) {
  json.key("derivedData");
  json.begin_object();
  json.raw(R"("blocker":"none","progress":"none")");
  json.text("status", issue.status == IssueStatus::kUnresolved ? "open" : "closed");
  json.number("viewCount", issue.id % 50);
  json.flag("hasOpenFixPr", false);
  json.flag("isAssigned", issue.assignee != AssigneeKind::kNobody);
  json.raw(R"("hasRootCause":false,"lastCompletedAutofixStep":"")");
  if (issue.id % 3 == 0) {
    time_field(json, "lastProgressedAt", view.world.first_seen(issue) + chrono::hours(1));
  } else {
    json.null("lastProgressedAt");
  }
  json.end_object();
}

}  // namespace

const Organization& owner_of(const IssueView& view, const Issue& issue) {
  return view.world.organization(view.world.project(issue.project).organization);
}

void append_issue_base(JsonWriter& json, const IssueView& view, const Issue& issue) {
  const World& world = view.world;
  const Project& project = world.project(issue.project);
  const IssueText text = issue_text(world, issue);
  Dice random(combine(world.seed() ^ hash_text("issue extras"), issue.id));
  json.text_or_null("shareId", random.chance(5) ? EventId{issue.id, random.next()}.text() : "");
  json.text("shortId", world.short_id(issue));
  json.text("title", text.title);
  json.text("culprit", text.culprit);
  json.text("permalink", view.addresses.public_url + "/organizations/" +
                             owner_of(view, issue).slug + "/issues/" + std::to_string(issue.id) +
                             "/");
  json.text_or_null("logger", text.logger);
  json.text("level", text.level);
  append_status(json, view, issue);
  json.flag("isPublic", false);
  json.text("platform", vocabulary(project.platform).platform);
  json.text("priority", to_text(issue.priority));
  if (issue.id % 4 == 0) {
    time_field(json, "priorityLockedAt", world.first_seen(issue) + chrono::minutes(90));
    json.raw(R"("seerFixabilityScore":0.7300000190734863)");
  } else {
    json.raw(R"("priorityLockedAt":null,"seerFixabilityScore":null)");
  }
  json.raw(R"("seerAutofixLastTriggered":null,"seerExplorerAutofixLastTriggered":null)");
  append_project_stub(json, project);
  json.text("type", event_type(issue.kind));
  json.text("issueType", issue_type(issue.kind));
  json.text("issueCategory", issue_category(issue.kind));
  append_issue_metadata(json, text);
  const std::uint32_t comments = random.chance(85) ? 0U : random.below(12);  // `drawn_comments`
  json.number("numComments", std::int64_t{comments} + issue.comments);
  append_assignee(json, view, issue);
  json.raw(R"("isBookmarked":false)");
  const bool subscribed = random.chance(30);
  json.flag("isSubscribed", subscribed);
  json.raw("subscriptionDetails", subscribed ? R"({"reason":"mentioned"})" : "null");
  json.flag("hasSeen", random.chance(60));
  json.raw("annotations",
           random.chance(40)
               ? R"([{"displayName":"ACME-123","url":"https://jira.acme.example/browse/ACME-123"}])"
               : "[]");
  append_derived(json, view, issue);
}

}  // namespace sandbox
