#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "sentry/projects/project_lookup.h"
#include "sentry/source/probe.h"

namespace source_sentry {

/// Whether a stream can be read.
struct StreamFinding {
  enum class Kind {
    kReadable,
    kForbidden,  ///< the token lacks a scope, or access to the project
    kUnknown,    ///< there is no such project or organization, or none that the token may see
    kNoFeature,  ///< the server lacks the route, or has the feature switched off
    kFailed,     ///< anything else, as `error` says
  };

  std::string_view stream;
  Kind kind = Kind::kReadable;
  std::string scopes;                   ///< those that would open it, where it is forbidden
  std::optional<ConnectorError> error;  ///< what a read would say; set for all but kReadable
};

/// Asks the routes of every stream for one row, several at the same time and each route once, and
/// gives the results in the table's order. `samples`: the projects that represent all.
/// `of_no_project`: the result for the streams that are read project by project if the projects
/// themselves are unknown.
std::vector<StreamFinding> probe_streams(const Config& config,
                                         const std::vector<ProjectFacts>& samples, Instant now,
                                         const ProbeContext& context,
                                         const std::optional<StreamFinding>& of_no_project = {});

/// What an answer says about a stream.
StreamFinding finding_of(const Verdict& verdict, const Response& response);

/// What is missing, for the person in Airbyte's form; empty when nothing is.
std::string explain(const std::vector<StreamFinding>& findings);

}  // namespace source_sentry
