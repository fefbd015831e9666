#include "sentry/webhooks/envelope.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "json/record_splitter.h"

namespace source_sentry {
namespace {

/// Nothing that Sentry sends comes near it.
constexpr std::size_t kMostDepth = 64;

/// How deep the brackets of valid JSON are nested.
std::size_t depth_of(std::string_view json) {
  std::size_t depth = 0;
  std::size_t most = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (in_text) {
      if (c == '\\') ++at;
      in_text = c != '"';
    } else if (c == '"') {
      in_text = true;
    } else if (c == '{' || c == '[') {
      most = std::max(most, ++depth);
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return most;
}

/// Which members of `data` tell of which resource; the first that fits counts.
struct Mark {
  std::string_view resource;
  std::string_view member;
  std::string_view other{};  ///< another one that must be there, too
};
constexpr std::array<Mark, 9> kMarks = {{
    {"comment", "comment_id"},
    {"error", "error"},
    {"event_alert", "event", "triggered_rule"},
    {"metric_alert", "metric_alert"},
    {"installation", "installation"},
    {"seer", "run_id"},
    {"activity_alert", "activity", "alert"},
    {"preprod_artifact", "buildId"},
    {"issue", "issue"},
}};
/// An activity alert has an issue, too, and other actions than these.
constexpr std::array<std::string_view, 6> kIssueActions = {"created", "resolved", "assigned",
                                                           "ignored", "archived", "unresolved"};

}  // namespace

std::optional<Envelope> read_envelope(const std::string& body) {
  RecordSplitter splitter("", "");
  RecordPage page;
  if (splitter.split(body, RecordSplitter::Root::kObject, page)) return std::nullopt;
  if (depth_of(body) > kMostDepth) return std::nullopt;
  Envelope envelope;
  if (!page.records.empty()) envelope.members = top_level_members(page.records.front().json);
  envelope.action = text_of_value(find_value(envelope.members, "action"));
  const std::string_view data = find_value(envelope.members, "data");
  envelope.data = data.starts_with('{') ? top_level_members(data) : envelope.members;
  return envelope;
}

std::string_view resource_of(const Envelope& envelope) {
  const auto has = [&](std::string_view key) {
    return key.empty() || !find_value(envelope.data, key).empty();
  };
  for (const Mark& mark : kMarks) {
    if (!has(mark.member) || !has(mark.other)) continue;
    if (mark.resource != "issue") return mark.resource;
    const bool is_known = std::find(kIssueActions.begin(), kIssueActions.end(), envelope.action) !=
                          kIssueActions.end();
    return is_known ? mark.resource : std::string_view();
  }
  return {};
}

}  // namespace source_sentry
