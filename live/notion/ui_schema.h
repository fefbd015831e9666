#pragma once

#include <string>

namespace source_sentry {

/// The `schema` of Sentry's integration, for pasting there: the form for a new page and the one for
/// a page that exists. `prefix`: what stands before the four paths, "/notion"; empty for nothing.
/// Throws a ConnectorError where it is no path that Sentry would take.
std::string ui_schema(const std::string& prefix = {});

/// The prefix as paths begin with it: "/notion", or empty. Throws a ConnectorError, see above.
std::string path_prefix(const std::string& text);

}  // namespace source_sentry
