#pragma once

#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// The streams of what belongs to issues, see stream_table.
std::vector<StreamSpec> issues_streams();

/// The children of a project's issues. `moving`: the issue's own time tells of new ones; else
/// `visits_changed` has to. `query`, if it begins with &, is added to that of the issues.
StreamSpec child_of_issue(StreamSpec spec, bool moving);

}  // namespace source_sentry
