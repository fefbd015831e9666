#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/expand/document_cache.h"
#include "engine/fetch/fetcher.h"
#include "sentry/config.h"
#include "sentry/projects/project_facts.h"

namespace source_sentry {

/// What a run is about.
struct Selection {
  std::vector<ProjectFacts> projects;  ///< those chosen by the configuration, sorted by slug
  Instant now;                         ///< the newest time that the server has shown
  std::vector<std::string> missing{};  ///< configured by name, but do not exist
  std::string of_missing{};            ///< what to tell people about those
  /// Why there should be more projects than these: some are missing, or entries of the list were
  /// unreadable.
  std::optional<ConnectorError> gap{};
  bool list_failed = false;     ///< the list of projects could not be read
  bool list_has_holes = false;  ///< or not all of its rows
};

struct ProjectList;

/// Looks up projects, each at most once a run, however many streams want it. Thread-safe: while one
/// worker asks, others that want the same wait for its answer. No lock is held while a request is
/// under way, so those that wait can be stopped.
class ProjectLookup {
 public:
  ProjectLookup(const Config& config, Clock& clock) : config_(config), clock_(clock) {}

  /// The projects to read. For a single project, a token without project:read gets the facts that
  /// it may read. Throws a ConnectorError for what spoils the whole run (a bad token, no way to the
  /// server, nothing to read). Anything else that goes wrong costs only the streams that depend on
  /// it. Throws Stopped; if the one that asks is stopped, another one asks anew.
  Selection selection(Fetcher& fetcher);

  /// The detail of the project `slug`, whose number is `id` if that is known; never null.
  std::shared_ptr<const Document> detail(const std::string& slug, const std::string& id,
                                         Fetcher& fetcher);

  /// Projects' details, by the paths of their routes.
  DocumentCache& documents() { return documents_; }

 private:
  class Turn;

  /// What Sentry says about a project that the configuration names.
  struct Asked {
    ProjectFacts facts;  ///< with today's slug; as far as known
    std::optional<ConnectorError> error{};
    int status = 0;
    TransportProblem problem = TransportProblem::kNone;
    bool unknown = false;  ///< there is none with that name
  };
  Asked ask(const std::string& name, Fetcher& fetcher);
  Selection look_up(Fetcher& fetcher);
  void add_unlisted(Selection& selection, Fetcher& fetcher);
  std::string none_named(const std::vector<std::string>& missing) const;
  std::string nothing_chosen(std::size_t listed, std::size_t foreign) const;
  ProjectList names_in_list(Fetcher& fetcher);
  void make_sure_of_organization(const ProjectList& found, Fetcher& fetcher) const;
  void tell_dialect(Selection& selection, Fetcher& fetcher);
  void take_share(Selection& selection) const;
  Selection list(Fetcher& fetcher);

  const Config& config_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any turn_over_;
  bool turn_taken_ = false;                // guarded by the mutex
  std::optional<Selection> selection_;     // guarded by the turn
  std::optional<ConnectorError> failure_;  // the same: why there is none
  DocumentCache documents_;
};

/// The route of one project's detail document. `id`: its number, if that is known.
Route project_route(const Config& config, const std::string& slug, const std::string& id = {});

/// The route of the organization's own document.
Route organization_route(const Config& config);

}  // namespace source_sentry
