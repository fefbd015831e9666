#pragma once

#include <optional>
#include <string>
#include <vector>

#include "json/members.h"

namespace source_sentry {

/// What has to be known of a project before its streams can be asked for.
struct ProjectFacts {
  std::string slug;          ///< today's, should the project have been renamed
  std::string id;            ///< numeric; empty when the token may not look it up
  std::string configured{};  ///< as the configuration names it, where that is an earlier slug
  std::string created{};     ///< as the server writes it; empty if unknown
  /// Whether its server is a GlitchTip, as far as what it says of the project shows.
  bool glitchtip = false;
};

/// What the members of a project's document or of its entry in a list say; empty where they say
/// nothing.
ProjectFacts facts_of(const std::vector<Member>& project);

/// The same of a text, whatever else it holds. Nothing when `json` is no valid JSON object with a
/// slug.
std::optional<ProjectFacts> read_project(const std::string& json);

/// Whether a project is of the organization that was asked for, as far as its entry says whose it
/// is. Servers take the slug in any case, and the number in its place.
bool is_of(const std::string& organization, const std::vector<Member>& members);

/// Whether a project's document is that of the one asked for: by its number where both are known,
/// else by its name, which servers take in any case, and for which they take the number.
bool is_document_of(const std::string& name, const std::string& id,
                    const std::vector<Member>& members);

}  // namespace source_sentry
