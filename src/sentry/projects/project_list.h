#pragma once

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/fetch/fetcher.h"
#include "engine/plan/list_census.h"
#include "json/record_splitter.h"
#include "sentry/config.h"
#include "sentry/projects/project_facts.h"

namespace source_sentry {

/// The routes to the list of the organization's projects.
std::vector<Route> project_list_routes(const Config& config);

/// The projects of an organization, as pages of a list name them.
struct ProjectList {
  explicit ProjectList(const std::string& of) : organization(of) {}

  /// Adds a page, or a slice of one.
  void add(const RecordPage& page);

  const std::string& organization;
  std::vector<ProjectFacts> projects{};
  std::set<std::string> names{};
  ListCensus census{};
  std::size_t unreadable = 0;
  /// Rows that the server fails on, for people, and what it said about the first.
  std::vector<std::string> lost{};
  std::optional<ConnectorError> lost_for{};
  std::size_t foreign = 0;  ///< of other organizations
  bool maybe_glitchtip = false;
  /// Why the list of all organizations at once was used, which shows only the projects of the
  /// token's own user; nothing where it was not.
  std::optional<ConnectorError> of_user_only_for{};
  int status = 0;           ///< of the list that was refused
  bool may_be_bad = false;  ///< what was refused may have held a bad row
  TransportProblem problem = TransportProblem::kNone;
};

/// Lists the organization's projects into `found`, by the first route that answers, and steps over
/// rows that the server fails on. Throws the ConnectorError of a list that cannot be read to its
/// end.
void list_projects(const Config& config, Fetcher& fetcher, ProjectList& found);

}  // namespace source_sentry
