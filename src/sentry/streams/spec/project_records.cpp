#include "sentry/streams/spec/project_records.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>
#include <string>
#include <string_view>

#include "json/members.h"
#include "sentry/streams/spec/stream_spec.h"

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
                      std::string_view detail) {
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

constexpr int kForbidden = 403;
constexpr int kNotFound = 404;

/// The route to the document of a listed project; nothing where the list does not say which.
std::optional<Route> document_of(const Config& config, std::string_view row) {
  const std::vector<Member> members = top_level_members(row);
  const std::string slug = slug_of(members);
  if (slug.empty()) return std::nullopt;
  return project_route(config, slug, text_of_value(find_value(members, "id")));
}

bool is_complete(std::string_view row) {
  const std::vector<Member> members = top_level_members(row);
  return std::all_of(kOnlyInDetail.begin(), kOnlyInDetail.end(),
                     [&](std::string_view key) { return !find_value(members, key).empty(); });
}

}  // namespace

Expansion complete_projects(const StreamScope& scope) {
  if (!wants_details(scope.fields)) return {};
  const auto route = [&config = scope.config](std::string_view row) {
    return is_complete(row) ? std::nullopt : document_of(config, row);
  };
  const auto record =
      [comes_again = scope.comes_again, told = std::make_shared<std::atomic<bool>>(false)](
          std::string_view row, const DocumentFetch::Answer& answer) -> std::optional<std::string> {
    const std::vector<Member> members = top_level_members(row);
    if (answer.whole) return completed(row, members, answer.whole->json);
    if (!answer.error) return std::string(row);
    // What the token may never read, what is gone, and what the server has no route for would be no
    // different next time. What the server fails to give may be there then, or never: the record
    // lacks it, and comes again.
    if (answer.status != kForbidden && answer.status != kNotFound) {
      if (answer.refused) throw RefusedRecord(*answer.error);
      if (answer.error->kind() == FailureKind::kConfig) throw ConnectorError(*answer.error);
      if (comes_again) *comes_again = true;
    }
    if (!told->exchange(true)) {
      spdlog::warn(
          "Projects whose details cannot be read are written without them, {} among them: {}",
          slug_of(members), answer.error->message());
    }
    return std::string(row);
  };
  return {route, record, &scope.lookup.documents()};
}

Expansion projects_in_detail(const StreamScope& scope) {
  const auto route = [&config = scope.config](std::string_view row) {
    return document_of(config, row);
  };
  const auto record = [](std::string_view row,
                         const DocumentFetch::Answer& answer) -> std::optional<std::string> {
    if (answer.whole) return std::string(answer.whole->json);
    if (!answer.error) {
      throw ConnectorError(FailureKind::kSystem,
                           "A listed project has no slug, so its details cannot be asked for.");
    }
    if (answer.gone) {
      spdlog::warn("The project {} is left out: it was deleted after it was listed.",
                   slug_of(top_level_members(row)));
      return std::nullopt;
    }
    if (answer.refused) throw RefusedRecord(*answer.error);
    throw ConnectorError(*answer.error);
  };
  return {route, record, &scope.lookup.documents()};
}

}  // namespace source_sentry
