#include "sentry/streams/families/people.h"

#include "base/text.h"
#include "engine/fetch/page_size.h"
#include "json/members.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"
#include "sentry/streams/families/of_project.h"

namespace source_sentry {
namespace {

/// What moves in a user's document on every visit to Sentry.
const std::vector<std::string> kVisits = {"user.lastActive", "user.lastLogin", "lastActive",
                                          "lastLogin"};

/// Old servers refuse project -1 where the token may not see every project.
std::vector<Route> user_routes(const Route& list, const StreamScope& /*scope*/) {
  Route plain = list;
  plain.query = plain.probe_query = "";
  return {list, plain};
}

/// Whether a row of the list of organizations is the configured one.
bool is_organization(std::string_view row, const std::string& slug) {
  return lower(text_of_value(member_value(row, "slug"))) == lower(slug);
}

}  // namespace

std::vector<StreamSpec> people_streams() {
  return {
      {.name = "organizations",
       .docs = "The organization.",
       .remarks = "Only the configured one is read, though the list may hold others.",
       .path = "organizations/",
       .scopes = scopes::kOrganization,
       .by_contents = true,
       // What the token may do there, and what its user has done.
       .unstable = {"access", "onboardingTasks", "extraOptions"},
       .routes = [](Route list, const StreamScope& scope) -> std::vector<Route> {
         list.is_meant = [slug = scope.config.organization](std::string_view row) {
           return is_organization(row, slug);
         };
         return {list};
       }},
      {.name = "teams",
       .docs = "Teams of the organization.",
       .path = "organizations/{org}/teams/",
       // Without `detailed=0` every team carries all its projects.
       .query = "detailed=0&per_page=100",
       .probe_query = "detailed=0&per_page=1",
       .scopes = scopes::kOrganization,
       .by_contents = true},
      {.name = "organization_members",
       .docs = "Members of the organization and pending invitations.",
       .remarks = "`id` is that of the membership: who leaves and comes back has a new one.",
       .personal = {"email", "name", "user", "inviterName"},
       .path = "organizations/{org}/members/",
       .rate_group = kMembersGroup,
       .things = "members",
       .scopes = scopes::kMembers,
       .by_contents = true,
       .unstable = kVisits},
      {.name = "team_members",
       .docs = "Who is in which team.",
       .remarks = "Teams do not tell of a change, so all of them are asked.",
       .personal = {"email", "name", "user", "inviterName"},
       .path = "organizations/{org}/teams/",
       .query = "detailed=0&per_page=100",
       .probe_query = "detailed=0&per_page=1",
       .things = "members",
       .scopes = scopes::kOrganization,
       .primary_key = {"teamId", "id"},
       .rows_id = "id",
       .children = {{.paths = {"teams/{org}/{row.slug}/members/"},
                     .of = "team {row.slug}",
                     .injected = {{"teamId", "{row.id}"}, {"teamSlug", "{row.slug}"}},
                     .scopes = scopes::kTeamMembers}}},
      {.name = "project_members",
       .docs = "Who is in a team of each project.",
       .remarks = "`id` is that of the membership in the organization.",
       .personal = {"email", "name", "user", "inviterName"},
       .path = "projects/{org}/{project}/members/",
       .query = "",
       .probe_query = "",
       .page_rows = kWholeList,
       .things = "members",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true,
       .unstable = kVisits},
      {.name = "organization_users",
       .docs = "Who is in a team of any project, with the slugs of those projects.",
       .remarks = "`id` is that of the membership in the organization. Who is in no team of a "
                  "project is left out, and so is who is only invited.",
       .promise = Promise::kPrivate,
       .personal = {"email", "name", "user", "inviterName"},
       .path = "organizations/{org}/users/",
       .query = "project=-1",
       .probe_query = "project=-1",
       .page_rows = kWholeList,
       .things = "users",
       .scopes = scopes::kOrganization,
       .by_contents = true,
       .unstable = kVisits,
       .routes = user_routes},
      {.name = "project_teams",
       .docs = "Which teams each project belongs to.",
       .path = "projects/{org}/{project}/teams/",
       .things = "teams",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true,
       .unstable = {"access", "hasAccess", "isMember", "isPending", "memberCount", "teamRole"}},
      {.name = "project_users",
       .docs = "Users of the project's own application, as its events name them.",
       .remarks = "sentry.io answers five requests a minute for all projects together: 500 users a "
                  "minute. One with several identifiers may come more than once.",
       .personal = {"email", "identifier", "ipAddress", "name", "tagValue", "username"},
       .path = "projects/{org}/{project}/users/",
       .rate_group = kProjectUsersGroup,
       .things = "users",
       .scopes = scopes::kProject,
       // Rows out of the event store have no id.
       .primary_key = {"projectId", "hash"},
       .injected = of_project()},
  };
}

}  // namespace source_sentry
