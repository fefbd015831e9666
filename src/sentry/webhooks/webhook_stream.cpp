#include "sentry/webhooks/webhook_stream.h"

#include <algorithm>
#include <array>

#include "mapping/shape/mapped_stream.h"

namespace source_sentry {
namespace {

using As = WebhookMember::As;
using Names = std::string_view;

constexpr std::array<Names, 1> kIssue = {"issue"};
constexpr std::array<WebhookMember, 11> kIssueMembers = {{
    {"issueId", "issue.id", As::kText},
    {"shortId", "issue.shortId"},
    {"title", "issue.title"},
    {"status", "issue.status"},
    {"substatus", "issue.substatus"},
    {"projectId", "issue.project.id", As::kText},
    {"projectSlug", "issue.project.slug"},
    {"lastSeen", "issue.lastSeen"},
    {"resolutionType", "resolution_type"},
    {"assignee", "assignee"},
    {"issue", "issue"},
}};
constexpr std::array<Names, 3> kIssuePersonal = {"actor", "assignee", "issue"};

constexpr std::array<Names, 1> kComment = {"comment"};
constexpr std::array<WebhookMember, 5> kCommentMembers = {{
    {"commentId", "comment_id", As::kText},
    {"issueId", "issue_id", As::kText},
    {"projectSlug", "project_slug"},
    {"timestamp", "timestamp"},
    {"comment", "comment"},
}};
constexpr std::array<Names, 2> kCommentPersonal = {"actor", "comment"};

constexpr std::array<Names, 2> kEvents = {"error", "event_alert"};
constexpr std::array<WebhookMember, 10> kEventMembers = {{
    {"eventId", "error.event_id"},
    {"eventId", "event.event_id"},
    {"eventId", "event.eventID"},
    {"issueId", "error.issue_id", As::kText},
    {"issueId", "event.issue_id", As::kText},
    {"issueId", "group.id", As::kText},
    {"triggeredRule", "triggered_rule"},
    {"issueAlert", "issue_alert"},
    {"event", "error"},
    {"event", "event"},
}};
constexpr std::array<Names, 2> kEventPersonal = {"actor", "event"};

constexpr std::array<Names, 2> kAlerts = {"metric_alert", "activity_alert"};
constexpr std::array<WebhookMember, 10> kAlertMembers = {{
    {"alertId", "metric_alert.id", As::kText},
    {"alertId", "alert.id", As::kText},
    {"issueId", "issue.id", As::kText},
    {"title", "description_title"},
    {"text", "description_text"},
    {"webUrl", "web_url"},
    {"metricAlert", "metric_alert"},
    {"alert", "alert"},
    {"activity", "activity"},
    {"issue", "issue"},
}};
constexpr std::array<Names, 2> kAlertPersonal = {"actor", "issue"};

constexpr std::array<Names, 1> kInstallations = {"installation"};
constexpr std::array<WebhookMember, 4> kInstallationMembers = {{
    {"status", "installation.status"},
    {"organizationSlug", "installation.organization.slug"},
    {"appSlug", "installation.app.slug"},
    {"installation", "installation"},
}};
constexpr std::array<Names, 1> kActor = {"actor"};
constexpr std::array<Names, 2> kOtherPersonal = {"actor", "body"};

constexpr std::array<WebhookStream, 6> kStreams = {{
    {"issue_webhooks",
     "Changes of issues as webhooks told them: created, resolved, assigned, "
     "ignored, unresolved.",
     kIssue, kIssueMembers, kIssuePersonal},
    {"comment_webhooks", "Comments on issues as webhooks told them: created, updated, deleted.",
     kComment, kCommentMembers, kCommentPersonal},
    {"event_webhooks", "Errors, and events that triggered an alert, as webhooks brought them.",
     kEvents, kEventMembers, kEventPersonal},
    {"alert_webhooks", "Metric alerts and alerts about issues' activity as webhooks told them.",
     kAlerts, kAlertMembers, kAlertPersonal},
    {"installation_webhooks", "The integration was installed or removed.", kInstallations,
     kInstallationMembers, kActor},
    {"other_webhooks", "Every other webhook, whole.", {}, {}, kOtherPersonal},
}};

constexpr std::size_t kEventStream = 2;
constexpr std::size_t kOtherStream = 5;

}  // namespace

std::span<const WebhookStream> webhook_streams() { return kStreams; }

const WebhookStream& webhooks_as_sent() {
  static constexpr WebhookStream kAsSent{.name = kWebhooksAsSent,
                                         .docs = "Every webhook as it was sent.",
                                         .resources = {},
                                         .members = {},
                                         .personal = kOtherPersonal,
                                         .as_sent = true};
  return kAsSent;
}

std::string_view resource_of(const Delivery& delivery, const Envelope& envelope) {
  const std::string_view told = resource_of(envelope);
  return told.empty() ? std::string_view(delivery.resource) : told;
}

const WebhookStream& stream_of(const Delivery& delivery, const Envelope& envelope) {
  // A service hook, and the old plugin, send nothing but events.
  if (!delivery.has_envelope()) {
    const bool has_event = !find_value(envelope.data, "event").empty();
    return kStreams[has_event ? kEventStream : kOtherStream];
  }
  // What the header alone says is not proof enough to be taken apart.
  const std::string_view resource = resource_of(envelope);
  for (const WebhookStream& stream : kStreams) {
    if (std::find(stream.resources.begin(), stream.resources.end(), resource) !=
        stream.resources.end()) {
      return stream;
    }
  }
  return kStreams[kOtherStream];
}

}  // namespace source_sentry
