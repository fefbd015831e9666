#include "sentry/webhooks/webhook_record.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "base/time.h"
#include "json/members.h"
#include "sentry/streams/spec/record_fields.h"

namespace source_sentry {
namespace {

constexpr std::string_view kIgnored = "ignored";
constexpr std::string_view kArchived = "archived";

/// An issue that is ignored is told as archived by some of Sentry's versions.
std::string_view action_of(const Envelope& envelope) {
  const bool is_archived =
      envelope.action == kArchived && !find_value(envelope.data, "issue").empty();
  return is_archived ? kIgnored : std::string_view(envelope.action);
}

/// Writes the members of an object; those without a value are left out.
class Members {
 public:
  /// `key` needs no escapes, and outlives this.
  void add(std::string_view key, std::string_view json) {
    if (json.empty()) return;
    keys_.push_back(key);
    (out_ += out_.empty() ? "{\"" : ",\"").append(key).append("\":").append(json);
  }
  void add_text(std::string_view key, std::string_view text) {
    if (text.empty()) return;
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;
    add(key, nlohmann::json(text).dump(-1, ' ', false, kReplace));
  }
  bool has(std::string_view key) const {
    return std::find(keys_.begin(), keys_.end(), key) != keys_.end();
  }
  std::string take() { return out_.empty() ? "{}" : std::move(out_ += '}'); }

 private:
  std::string out_;
  std::vector<std::string_view> keys_;
};

std::optional<Instant> time_in_seconds(std::string_view seconds) {
  long long value = 0;
  const auto [end, error] = std::from_chars(seconds.data(), seconds.data() + seconds.size(), value);
  constexpr long long kMost = 253'402'300'799;  // the last second of the year 9999
  const bool is_whole = error == std::errc() && end == seconds.data() + seconds.size();
  if (!is_whole || value < 0 || value > kMost) return std::nullopt;
  return Instant(std::chrono::seconds(value));
}

/// The value at a path of keys in `data`; empty where there is none.
std::string_view value_at(const std::vector<Member>& data, std::string_view path) {
  std::size_t dot = path.find('.');
  std::string_view value = find_value(data, path.substr(0, dot));
  while (dot != path.npos && value.starts_with('{')) {
    path.remove_prefix(dot + 1);
    dot = path.find('.');
    value = member_value(value, path.substr(0, dot));
  }
  return dot == path.npos ? value : std::string_view();
}

void take_member(const WebhookMember& member, const Envelope& envelope, Members& record) {
  const std::string_view value = value_at(envelope.data, member.from);
  if (value.empty() || record.has(member.key)) return;
  const bool is_number = !value.starts_with('"') && value != "null";
  if (member.as == WebhookMember::As::kText && is_number) {
    record.add_text(member.key, value);
  } else if (member.key == "installation" && value.starts_with('{')) {
    // A grant that is worth a token.
    record.add(member.key, without_members(value, {"code"}));
  } else {
    record.add(member.key, value);
  }
}

/// A text, or a number as one; empty for any other value.
std::string plain_text(std::string_view value) {
  if (value.starts_with('"')) return text_of_value(value);
  const bool is_number = !value.empty() && value.find_first_not_of("0123456789") == value.npos;
  return is_number ? std::string(value) : std::string();
}

/// The last number in the path of an address: "https://h/api/0/issues/133/".
std::string number_at_end(std::string_view url) {
  while (url.ends_with('/')) url.remove_suffix(1);
  const std::string_view last = url.substr(url.rfind('/') + 1);
  return last.find_first_not_of("0123456789") == last.npos ? std::string(last) : std::string();
}

std::string_view kind_name(Delivery::Kind kind) {
  switch (kind) {
    case Delivery::Kind::kServiceHook:
      return "service_hook";
    case Delivery::Kind::kLegacy:
      return "legacy";
    case Delivery::Kind::kIntegration:
    case Delivery::Kind::kUnsigned:
      break;
  }
  return "integration";
}

}  // namespace

std::string record_of(const Delivery& delivery, SpoolPosition at, const Envelope& envelope,
                      const WebhookStream& stream) {
  Members record;
  record.add_text("deliveryId", delivery.id);
  record.add_text(kSpoolCursor, to_text(at));
  record.add_text("receivedAt", format_instant(delivery.received_at));
  if (const auto sent = time_in_seconds(delivery.sent_at))
    record.add_text("sentAt", format_instant(*sent));
  record.add_text("requestId", delivery.request_id);
  record.add_text("kind", kind_name(delivery.kind));
  record.add("verified", delivery.is_verified() ? "true" : "false");
  record.add_text("endpoint", delivery.endpoint);
  record.add_text("resource", resource_of(delivery, envelope));
  record.add_text("action", action_of(envelope));
  const std::string_view installation = find_value(envelope.members, "installation");
  if (installation.starts_with('{')) {
    record.add("installationId", member_value(installation, "uuid"));
  }
  record.add("actor", find_value(envelope.members, "actor"));
  if (!delivery.has_envelope()) {
    record.add("project", find_value(envelope.members, "project"));
    record.add("projectSlug", find_value(envelope.members, "project_slug"));
    record.add("triggeringRules", find_value(envelope.members, "triggering_rules"));
    for (const char* key : {"group", "message", "culprit", "level", "url"}) {
      record.add(key, find_value(envelope.members, key));
    }
  }
  for (const WebhookMember& member : stream.members) take_member(member, envelope, record);
  if (!stream.resources.empty() && !record.has("issueId")) {
    record.add_text("issueId", issue_of(delivery, envelope).id);
  }
  if (stream.resources.empty()) record.add("body", delivery.body);
  if (stream.as_sent) {
    // Those of its headers that say something of it.
    Members headers;
    headers.add_text("sentry-hook-resource", delivery.resource);
    headers.add_text("sentry-hook-timestamp", delivery.sent_at);
    headers.add_text("request-id", delivery.request_id);
    record.add("headers", headers.take());
    record.add("queryParams", "{}");
  }
  return record.take();
}

WebhookIssue issue_of(const Delivery& delivery, const Envelope& envelope) {
  const auto at = [&](std::string_view path) { return plain_text(value_at(envelope.data, path)); };
  WebhookIssue issue;
  // The old plugin's body has the issue at its top.
  if (delivery.kind == Delivery::Kind::kLegacy) return {at("id"), at("project_slug")};
  for (const char* path :
       {"issue.id", "issue_id", "group.id", "error.issue_id", "event.issue_id"}) {
    if (issue.id.empty()) issue.id = at(path);
  }
  // Sentry 9 names the issue of an event by an address alone.
  for (const char* path : {"event.issue_url", "error.issue_url"}) {
    if (issue.id.empty()) issue.id = number_at_end(at(path));
  }
  for (const char* path :
       {"issue.project.slug", "project_slug", "project.slug", "error.project", "event.project"}) {
    if (issue.project.empty()) issue.project = at(path);
  }
  return issue;
}

std::optional<std::string> other_words_of(std::string_view body, const Envelope& envelope) {
  if (action_of(envelope) == envelope.action) return std::nullopt;
  std::string other(body);
  const std::string_view value = find_value(envelope.members, "action");
  const auto at = static_cast<std::size_t>(value.data() - body.data());
  return other.replace(at, value.size(), '"' + std::string(kIgnored) + '"');
}

}  // namespace source_sentry
