#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/fetcher.h"
#include "sentry/config.h"

namespace source_sentry {

/// What has to be known of a project before its streams can be asked for.
struct ProjectFacts {
  std::string slug;          ///< today's, should the project have been renamed
  std::string id;            ///< numeric; empty when the token may not look it up
  std::string configured{};  ///< as the configuration names it, where that is an earlier slug

  /// What it is dealt out to shards by: a number outlives a change of name.
  const std::string& shard_key() const { return id.empty() ? slug : id; }
};

/// What a run is about.
struct Selection {
  std::vector<ProjectFacts> projects;  ///< those chosen by the configuration, in order of slug
  Instant now;                         ///< the newest time that the server has shown
  std::vector<std::string> missing{};  ///< configured by name, and not among them: there is none
  /// Why there should be more projects than these: some are missing, or entries of the list could
  /// not be read.
  std::optional<ConnectorError> gap{};
};

/// What a project's document or its entry in a list says, whatever else stands in it. Nothing when
/// `json` is no valid JSON object with a slug.
std::optional<ProjectFacts> read_project(const std::string& json);

/// Looks up projects, each at most once a run, however many streams want it. Thread-safe: while one
/// worker asks, the others wait for its answer.
class ProjectLookup {
 public:
  ProjectLookup(const Config& config, Clock& clock) : config_(config), clock_(clock) {}

  /// The projects to read; nothing when stopped. For a single project, a token without
  /// project:read gets the facts as far as it may. Throws the ConnectorError that spoils the whole
  /// run (a bad token, no connection, no list of projects where one is needed).
  std::optional<Selection> selection(Fetcher& fetcher);

  /// One project's detail document as Sentry sent it, or the error that came instead.
  struct Detail {
    std::string json;
    std::optional<ConnectorError> error;
    int status = 0;
  };

  /// The detail of the project `slug`; nothing when stopped.
  std::shared_ptr<const Detail> detail(const std::string& slug, Fetcher& fetcher);

 private:
  /// What Sentry says of a project that the configuration names.
  struct Asked {
    ProjectFacts facts;  ///< with today's slug; as far as they are known
    std::optional<ConnectorError> error{};
    int status = 0;
    bool unknown = false;  ///< there is none of that name
  };
  std::optional<Asked> ask(const std::string& name, Fetcher& fetcher);
  std::optional<Selection> look_up(Fetcher& fetcher);
  bool add_unlisted(Selection& selection, Fetcher& fetcher);
  std::string none_named(const std::vector<std::string>& missing) const;
  std::string nothing_chosen(std::size_t listed) const;
  std::optional<Selection> list(Fetcher& fetcher);

  const Config& config_;
  Clock& clock_;
  std::mutex selection_mutex_;
  std::optional<Selection> selection_;
  std::optional<ConnectorError> failure_;
  std::mutex details_mutex_;
  std::map<std::string, std::shared_ptr<const Detail>> details_;
};

/// The route of one project's detail document.
Route project_route(const Config& config, const std::string& slug);

/// The route of the organization's own document.
Route organization_route(const Config& config);

/// The routes to the list of the organization's projects.
std::vector<Route> project_list_routes(const Config& config);

}  // namespace source_sentry
