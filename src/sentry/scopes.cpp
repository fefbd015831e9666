#include "sentry/scopes.h"

namespace source_sentry {

std::string scope_to_give(const Route& route, const std::string& said, const std::string& named) {
  // Of theirs the one that we know opens least.
  if (!named.empty() && named.find(route.scopes) == std::string::npos) return named;
  // GlitchTip's words since version 4; Sentry and older ones write "You do not have permission to
  // perform this action."
  const bool is_glitchtip = named.empty() && said == "Permission denied";
  return is_glitchtip && !route.scopes_of_glitchtip.empty() ? route.scopes_of_glitchtip
                                                            : route.scopes;
}

}  // namespace source_sentry
