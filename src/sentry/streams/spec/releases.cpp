#include "sentry/streams/spec/releases.h"

#include <string_view>
#include <utility>

#include "sentry/answers/scopes.h"
#include "sentry/streams/spec/issues.h"

namespace source_sentry {

std::vector<Route> release_routes(Route all, const StreamScope& scope) {
  all.scopes_of_glitchtip = scopes::kReleasesOfGlitchTip;
  Route plain = all;  // for old servers, which refuse project=-1 and have no status
  plain.query = "per_page=100";
  plain.probe_query = "per_page=1";
  if (scope.glitchtip) {
    // It supports no window, and finds nothing in project -1.
    plain.query = "limit=100";
    plain.probe_query = "limit=1";
    plain.window_query = nullptr;
    plain.scopes = scopes::kReleasesOfGlitchTip;
    return {plain};
  }
  return {all, unsearched(all, all.query), plain, unsearched(plain, plain.query)};
}

std::vector<Route> with_and_without_project(Route all, const StreamScope& /*scope*/) {
  Route plain = all;
  for (std::string* query : {&plain.query, &plain.probe_query}) {
    constexpr std::string_view kEveryProject = "project=-1&";
    if (const std::size_t at = query->find(kEveryProject); at != query->npos) {
      query->erase(at, kEveryProject.size());
    }
  }
  return {std::move(all), std::move(plain)};
}

}  // namespace source_sentry
