#include "sentry/projects/project_lookup.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "base/text.h"
#include "engine/expand/document_fetch.h"
#include "engine/fetch/route.h"
#include "json/members.h"
#include "sentry/answers/error_body.h"
#include "sentry/answers/scopes.h"
#include "sentry/limits.h"
#include "sentry/projects/missing_organization.h"
#include "sentry/projects/near_names.h"
#include "sentry/projects/project_list.h"
#include "sentry/projects/project_selection.h"

namespace source_sentry {
namespace {

/// A failure that every other request would meet as well: the token is bad, or there is no way to
/// the server.
bool spoils_all(int status, TransportProblem problem) {
  const bool passed_by_one =
      problem == TransportProblem::kNone || problem == TransportProblem::kTimeout ||
      problem == TransportProblem::kBroken || problem == TransportProblem::kTooLarge ||
      problem == TransportProblem::kOutOfMemory;
  return status == 401 || !passed_by_one;
}

std::vector<std::string> slugs_of(const std::vector<ProjectFacts>& projects) {
  std::vector<std::string> slugs;
  for (const ProjectFacts& facts : projects) slugs.push_back(facts.slug);
  return slugs;
}

std::string holes_in_list(const ProjectList& found) {
  constexpr std::size_t kMostNamed = 5;
  const std::size_t count = found.lost.size();
  std::string rows;
  for (std::size_t i = 0; i < std::min(count, kMostNamed); ++i) {
    rows.append(i == 0 ? "" : ", ").append(found.lost[i]);
  }
  if (count > kMostNamed) rows += " and " + std::to_string(count - kMostNamed) + " more";
  return found.lost_for->message() + " So " +
         (count == 1 ? "a project is" : std::to_string(count) + " projects are") +
         " missing here: " + rows + " of projects could not be read. All others are read.";
}

void add_gap(Selection& selection, FailureKind kind, const std::string& why) {
  selection.gap = ConnectorError(kind, selection.gap ? selection.gap->message() + " " + why : why);
}

}  // namespace

Route project_route(const Config& config, const std::string& slug, const std::string& id) {
  return {
      .path = config.project_path(slug),
      .is_meant =
          [slug, id](std::string_view document) {
            return is_document_of(slug, id, top_level_members(document));
          },
      .largest = kLargestDocument,
      .rate_group = kDefaultGroup,
      .failure_group = "projects' documents",
      .what = "the project \"" + slug + "\" of the organization \"" + config.organization + "\"",
      .scopes = scopes::kProject};
}

Route organization_route(const Config& config) {
  return {.path = config.organization_path(),
          .largest = kLargestDocument,
          .rate_group = kDefaultGroup,
          .what = "the organization \"" + config.organization + "\"",
          .scopes = scopes::kOrganization};
}

/// One thread looks at the selection at a time. Not a mutex: the one that makes it sends requests
/// and waits for them, and those that wait for the turn meanwhile must be able to stop.
class ProjectLookup::Turn {
 public:
  /// Waits until the turn is free, and takes it. Throws Stopped if a stop is requested before.
  Turn(ProjectLookup& of, const std::stop_token& stop) : of_(of) {
    std::unique_lock lock(of_.mutex_);
    if (!of_.turn_over_.wait(lock, stop, [this] { return !of_.turn_taken_; })) throw Stopped();
    of_.turn_taken_ = true;
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    {
      const std::scoped_lock lock(of_.mutex_);
      of_.turn_taken_ = false;
    }
    of_.turn_over_.notify_all();
  }

