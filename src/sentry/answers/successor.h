#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace source_sentry {

/// The one of `paths` (below the API's root, as routes have them) that the header
/// X-Sentry-Replacement-Endpoint of a route that is switched off names: a path whose variable parts
/// are written ":name" or "{name}". Empty when it names none of them.
std::string successor_among(std::string_view named, const std::vector<std::string>& paths);

}  // namespace source_sentry
