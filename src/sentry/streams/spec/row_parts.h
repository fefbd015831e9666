#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

// What the rows of a list hold as records of their own, see StreamSpec::split. Each takes a row
// that RecordSplitter has checked, and gives nothing for what is not there or of another kind.

/// `tags`, with the event's `eventID` and `projectID`.
std::vector<std::string> event_tags(std::string_view event);
/// The values of its exceptions, with their place.
std::vector<std::string> event_exceptions(std::string_view event);
/// The frames of these, with the exception's place and their own.
std::vector<std::string> event_frames(std::string_view event);
/// Its breadcrumbs, with their place.
std::vector<std::string> event_breadcrumbs(std::string_view event);

/// A project's `features` and `access`, one record for each name.
std::vector<std::string> project_features(std::string_view project);
std::vector<std::string> project_access(std::string_view project);

/// Issues of other services that are linked with an issue: those of apps and of integrations.
/// Throws a ConnectorError where the issue does not tell of them: the server is too old for that.
std::vector<std::string> issue_links(std::string_view issue);

/// What a workflow did for an issue: one record, with the issue's id alone as `issueId`; none where
/// it does not say which.
std::vector<std::string> alert_fire(std::string_view fire);

/// The values that a tag of an issue shows, with its `issueId` and `key`.
std::vector<std::string> tag_values(std::string_view tag);
/// Whether these are all that it has, as it says: Sentry shows the ten most frequent ones, and
/// GlitchTip all.
bool shows_all_values(std::string_view tag);

/// A dashboard's widgets, but for those of built-in dashboards.
std::vector<std::string> dashboard_widgets(std::string_view dashboard);

}  // namespace source_sentry
