#include "sandbox/api/issue_search.h"

#include <algorithm>
#include <numeric>

#include "sandbox/world/traits.h"

namespace sandbox {
namespace {

constexpr std::int64_t kMilliseconds = 1000;  // scores of times are seconds, written as these

bool in_environments(const World& world, Index serial, const std::vector<int>& wanted) {
  const auto environment = event_environment(world, serial);
  const int number = environment ? static_cast<int>(*environment) : -1;
  return std::find(wanted.begin(), wanted.end(), number) != wanted.end();
}

std::vector<Index> filtered(const World& world, std::span<const Index> events,
                            const std::vector<int>& environments) {
  std::vector<Index> kept;
  std::copy_if(events.begin(), events.end(), std::back_inserter(kept),
               [&](Index serial) { return in_environments(world, serial, environments); });
  return kept;
}

/// Calls `look(index)` for all issues of the projects. Where that is a good part of all there are,
/// in the order they lie in memory, which is several times quicker.
template <typename Look>
void for_each_issue(const World& world, std::span<const Index> projects, Look look) {
  std::size_t wanted = 0;
  std::vector<bool> selected(world.project_count());
  for (const Index project : projects) {
    selected[project] = true;
    wanted += world.project(project).issues.size();
  }
  if (wanted > world.issue_count() / 8) {
    for (Index i = 0; i < world.issue_count(); ++i) {
      if (selected[world.issue(i).project] && !world.issue(i).deleted) look(i);
    }
    return;
  }
  for (const Index project : projects) {
    for (const Index i : world.project(project).issues) look(i);
  }
}

std::int64_t score_of(const World& world, const Issue& issue, std::span<const Index> window,
                      IssueSort sort) {
  switch (sort) {
    case IssueSort::kDate:
      return std::int64_t{world.last_at(issue, window)} * kMilliseconds;
    case IssueSort::kNew:
      return std::int64_t{issue.first_at} * kMilliseconds;
    case IssueSort::kFrequency:
      return static_cast<std::int64_t>(window.size());
    case IssueSort::kUsers:
      break;
  }
  return count_visitors(world, window);
}

}  // namespace

std::optional<IssueSort> parse_issue_sort(std::string_view text) {
  if (text == "date") return IssueSort::kDate;
  if (text == "new") return IssueSort::kNew;
  if (text == "freq") return IssueSort::kFrequency;
  if (text == "user") return IssueSort::kUsers;
  return std::nullopt;
}

CountedEvents::CountedEvents(const World& world, const Issue& issue, const EventScope& scope)
    : window_(world.events_between(issue, std::max(scope.from, scope.kept_from), scope.to)),
      lifetime_(issue.events) {
  if (scope.environments.empty()) return;
  window_copy_ = filtered(world, window_, scope.environments);
  lifetime_copy_ = filtered(world, lifetime_, scope.environments);
  window_ = window_copy_;
  lifetime_ = lifetime_copy_;
}

IssueHits search_issues(const World& world, std::span<const Index> projects,
                        const IssueFilter& filter, const EventScope& scope, IssueSort sort) {
  IssueHits hits;
  std::vector<std::pair<std::int64_t, Index>> found;
  for_each_issue(world, projects, [&](Index index) {
    const Issue& issue = world.issue(index);
    const bool kept = issue.last_at >= scope.kept_from;
    if (!kept || !filter.row_matches(issue)) return;
    ++hits.candidates;
    const auto whole = world.events_between(issue, std::max(scope.from, scope.kept_from), scope.to);
    if (whole.empty()) return;
    if (scope.environments.empty()) {
      if (filter.events_match(issue, whole)) {
        found.emplace_back(score_of(world, issue, whole, sort), index);
      }
      return;
    }
    const std::vector<Index> part = filtered(world, whole, scope.environments);
    if (!part.empty() && filter.events_match(issue, part)) {
      found.emplace_back(score_of(world, issue, part, sort), index);
    }
  });
  // Issues are numbered in the order of their ids.
  std::sort(found.begin(), found.end(), std::greater<>());
  hits.scores.reserve(found.size());
  hits.issues.reserve(found.size());
  for (const auto& [score, index] : found) {
    hits.scores.push_back(score);
    hits.issues.push_back(index);
  }
  return hits;
}

}  // namespace sandbox
