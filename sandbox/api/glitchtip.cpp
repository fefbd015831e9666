#include "sandbox/api/glitchtip.h"

#include <algorithm>
#include <array>

#include "base/base64.h"
#include "base/percent.h"
#include "sandbox/api/handlers.h"
#include "sandbox/api/shelf_list.h"

namespace sandbox {
namespace {

using std::string_view;

constexpr std::int64_t kGlitchtipTies = 100;
constexpr std::size_t kGlitchtipHits = 1000;

constexpr std::array<string_view, 1> kReleaseScopes = {"project:releases"};
constexpr std::array<string_view, 3> kEventScopes = {"event:read", "event:write", "event:admin"};

}  // namespace

std::string glitchtip_cursor(const Cursor& cursor) {
  return source_sentry::base64_encode(cursor.text());
}

std::optional<Cursor> parse_glitchtip_cursor(string_view text) {
  const auto plain = source_sentry::base64_decode(text);
  return plain ? parse_cursor(*plain) : std::nullopt;
}

std::string glitchtip_link(string_view url, string_view query, const PageLinks& links,
                           bool as_set) {
  const auto entry = [&](string_view relation, const Cursor& cursor, bool results) {
    const bool bare = as_set && !results;
    const std::string text = glitchtip_cursor(cursor);
    std::string out = "<";
    out.append(url).append("?").append(query);
    if (!bare) out.append("&cursor=").append(source_sentry::percent_encode(text));
    out.append(">; rel=\"").append(relation).append("\"; results=\"");
    out.append(results ? "true\"" : "false\"");
    return bare ? out : out.append("; cursor=\"").append(text).append("\"");
  };
  const std::string both = entry("previous", links.previous, links.has_previous) + ", " +
                           entry("next", links.next, links.has_next);
  return as_set ? "{'" + both + "'}" : both;
}

Page glitchtip_page(const Call& call, std::size_t total,
                    const std::function<Instant(std::size_t)>& time_of) {
  auto cursor = request_cursor(call);
  if (cursor) cursor->offset = std::clamp<std::int64_t>(cursor->offset, 0, kGlitchtipTies);
  const Keyset keys{total, 1,
                    [&](std::size_t row) { return time_of(row).time_since_epoch().count(); }};
  return keyset_page(keys, request_page_size(call), cursor);
}

void add_hits(Answer& answer, std::size_t total) {
  answer.headers.emplace_back("X-Hits", std::to_string(std::min(total, kGlitchtipHits)));
  answer.headers.emplace_back("X-Max-Hits", std::to_string(kGlitchtipHits));
}

bool glitchtip_lacks(const RouteSpec& route) {
  return route.handler == explore_events || route.handler == list_organization_keys ||
         (route.pattern.starts_with("/organizations/{o}/issues/{id}/") &&
          !route.pattern.ends_with("/hashes/")) ||
         (route.list != nullptr && !route.list->on_glitchtip);
}

std::span<const string_view> glitchtip_scopes(const RouteSpec& route) {
  if (route.pattern.ends_with("/releases/")) return kReleaseScopes;
  if (route.handler == list_events || route.handler == show_event) return kEventScopes;
  return route.scopes;
}

void reword_as_glitchtip(Answer& answer) {
  if (answer.status != 401 && answer.status != 403 && answer.status != 404) return;
  answer.headers.clear();
  answer.content_type = "application/json";
  answer.body = answer.status == 401   ? R"({"detail":"Unauthorized"})"
                : answer.status == 403 ? R"({"detail":"Permission denied"})"
                                       : R"({"detail":"Not Found"})";
}

}  // namespace sandbox
