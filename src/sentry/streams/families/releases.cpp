#include "sentry/streams/families/releases.h"

#include <chrono>

#include "json/members.h"
#include "sentry/answers/scopes.h"
#include "sentry/streams/spec/releases.h"
#include "sentry/streams/spec/signals.h"

namespace source_sentry {
namespace {

const std::vector<InjectedMember> kVersion = {{"releaseVersion", "{row.version}"}};

/// The children of the organization's releases.
StreamSpec child_of_release(StreamSpec spec) {
  spec.path = "organizations/{org}/releases/";
  // As for the releases themselves.
  spec.query = "project=-1&status=&per_page=100";
  spec.probe_query = "project=-1&status=&per_page=1";
  spec.scopes = scopes::kReleases;
  spec.rows_id = "version";
  spec.routes = release_routes;
  spec.children->of = "release {row.version}";
  spec.children->injected = kVersion;
  return spec;
}

bool has_deploys(std::string_view release, const Config& /*config*/) {
  return member_value(release, "deployCount") != "0";
}

bool has_commits(std::string_view release, const Config& /*config*/) {
  return member_value(release, "commitCount") != "0";
}

}  // namespace

std::vector<StreamSpec> releases_streams() {
  return {
      child_of_release(
          {.name = "release_deploys",
           .docs = "Deploys of each release.",
           .things = "deploys",
           .children = {{.paths = {"organizations/{org}/releases/{row.version}/deploys/"},
                         .wanted = has_deploys}},
           .visits_changed =
               members_moved({"deployCount", "lastDeploy.id", "lastDeploy.dateFinished"})}),
      child_of_release(
          {.name = "release_commits",
           .docs = "Commits of each release, with authors and pull requests.",
           .personal = {"author"},
           .things = "commits",
           .primary_key = {"releaseVersion", "id"},
           .children = {{.paths = {"organizations/{org}/releases/{row.version}/commits/"},
                         .wanted = has_commits}},
           .visits_changed = members_moved({"commitCount", "lastCommit.id"})}),
      child_of_release(
          {.name = "release_files",
           .docs = "Files of each release, such as source maps, without their contents.",
           .remarks =
               "Releases do not tell of new files: those of the last 30 days are visited once a "
               "day, and older ones once. Today's uploads are artifact bundles instead.",
           .things = "files",
           .primary_key = {"releaseVersion", "id"},
           .children = {{.paths = {"organizations/{org}/releases/{row.version}/files/"}}},
           .visits_changed = row_is_young("dateCreated", std::chrono::days(30))}),
  };
}

}  // namespace source_sentry
