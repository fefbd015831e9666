#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sentry/streams/spec/stream_spec.h"

namespace source_sentry {

/// A list as it is, newest first, instead of a search.
Route unsearched(Route list, std::string query);

/// The ways to list a project's issues. `plain`: the organization's list, for the project alone.
std::vector<Route> issue_routes(Route plain, const StreamScope& scope);

/// The ways to list all issues of a project that Sentry still finds, whatever their time, newest
/// created first: an order in which they do not move while it is read.
std::vector<Route> whole_issue_lists(Route plain, const StreamScope& scope);

/// One list for several projects, named by their ids, since `project` may be repeated. If one of
/// them may not be read, Sentry answers 403 for all.
Route issues_of_projects(const StreamScope& scope, const std::vector<std::string>& ids);

/// The id of the project that an issue belongs to.
std::string project_of_issue(std::string_view issue);

}  // namespace source_sentry
