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
      {.name = "artifact_bundles",
       .docs = "Bundles of source files and source maps of each project, without their contents.",
       .promise = Promise::kPrivate,
       .path = "projects/{org}/{project}/files/artifact-bundles/",
       // The default order is newest first, in which a new one moves all others.
       .query = "sortBy=date_added&per_page=100",
       .probe_query = "sortBy=date_added&per_page=1",
       .page_rows = 10,
       .things = "artifact bundles",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "bundleId"},
       .injected = of_project(),
       .by_contents = true},
      {.name = "source_map_archives",
       .docs = "How many files of each release of a project are stored in the older form.",
       .remarks = "`fileCount` is -1 where Sentry has not counted them. What is uploaded today "
                  "is in `artifact_bundles`.",
       .promise = Promise::kPrivate,
       .path = "projects/{org}/{project}/files/source-maps/",
       .query = "sortBy=date_added&per_page=100",
       .probe_query = "sortBy=date_added&per_page=1",
       .page_rows = 10,
       .things = "source map archives",
       .scopes = scopes::kProject,
       .primary_key = {"projectId", "id"},
       .injected = of_project(),
       .by_contents = true,
       .id_is_number = true},
      {.name = "builds",
       .docs = "Builds of mobile applications that were uploaded, with their sizes.",
       .remarks = "Some servers ask for a feature that is not generally there, and say so. Builds "
                  "that Sentry cannot show are left out by it without a word.",
       .promise = Promise::kExperimental,
       .path = "organizations/{org}/builds/",
       .query = "project=-1&per_page=100",
       .probe_query = "project=-1&per_page=1",
       .page_rows = 25,
       .scopes = scopes::kOrganization,
       .by_contents = true,
       .unstable = {"distribution_info.download_count"}},
  };
}

}  // namespace source_sentry
