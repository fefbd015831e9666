#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace source_sentry {

/// Whether a stream can be read.
struct StreamFinding {
  enum class Kind {
    kReadable,
    kForbidden,  ///< the token lacks a scope, or access to the project
    kUnknown,    ///< there is no such project or organization, or none that the token may see
    kNoFeature,  ///< the server lacks the route, or has the feature switched off
    kFailed,     ///< anything else, as `error` says
    kUntried,    ///< nothing was asked
  };

  std::string_view stream;
  std::string_view group{};  ///< the stream's, see stream_groups.h
  Kind kind = Kind::kReadable;
  std::string scopes;  ///< those that would open it, where it is forbidden
  std::optional<ConnectorError>
      error;  ///< what a read would say; set for all but kReadable and kUntried
};

/// What is missing, for the person in Airbyte's form; empty when nothing is. Streams that were not
/// tried are left out.
std::string explain(const std::vector<StreamFinding>& findings);

/// Those by which a connection is judged: of the core streams, and of those that the configuration
/// makes itself.
std::vector<StreamFinding> judged_of(const std::vector<StreamFinding>& findings);

/// What the server does not accept of what the configuration's own streams ask for, in its words;
/// empty where there is nothing.
std::string mistakes_in(const std::vector<StreamFinding>& findings);

/// Logs what was found of each stream, and what the token can read of each group but the core.
void log_findings(const std::vector<StreamFinding>& findings);

}  // namespace source_sentry
