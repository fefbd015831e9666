#include "sentry/streams/project_records.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "json/members.h"
#include "sentry/streams/stream_spec.h"

namespace source_sentry {
namespace {

/// What the deprecated list of projects has and the organization's list has not.
constexpr std::array<std::string_view, 6> kOnlyInDetail = {"avatar",   "color",        "isInternal",
                                                           "isPublic", "organization", "status"};

std::string slug_of(const std::vector<Member>& members) {
  return text_of_value(find_value(members, "slug"));
}

bool wants_details(const std::vector<std::string>& fields) {
  return fields.empty() || std::any_of(fields.begin(), fields.end(), [](const std::string& field) {
           return std::find(kOnlyInDetail.begin(), kOnlyInDetail.end(), field) !=
                  kOnlyInDetail.end();
         });
}

std::string completed(std::string_view record, const std::vector<Member>& members,
                      const std::string& detail) {
  std::string text(record);
  const std::vector<Member> more = top_level_members(detail);
  for (const std::string_view key : kOnlyInDetail) {
    const std::string_view value = find_value(more, key);
    if (value.empty() || !find_value(members, key).empty()) continue;
    text.pop_back();  // the closing brace
    text.append(",\"").append(key).append("\":").append(value).append("}");
  }
  return text;
}

}  // namespace

RecordMapper complete_projects(const StreamScope& scope) {
  if (!wants_details(scope.fields)) return nullptr;
  constexpr int kForbidden = 403;
  constexpr int kNotFound = 404;
  return [&lookup = scope.lookup, comes_again = scope.comes_again,
          told = std::make_shared<std::atomic<bool>>(false)](
             std::string_view record, Fetcher& fetcher) -> std::optional<std::string> {
    const std::vector<Member> members = top_level_members(record);
    const bool complete =
        std::all_of(kOnlyInDetail.begin(), kOnlyInDetail.end(),
                    [&](std::string_view key) { return !find_value(members, key).empty(); });
    const std::string slug = slug_of(members);
    if (complete || slug.empty()) return std::string(record);
    const auto detail = lookup.detail(slug, text_of_value(find_value(members, "id")), fetcher);
    if (!detail->error) return completed(record, members, detail->json);
    // What the token may never read, and what is gone, would be no different next time. What the
    // server fails to give may be there then, or never: the record does without, and comes again.
    if (detail->status != kForbidden && detail->status != kNotFound) {
      if (detail->refused) throw RefusedRecord(*detail->error);
      if (detail->error->kind() == FailureKind::kConfig) throw *detail->error;
      if (comes_again) *comes_again = true;
    }
    if (!told->exchange(true)) {
      spdlog::warn(
          "Projects whose details cannot be read are written without them, {} among them: {}", slug,
          detail->error->message());
    }
    return std::string(record);
  };
}

RecordMapper projects_in_detail(const StreamScope& scope) {
  return [&lookup = scope.lookup](std::string_view record,
                                  Fetcher& fetcher) -> std::optional<std::string> {
    const std::vector<Member> members = top_level_members(record);
    const std::string slug = slug_of(members);
    if (slug.empty()) {
      throw ConnectorError(FailureKind::kSystem,
                           "A listed project has no slug, so its details cannot be asked for.");
    }
    const auto detail = lookup.detail(slug, text_of_value(find_value(members, "id")), fetcher);
    if (detail->status == 404) {
      spdlog::warn("The project {} is left out: it was deleted after it was listed.", slug);
      return std::nullopt;
    }
    if (detail->refused) throw RefusedRecord(*detail->error);
    if (detail->error) throw *detail->error;
    return detail->json;
  };
}

}  // namespace source_sentry
