// The part of World that tests change it with.
#include <algorithm>
#include <iterator>

#include "sandbox/world/ids.h"
#include "sandbox/world/world.h"

namespace sandbox {

void World::place_event(Index serial) {
  const Second at = tables_.events[serial].at;
  Issue& issue = tables_.issues[tables_.events[serial].issue];
  const auto by_time = [this](Index a, Index b) { return time_of(a) < time_of(b); };
  issue.events.insert(std::upper_bound(issue.events.begin(), issue.events.end(), serial, by_time),
                      serial);
  issue.first_at = tables_.events[issue.events.front()].at;
  issue.last_at = tables_.events[issue.events.back()].at;
  const bool listed = issue.kind == IssueKind::kError || issue.kind == IssueKind::kMessage;
  if (!listed) return;
  std::vector<Index>& all = tables_.projects[issue.project].events;
  const auto by_id = [this](Index a, Index b) {
    const Second first = tables_.events[a].at;
    const Second second = tables_.events[b].at;
    return first != second ? first < second : id_of(a) < id_of(b);
  };
  // Nearly always the newest, so the search from the back is short.
  if (all.empty() || tables_.events[all.back()].at < at) {
    all.push_back(serial);
  } else {
    all.insert(std::upper_bound(all.begin(), all.end(), serial, by_id), serial);
  }
}

Index World::add_issue(Index project, IssueKind kind) {
  Project& owner = tables_.projects[project];
  Issue issue;
  issue.id = next_issue_id(tables_.issues.empty() ? 0 : tables_.issues.back().id);
  issue.project = project;
  issue.kind = kind;
  issue.substatus = Substatus::kNew;
  for (const Index i : owner.issues) {
    issue.number = std::max(issue.number, tables_.issues[i].number);
  }
  ++issue.number;
  const auto index = static_cast<Index>(tables_.issues.size());
  owner.issues.push_back(index);
  tables_.issues.push_back(std::move(issue));
  return index;
}

World::NewEvents World::add_events(Index project, std::optional<Index> issue, IssueKind kind,
                                   Second at, Instant received, std::size_t count) {
  NewEvents added;
  added.issue = issue ? *issue : add_issue(project, kind);
  for (std::size_t i = 0; i < count; ++i) {
    const auto serial = static_cast<Index>(tables_.events.size());
    tables_.events.push_back({at, added.issue});
    received_[serial] = received;
    place_event(serial);
    added.serials.push_back(serial);
  }
  Issue& changed = tables_.issues[added.issue];
  // A new event reopens a resolved issue; an archived one stays archived.
  if (changed.status == IssueStatus::kResolved) {
    changed.status = IssueStatus::kUnresolved;
    changed.substatus = Substatus::kRegressed;
  }
  return added;
}

void World::set_status(Index issue, IssueStatus status, Substatus substatus) {
  tables_.issues[issue].status = status;
  tables_.issues[issue].substatus = substatus;
}

void World::set_priority(Index issue, Priority priority) {
  tables_.issues[issue].priority = priority;
}

void World::assign(Index issue, AssigneeKind kind, std::uint8_t who) {
  tables_.issues[issue].assignee = kind;
  tables_.issues[issue].assignee_index = who;
}

void World::set_comments(Index issue, std::int32_t added) {
  tables_.issues[issue].comments = added;
}

void World::merge_issue(Index from, Index into) {
  Issue& gone = tables_.issues[from];
  Issue& kept = tables_.issues[into];
  for (const Index serial : gone.events) tables_.events[serial].issue = into;
  const auto by_time = [this](Index a, Index b) { return time_of(a) < time_of(b); };
  std::vector<Index> all;
  std::merge(kept.events.begin(), kept.events.end(), gone.events.begin(), gone.events.end(),
             std::back_inserter(all), by_time);
  kept.events = std::move(all);
  kept.first_at = tables_.events[kept.events.front()].at;
  kept.last_at = tables_.events[kept.events.back()].at;
  gone.deleted = true;
  std::erase(tables_.projects[gone.project].issues, from);
}

void World::delete_issue(Index issue) {
  Issue& gone = tables_.issues[issue];
  gone.deleted = true;
  Project& owner = tables_.projects[gone.project];
  std::erase(owner.issues, issue);
  std::erase_if(owner.events, [&](Index serial) { return tables_.events[serial].issue == issue; });
}

Index World::add_release(Index project, Release release) {
  const Index organization = tables_.projects[project].organization;
  const auto earlier = [this](Instant time, Index i) { return time < tables_.releases[i].created; };
  const auto file = [&, created = release.created](std::vector<Index>& list, Index index) {
    list.insert(std::upper_bound(list.begin(), list.end(), created, earlier), index);
  };
  release.id = next_release_id(tables_.releases.empty() ? 0 : tables_.releases.back().id);
  release.projects = {project};
  const auto index = static_cast<Index>(tables_.releases.size());
  tables_.releases.push_back(std::move(release));
  file(tables_.organizations[organization].releases, index);
  file(tables_.projects[project].releases, index);
  return index;
}

void World::add_deploy(Index release, Instant finished) {
  tables_.releases[release].deploys.push_back(finished);
}

void World::set_commits(Index release, std::int32_t added, std::string last) {
  tables_.releases[release].commits_changed = added;
  tables_.releases[release].last_commit = std::move(last);
}

void World::set_deploys(Index release, std::int32_t added, std::string last) {
  tables_.releases[release].deploys_changed = added;
  tables_.releases[release].last_deploy = std::move(last);
}

void World::set_released(Index release, Instant when) { tables_.releases[release].released = when; }

void World::set_archived(Index release, bool archived) {
  tables_.releases[release].archived = archived;
}

Index World::add_project(Index organization, std::string slug, Platform platform, Instant created,
                         bool member) {
  Project project;
  project.id = next_project_id(tables_.projects.size());
  project.organization = organization;
  project.name = slug;
  project.slug = std::move(slug);
  project.platform = platform;
  project.created = created;
  project.member = member;
  project.teams = {0};
  project.keys = make_keys(tables_.seed, project, 1);
  const auto index = static_cast<Index>(tables_.projects.size());
  tables_.organizations[organization].renamed.erase(project.slug);
  tables_.projects.push_back(std::move(project));
  tables_.organizations[organization].projects.push_back(index);
  return index;
}

void World::rename_project(Index project, std::string slug) {
  Project& changed = tables_.projects[project];
  auto& renamed = tables_.organizations[changed.organization].renamed;
  for (auto& [old, present] : renamed) {
    if (present == changed.slug) present = slug;
  }
  renamed[changed.slug] = slug;
  renamed.erase(slug);
  changed.slug = std::move(slug);
}

void World::delete_project(Index project) { tables_.projects[project].deleted = true; }

}  // namespace sandbox
