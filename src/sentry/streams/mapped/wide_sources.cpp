#include "sentry/streams/mapped/wide_sources.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/percent.h"
#include "mapping/shape/mapped_stream.h"
#include "sentry/answers/scopes.h"
#include "sentry/embedded.h"
#include "sentry/limits.h"
#include "sentry/streams/families/issues.h"

namespace source_sentry {
namespace {

constexpr char kTags[] = "__tags";
constexpr char kMembers[] = "__members";
constexpr char kUsualTag[] = "environment";  // as Port's integration has it

/// The schema of that stream, and one member more.
std::string schema_with(const char* stream, const char* member, const char* type) {
  auto schema = nlohmann::ordered_json::parse(embedded_schema(stream));
  schema["properties"][member] = {{"type", {"null", type}}, {"additionalProperties", true}};
  return schema.dump();
}

std::string path_of_values(const std::string& owner, const std::string& tag) {
  return owner + "tags/" + percent_encode(tag.empty() ? kUsualTag : tag) + "/values/";
}

/// A project for each value of the tag.
StreamSpec projects_with_tag(StreamSpec spec, const std::string& tag) {
  spec.things = "values of a tag";
  spec.primary_key.clear();
  spec.rows_id = "id";
  spec.schema = schema_with("project_detail", kTags, "object");
  spec.children = {.paths = {path_of_values("projects/{org}/{project}/", tag)},
                   .id_key = "value",
                   .of = "project {project}",
                   .rate_group = kIssueTagsGroup,
                   .as_member = kTags,
                   .may_be_none = true};
  return spec;
}

/// An issue with the list of the tag's values.
StreamSpec issues_with_tag(const std::string& tag) {
  StreamSpec spec = child_of_issue(
      {.name = std::string(kIssuesWithTag),
       .things = "values of a tag",
       .cursor_key = "lastSeen",
       .schema = schema_with("issues", kTags, "array"),
       .children = {{.paths = {path_of_values("organizations/{org}/issues/{row.id}/", tag),
                               path_of_values("issues/{row.id}/", tag)},
                     .id_key = "value",
                     .rate_group = kTagValuesGroup,
                     .as_member = kTags,
                     .gathered = true,
                     .may_be_none = true}}},
      true);
  return spec;
}

/// A team with its projects, which the stream of teams leaves out, and perhaps with its members.
StreamSpec teams_in_full(StreamSpec spec, bool with_members) {
  spec.query = "per_page=100";
  spec.probe_query = "per_page=1";
  if (!with_members) return spec;
  spec.things = "members of teams";
  spec.by_contents = false;
  spec.schema = schema_with("teams", kMembers, "array");
  spec.children = {.paths = {"teams/{org}/{row.slug}/members/"},
                   .of = "team {row.slug}",
                   .scopes = scopes::kTeamMembers,
                   .as_member = kMembers,
                   .gathered = true};
  return spec;
}

}  // namespace

std::optional<StreamSpec> wide_source(std::string_view name, const std::string& tag,
                                      const std::vector<StreamSpec>& rows) {
  const auto row = [&](const char* stream) {
    return *std::find_if(rows.begin(), rows.end(),
                         [&](const StreamSpec& spec) { return spec.name == stream; });
  };
  std::optional<StreamSpec> spec;
  if (name == kProjectsWithTag) spec = projects_with_tag(row("project_detail"), tag);
  if (name == kIssuesWithTag) spec = issues_with_tag(tag);
  if (name == kTeamsWithProjects) spec = teams_in_full(row("teams"), false);
  if (name == kTeamsWithMembers) spec = teams_in_full(row("teams"), true);
  if (spec) spec->name = name;
  return spec;
}

}  // namespace source_sentry