 private:
  ProjectLookup& of_;
};

Selection ProjectLookup::selection(Fetcher& fetcher) {
  const Turn turn(*this, fetcher.stop_token());
  if (failure_) throw *failure_;
  if (!selection_) {
    try {
      selection_ = config_.single_project() ? look_up(fetcher) : list(fetcher);
    } catch (const ConnectorError& error) {
      failure_ = error;
      throw;
    }
  }
  selection_->now = fetcher.server_time().value_or(clock_.now());
  return *selection_;
}

/// Follows a rename, since an old slug leads to the new one.
ProjectLookup::Asked ProjectLookup::ask(const std::string& name, Fetcher& fetcher) {
  Asked asked{{name, ""}};
  Response response;
  constexpr int kTries = 3;
  bool moved = false;
  for (int attempt = 1;;) {
    const Route route = project_route(config_, asked.facts.slug);
    const Verdict verdict = fetcher.fetch(route.path, route, response, {});
    const std::string new_slug = moved_to_slug(response);
    if (!moved && !new_slug.empty()) {
      spdlog::warn(
          "The project {} was renamed to {}; continuing with that. Change its name in the "
          "configuration.",
          name, new_slug);
      asked.facts = {new_slug, "", name};
      moved = true;
      continue;
    }
    asked.status = response.status;
    asked.problem = response.problem;
    asked.error = verdict.error;
    asked.unknown = is_gone(verdict, response.status);
    if (asked.error) return asked;
    const auto found = read_project(response.body);
    if (found && route.means(response.body)) {
      asked.facts.id = found->id;
      asked.facts.created = found->created;
      // It may have been named in another case, or by its number.
      if (found->slug != asked.facts.slug) {
        asked.facts = {found->slug, found->id, name, found->created};
      }
      asked.facts.glitchtip = found->glitchtip;
      return asked;
    }
    spdlog::warn("Sentry's answer for {} is {}.", route.what,
                 found ? "the document of something else" : "not a project's document");
    // What needs no project number is read; the project's own streams will fail.
    if (attempt == kTries) return asked;
    fetcher.pause(backoff(attempt++));
  }
}

Selection ProjectLookup::look_up(Fetcher& fetcher) {
  Selection selection;
  const Asked asked = ask(config_.project, fetcher);
  if (asked.unknown) {
    const ProjectList found = names_in_list(fetcher);
    make_sure_of_organization(found, fetcher);
    // What does not depend on it can still be read.
    selection.missing.push_back(config_.project);
    selection.of_missing = no_such_project(config_, slugs_of(found.projects));
    selection.gap =
        ConnectorError(FailureKind::kConfig, selection.of_missing, asked.error->detail());
    return selection;
  }
  if (asked.error && spoils_all(asked.status, asked.problem)) throw *asked.error;
  // Its own document cannot be read: its streams will each say whether they can be. Most need only
  // its number, which the list of projects has, too.
  ProjectFacts facts = asked.facts;
  if (facts.id.empty() && asked.status != 404) {
    const ProjectList found = names_in_list(fetcher);
    for (const ProjectFacts& listed : found.projects) {
      if (lower(listed.slug) != lower(facts.slug)) continue;
      facts.id = listed.id;
      facts.created = listed.created;
    }
  }
  if (asked.error && asked.status != 403 && asked.status != 404) {
    spdlog::warn("{} Continuing with what can be read without it.", asked.error->message());
  }
  selection.projects.push_back(std::move(facts));
  take_share(selection);
  return selection;
}

/// The list of projects where it is optional: as far as it can be read.
ProjectList ProjectLookup::names_in_list(Fetcher& fetcher) {
  ProjectList found(config_.organization);
  try {
    list_projects(config_, fetcher, found);
  } catch (const ConnectorError& error) {
    spdlog::info("The list of projects cannot be read either: {}", error.message());
  }
  return found;
}

/// Where no project is listed, the organization's name may be wrong, and then nothing can be read.
void ProjectLookup::make_sure_of_organization(const ProjectList& found, Fetcher& fetcher) const {
  if (!found.names.empty()) return;
  if (const auto wrong = no_such_organization(config_, fetcher)) throw ConnectorError(*wrong);
}

/// Each of several shards takes its own projects, by their numbers: a shard that lacks a number
/// would decide differently from those that have it.
void ProjectLookup::take_share(Selection& selection) const {
  if (config_.shard.count < 2) return;
  std::string unknown;
  std::erase_if(selection.projects, [&](const ProjectFacts& facts) {
    if (!facts.id.empty()) return !belongs_to(config_.shard, facts.id);
    unknown.append(unknown.empty() ? "\"" : ", \"").append(facts.slug).append("\"");
    return true;
  });
  if (unknown.empty()) return;
  add_gap(selection, FailureKind::kSystem,
          "Shards are told apart by the projects' numbers, and Sentry gives none of " + unknown +
              ". Give the token the scope project:read, or try again later.");
}

/// Asks for those that are configured by name but not listed: they may have been renamed, or the
/// list may hide them.
void ProjectLookup::add_unlisted(Selection& selection, Fetcher& fetcher) {
  std::vector<std::string> names = exact_names(config_.projects);
  std::erase_if(names, [&](const std::string& name) { return !is_chosen(config_.projects, name); });
  const std::size_t chosen = names.size();
  // A plain state belongs to it, whatever its name is today.
  if (!config_.project.empty()) names.push_back(config_.project);
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& name = names[i];
    const auto is_listed = [&](const std::string& slug) {
      return std::find_if(selection.projects.begin(), selection.projects.end(),
                          [&](const ProjectFacts& facts) { return facts.slug == slug; });
    };
    if (is_listed(name) != selection.projects.end()) continue;
    const Asked asked = ask(name, fetcher);
    if (const auto known = is_listed(asked.facts.slug); known != selection.projects.end()) {
      known->configured = name;
    } else if (i < chosen && asked.unknown) {
      selection.missing.push_back(name);
    } else if (i < chosen) {
      selection.projects.push_back(asked.facts);  // its streams will say what they cannot read
    }
  }
}

