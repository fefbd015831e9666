#pragma once

#include <optional>
#include <string>
#include <vector>

#include "json/members.h"

namespace source_sentry {

/// What has to be known of a project before its streams can be asked for.
struct ProjectFacts {
  std::string slug;          ///< today's, if the project has been renamed
  std::string id;            ///< numeric; empty when the token may not look it up
  std::string configured{};  ///< as the configuration names it, if that is an earlier slug
  std::string created{};     ///< as the server writes it; empty if unknown
  /// Whether its server is a GlitchTip, as far as its answer about the project shows.
  bool glitchtip = false;
};

/// The facts in the members of a project's document or of its entry in a list; empty where they are
/// missing.
ProjectFacts facts_of(const std::vector<Member>& project);

/// The same for a text, whatever else it holds. Nothing when `json` is not a valid JSON object with
/// a slug.
std::optional<ProjectFacts> read_project(const std::string& json);

/// Whether a project belongs to the organization that was asked for, as far as its entry says whose
/// it is. Servers accept the slug in any case, or the number instead.
bool is_of(const std::string& organization, const std::vector<Member>& members);

/// Whether a project's document is the one that was asked for: by its number where both are known,
/// else by its name, which servers accept in any case, or the number instead.
bool is_document_of(const std::string& name, const std::string& id,
                    const std::vector<Member>& members);

}  // namespace source_sentry
