#include "sentry/streams/families/code.h"

#include "engine/fetch/page_size.h"
#include "sentry/answers/scopes.h"
#include "sentry/streams/families/of_project.h"

namespace source_sentry {
namespace {

/// Old servers refuse project -1 where the token may not see every project.
std::vector<Route> environment_routes(const Route& list, const StreamScope& scope) {
  Route plain = list;
  plain.query = plain.probe_query = "visibility=all";
  if (scope.glitchtip) {
    plain.query = "visibility=all&limit=100";
    return {plain};
  }
  return {list, plain};
}

}  // namespace

std::vector<StreamSpec> code_streams() {
  return {
      {.name = "environments",
       .docs = "Environments that events of the organization have named, hidden ones included.",
       .path = "organizations/{org}/environments/",
       // The whole list at once. The defaults leave out hidden ones and those of projects that the
       // token's owner is not a member of.
       .query = "visibility=all&project=-1",
       .probe_query = "visibility=all&project=-1",
       .page_rows = kWholeList,
       .scopes = scopes::kOrganization,
       .by_contents = true,
       .routes = environment_routes},
      {.name = "project_environments",
       .docs = "Environments of each project, and whether they are hidden there.",
       .remarks = "`id` is that of the link between the two: join with environments by name.",
       .path = "projects/{org}/{project}/environments/",
       .query = "visibility=all",
       .probe_query = "visibility=all",
       .page_rows = kWholeList,
       .things = "environments",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true},
      {.name = "repositories",
       .docs = "Repositories that the organization has connected.",
       .remarks = "Those that are switched off are left out.",
       .path = "organizations/{org}/repos/",
       // Without a status, or with an empty one, versions differ in what they show.
       .query = "status=active&per_page=100",
       .probe_query = "status=active&per_page=1",
       .scopes = scopes::kOrganization,
       .by_contents = true},
      {.name = "project_ownership",
       .docs = "Ownership rules of each project.",
       .path = "projects/{org}/{project}/ownership/",
       .query = "",
       .probe_query = "",
       .root = RecordSplitter::Root::kObject,
       .page_rows = 1,
       .things = "ownership rules",
       .scopes = scopes::kProject,
       .primary_key = {"projectId"},
       .injected = of_project()},
      {.name = "codeowners",
       .docs = "CODEOWNERS files of each project, and what Sentry made of them.",
       .promise = Promise::kPrivate,
       .path = "projects/{org}/{project}/codeowners/",
       .query = "",
       .probe_query = "",
       .page_rows = kWholeList,
       .things = "CODEOWNERS files",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true},
      {.name = "symbol_sources",
       .docs = "Where each project's symbols come from, without their passwords.",
       .remarks = "Sentry hides the passwords itself.",
       .path = "projects/{org}/{project}/symbol-sources/",
       .query = "",
       .probe_query = "",
       .page_rows = kWholeList,
       .things = "symbol sources",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true},
      {.name = "debug_files",
       .docs = "Debug information files of each project, without their contents.",
       .path = "projects/{org}/{project}/files/dsyms/",
       .page_rows = 20,
       .things = "debug files",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true},
  };
}

}  // namespace source_sentry
