#include "sentry/answers/successor.h"

#include <algorithm>

namespace source_sentry {
namespace {

/// Removes the first part of a path.
std::string_view next_part(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view part = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return part;
}

bool fits(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    const std::string_view wanted = next_part(pattern);
    const bool variable = wanted.starts_with(':') || wanted.starts_with('{');
    if (const std::string_view part = next_part(path); !variable && wanted != part) return false;
  }
  return pattern.empty() && path.empty();
}

}  // namespace

std::string successor_among(std::string_view named, const std::vector<std::string>& paths) {
  constexpr std::string_view kRoot = "/api/0/";
  if (!named.starts_with(kRoot)) return {};
  const auto found = std::find_if(paths.begin(), paths.end(), [&](const std::string& path) {
    return fits(named.substr(kRoot.size()), path);
  });
  return found == paths.end() ? std::string() : *found;
}

}  // namespace source_sentry
