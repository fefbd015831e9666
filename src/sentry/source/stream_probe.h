#pragma once

#include <optional>
#include <vector>

#include "sentry/projects/project_lookup.h"
#include "sentry/source/findings.h"
#include "sentry/source/probe.h"
#include "sentry/streams/table.h"

namespace source_sentry {

/// Asks the routes of the core streams, of those that the configuration makes itself, and of those
/// of the chosen groups, for one row, several at the same time and each route once, and gives the
/// results in the table's order. `samples`: the projects that represent all. `of_no_project`: the
/// result for the streams that are read project by project if the projects themselves are unknown.
std::vector<StreamFinding> probe_streams(const Config& config, const StreamTable& streams,
                                         const std::vector<ProjectFacts>& samples, Instant now,
                                         const ProbeContext& context,
                                         const std::optional<StreamFinding>& of_no_project = {});

/// What an answer says about a stream.
StreamFinding finding_of(const Verdict& verdict, const Response& response);

}  // namespace source_sentry
