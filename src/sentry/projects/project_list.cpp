#include "sentry/projects/project_list.h"

#include <spdlog/spdlog.h>

#include <optional>
#include <utility>

#include "engine/fetch/page_walk.h"
#include "engine/plan/another_way.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"

namespace source_sentry {
namespace {

/// Lists of an organization's projects leave the organization out. These two are in no list of
/// Sentry's; other servers' documents may have them, too, so the document decides.
bool may_be_glitchtip(const std::vector<Member>& listed) {
  return !find_value(listed, "eventThrottleRate").empty() ||
         !find_value(listed, "scrubIPAddresses").empty();
}

/// Lists by one of the routes. False when another one may do better.
bool list_by(const Listing& list, Fetcher& fetcher, ProjectList& found) {
  const Route& route = list.route;
  constexpr std::size_t kMostPasses = 3;
  for (std::size_t pass = 1;; ++pass) {
    const std::size_t known = found.names.size();
    found.unreadable = 0;
    found.lost.clear();
    const bool otherwise = found.census.sign().has_value();
    PageWalk walk(fetcher, list, otherwise ? in_another_way(route.query, pass - 1) : route.query,
                  nullptr, "");
    walk.step_over_rows([&](const std::string& where, const ConnectorError& why) {
      spdlog::warn("{} of {} is left out, since it cannot be read. {}", where, route.what,
                   why.message());
      found.lost.push_back(where);
      if (!found.lost_for) found.lost_for = why;
      found.census.lose_row();
    });
    found.census.begin_pass();
    auto turn = walk.next(false);
    if (turn == PageWalk::Turn::kRefused) {
      found.status = walk.status();
      found.problem = walk.problem();
      found.may_be_bad = walk.refusal().data_may_be_bad;
      if (pass > 1 || !list.other_route || !walk.refusal().other_route_may_help)
        throw *walk.refusal().error;
      spdlog::info("{}; trying another route.", walk.refusal().error->detail());
      found.of_user_only_for = walk.refusal().error;
      return false;
    }
    std::size_t pages = 0;
    for (; turn == PageWalk::Turn::kPage; turn = walk.next(false), ++pages) {
      do {
        found.add(walk.records());
        found.census.add(walk.records(), walk.counted(), walk.count_is_capped());
      } while (walk.next_slice());
    }
    if (found.census.sign() && pass < kMostPasses) continue;
    // Pages go by number: a project that is deleted meanwhile hides another one. So a list longer
    // than a page is repeated until that brings nothing new.
    if (pages < 2 || found.names.size() == known || pass == kMostPasses) return true;
  }
}

}  // namespace

void ProjectList::add(const RecordPage& page) {
  unreadable += page.not_objects + page.empty;
  for (const RecordView& record : page.records) {
    const std::vector<Member> members = top_level_members(record.json);
    if (!is_of(organization, members)) {
      ++foreign;
      continue;
    }
    ProjectFacts facts = facts_of(members);
    maybe_glitchtip = maybe_glitchtip || may_be_glitchtip(members);
    if (facts.slug.empty()) {
      ++unreadable;
    } else if (names.insert(facts.slug).second) {
      projects.push_back(std::move(facts));
    }
  }
}

std::vector<Route> project_list_routes(const Config& config) {
  const Route today = {.path = config.organization_path() + "projects/",
                       .query = "per_page=100",
                       .probe_query = "per_page=1",
                       .is_meant =
                           [organization = config.organization](std::string_view project) {
                             return is_of(organization, top_level_members(project));
                           },
                       .rate_group = kDefaultGroup,
                       .failure_group = "list of projects",
                       .what = "the projects of the organization \"" + config.organization + "\"",
                       .scopes = scopes::kProjectList};
  Route old = today;  // deprecated, off for minutes at a time; lists all organizations of the token
  old.path = "projects/";
  old.scopes = scopes::kOldProjectList;
  return {today, old};
}

void list_projects(const Config& config, Fetcher& fetcher, ProjectList& found) {
  const RowShape shape{.id_key = "id", .page_rows = 100};
  const std::vector<Route> routes = project_list_routes(config);
  if (list_by({shape, routes.front(), true}, fetcher, found)) return;
  const bool may_be_bad = found.may_be_bad;
  try {
    list_by({shape, routes.back()}, fetcher, found);
  } catch (const ConnectorError&) {
    // A row of the first page may have been bad, and the others may be readable.
    if (!may_be_bad) throw;
    found.of_user_only_for.reset();
    list_by({shape, routes.front()}, fetcher, found);
  }
}

}  // namespace source_sentry
