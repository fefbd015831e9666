#include "sentry/streams/people.h"

#include "sentry/answers/scopes.h"

namespace source_sentry {

std::vector<StreamSpec> people_streams() {
  return {
      {.name = "teams",
       .docs = "Teams of the organization.",
       .path = "organizations/{org}/teams/",
       // Without `detailed=0` every team carries all its projects.
       .query = "detailed=0&per_page=100",
       .probe_query = "detailed=0&per_page=1",
       .scopes = scopes::kOrganization},
  };
}

}  // namespace source_sentry
