#include "sentry/answers/scopes.h"

#include <algorithm>

#include "sentry/answers/error_body.h"

namespace source_sentry {

std::string scopes_named_in(std::string_view header) {
  constexpr std::string_view kMark = "scope=\"";
  constexpr std::size_t kMost = 6;
  const std::size_t at = header.find(kMark);
  if (at == std::string_view::npos) return {};
  header.remove_prefix(at + kMark.size());
  header = header.substr(0, header.find('"'));
  std::string list;
  for (std::size_t count = 0; !header.empty() && count < kMost;) {
    const std::string_view scope = header.substr(0, header.find(' '));
    header.remove_prefix(std::min(scope.size() + 1, header.size()));
    if (scope.empty()) continue;
    list.append(list.empty() ? "" : " or ").append(shown(scope));
    ++count;
  }
  return list;
}

std::string scope_to_give(const Route& route, const std::string& said, const std::string& named) {
  // Of theirs, the one that we know allows least.
  if (!named.empty() && named.find(route.scopes) == std::string::npos) return named;
  // GlitchTip's words since version 4; Sentry and older ones write "You do not have permission to
  // perform this action."
  const bool is_glitchtip = named.empty() && said == "Permission denied";
  return is_glitchtip && !route.scopes_of_glitchtip.empty() ? route.scopes_of_glitchtip
                                                            : route.scopes;
}

}  // namespace source_sentry
