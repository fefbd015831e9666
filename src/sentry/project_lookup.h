#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "engine/fetcher.h"
#include "sentry/config.h"

namespace source_sentry {

/// What a run has to know before its streams can be asked for.
struct ProjectFacts {
  std::string slug;  ///< today's, should the project have been renamed
  std::string id;    ///< numeric; empty when the token may not look it up
  Instant now;       ///< the server's clock
};

/// Looks up projects, each at most once a run, however many streams want it. Thread-safe: while one
/// worker asks, the others wait for its answer.
class ProjectLookup {
 public:
  ProjectLookup(const Config& config, Clock& clock) : config_(config), clock_(clock) {}

  /// The facts of the configured project; nothing when stopped. A token without project:read gets
  /// them as far as it may. Throws the ConnectorError that spoils the whole run (a bad token, no
  /// connection).
  std::optional<ProjectFacts> facts(Fetcher& fetcher);

  /// One project's detail document as Sentry sent it, or the error that came instead.
  struct Detail {
    std::string json;
    std::optional<ConnectorError> error;
    int status = 0;
  };

  /// The detail of the project `slug`; nothing when stopped.
  std::shared_ptr<const Detail> detail(const std::string& slug, Fetcher& fetcher);

 private:
  std::optional<ProjectFacts> look_up(Fetcher& fetcher);

  const Config& config_;
  Clock& clock_;
  std::mutex facts_mutex_;
  std::optional<ProjectFacts> facts_;
  std::optional<ConnectorError> failure_;
  std::mutex details_mutex_;
  std::map<std::string, std::shared_ptr<const Detail>> details_;
};

/// The route of one project's detail document.
Route project_route(const Config& config, const std::string& slug);

}  // namespace source_sentry