Selection ProjectLookup::list(Fetcher& fetcher) {
  Selection selection;
  ProjectList found(config_.organization);
  // If all projects are named, no list is needed: each is asked for by itself.
  const bool all_named =
      !config_.projects.empty() && exact_names(config_.projects).size() == config_.projects.size();
  try {
    list_projects(config_, fetcher, found);
  } catch (const ConnectorError& error) {
    if (spoils_all(found.status, found.problem)) throw;
    selection.list_failed = true;
    if (!all_named) selection.gap = error;
    constexpr int kNotFound = 404;
    if (found.status == kNotFound) make_sure_of_organization(found, fetcher);
    spdlog::warn("{} Continuing with what can be read without the list of projects.",
                 error.message());
  }
  if (!selection.list_failed) make_sure_of_organization(found, fetcher);
  if (found.of_user_only_for && !selection.list_failed && !all_named) {
    spdlog::warn(
        "{} Until then only the projects that the token's own user is a member of are listed, and "
        "the organization may have others, which are not read.",
        found.of_user_only_for->message());
  }
  const std::set<std::string>& names = found.names;
  const std::size_t unreadable = found.unreadable;
  selection.projects = std::move(found.projects);
  if (const auto sign = selection.list_failed ? std::nullopt : found.census.sign()) {
    add_gap(selection, FailureKind::kSystem,
            "Sentry does not show all of " + project_list_routes(config_).front().what + ": " +
                *sign +
                ". Try again later, and tell whoever runs the server if this keeps happening.");
  }
  if (unreadable > 0) {
    selection.gap = ConnectorError(FailureKind::kSystem,
                                   "Sentry's list of " + project_list_routes(config_).front().what +
                                       " holds " + entries_not(unreadable, "project") +
                                       ", so projects may be missing here. Try again later, and "
                                       "tell whoever runs the server if this keeps happening.");
  }
  selection.list_has_holes = !found.lost.empty();
  if (selection.list_has_holes && !selection.list_failed && !all_named) {
    add_gap(selection, found.lost_for->kind(), holes_in_list(found));
  }
  add_unlisted(selection, fetcher);
  if (found.maybe_glitchtip) tell_dialect(selection, fetcher);
  std::erase_if(selection.projects, [&](const ProjectFacts& facts) {
    return !is_chosen(config_.projects, facts.slug) &&
           (facts.configured.empty() || !is_chosen(config_.projects, facts.configured));
  });
  if (!selection.missing.empty()) {
    // The other projects' streams continue.
    selection.of_missing = none_named(selection.missing) +
                           did_you_mean(selection.missing, {names.begin(), names.end()}) +
                           " Correct projects, or take " +
                           (selection.missing.size() == 1 ? "it" : "them") + " out.";
    add_gap(selection, FailureKind::kConfig, selection.of_missing);
  } else if (selection.projects.empty() && !selection.gap) {
    throw ConnectorError(FailureKind::kConfig, nothing_chosen(names.size(), found.foreign));
  }
  take_share(selection);
  std::sort(selection.projects.begin(), selection.projects.end(),
            [](const ProjectFacts& a, const ProjectFacts& b) { return a.slug < b.slug; });
  return selection;
}

/// Asks the first project's own document whether the server is a GlitchTip, if the list may come
/// from one; the stream of projects uses the same document.
void ProjectLookup::tell_dialect(Selection& selection, Fetcher& fetcher) {
  if (selection.projects.empty()) return;
  const ProjectFacts& first = selection.projects.front();
  bool glitchtip = first.glitchtip;
  if (!glitchtip) {
    const auto document = detail(first.slug, first.id, fetcher);
    // The lists' answers tell what the token may not see.
    glitchtip = !document->error && read_project(document->json).value_or(first).glitchtip;
  }
  for (ProjectFacts& facts : selection.projects) facts.glitchtip = glitchtip;
}

std::string ProjectLookup::none_named(const std::vector<std::string>& missing) const {
  std::string list;
  for (const std::string& name : missing) {
    list.append(list.empty() ? "\"" : ", \"").append(name).append("\"");
  }
  const bool one = missing.size() == 1;
  return std::string(one ? "There is no project " : "There are no projects ") + list +
         " in the organization \"" + config_.organization + "\", or the token may not see " +
         (one ? "it." : "them.");
}

std::string ProjectLookup::nothing_chosen(std::size_t listed, std::size_t foreign) const {
  if (listed == 0 && foreign > 0) {
    return "The projects that the token sees are all of other organizations than \"" +
           config_.organization +
           "\". Put the slug of theirs into organization, or use a token of this one.";
  }
  if (listed == 0) {
    return "The token sees no project of the organization \"" + config_.organization +
           "\". Give it the scope " + scopes::kProject + ", or its owner a team with projects.";
  }
  return "None of the " + number_of(listed, "project") +
         " that the token can see is chosen by projects. Correct it, or leave it out to "
         "read every project.";
}

std::shared_ptr<const Document> ProjectLookup::detail(const std::string& slug,
                                                      const std::string& id, Fetcher& fetcher) {
  const RowShape shape{.root = RecordSplitter::Root::kObject, .id_key = "id"};
  const Route route = project_route(config_, slug, id);
  const auto route_of = [&](const RecordView&) { return std::optional(route); };
  DocumentFetch(shape, route_of, fetcher, &documents_)
      .run({{{}, id, {}}}, [](const RecordView&, const DocumentFetch::Answer&) {});
  return documents_.claim(route.path).document;
}

}  // namespace source_sentry
