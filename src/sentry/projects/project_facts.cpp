#include "sentry/projects/project_facts.h"

#include "base/text.h"
#include "json/record_splitter.h"

namespace source_sentry {
namespace {

/// Only here is GlitchTip told from Sentry: in all its versions, and in no Sentry, the organization
/// in a project says whether it is accepting events.
bool is_glitchtip(const std::vector<Member>& project) {
  const std::string_view owner = find_value(project, "organization");
  return owner.starts_with('{') &&
         !find_value(top_level_members(owner), "isAcceptingEvents").empty();
}

}  // namespace

ProjectFacts facts_of(const std::vector<Member>& members) {
  ProjectFacts facts{text_of_value(find_value(members, "slug")),
                     text_of_value(find_value(members, "id")),
                     {},
                     text_of_value(find_value(members, "dateCreated"))};
  facts.glitchtip = is_glitchtip(members);
  return facts;
}

std::optional<ProjectFacts> read_project(const std::string& json) {
  RecordPage page;
  RecordSplitter splitter("", "");
  if (splitter.split(json, RecordSplitter::Root::kObject, page)) return std::nullopt;
  if (page.records.empty()) return std::nullopt;
  ProjectFacts facts = facts_of(top_level_members(page.records.front().json));
  if (facts.slug.empty()) return std::nullopt;
  return facts;
}

bool is_of(const std::string& organization, const std::vector<Member>& members) {
  const std::string_view owner = find_value(members, "organization");
  if (!owner.starts_with('{')) return true;
  const std::vector<Member> says = top_level_members(owner);
  const std::string slug = text_of_value(find_value(says, "slug"));
  return slug.empty() || lower(slug) == lower(organization) ||
         text_of_value(find_value(says, "id")) == organization;
}

bool is_document_of(const std::string& name, const std::string& id,
                    const std::vector<Member>& members) {
  const ProjectFacts facts = facts_of(members);
  if (!id.empty() && !facts.id.empty()) return facts.id == id;
  return facts.id == name || lower(facts.slug) == lower(name);
}

}  // namespace source_sentry
