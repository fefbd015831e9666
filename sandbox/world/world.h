#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sandbox/world/event_ids.h"
#include "sandbox/world/model.h"
#include "sandbox/world/shelves.h"

namespace sandbox {

/// All there is, as plain tables. Elements refer to each other by index.
struct WorldTables {
  std::uint64_t seed = 1;
  Second retention = 0;  ///< how long events live, in seconds
  std::vector<Organization> organizations;
  std::vector<Project> projects;
  std::vector<Issue> issues;  ///< by id, ascending
  std::vector<Event> events;  ///< by serial number
  std::vector<Release> releases;
  Second start = 0;  ///< the instant the world was drawn for
};

inline Instant to_instant(Second second) { return Instant(std::chrono::seconds(second)); }

/// The whole second an instant lies in, as the event store keeps it; 0 for times before 1970.
Second to_second(Instant when);

/// The sandbox's Sentry: tables in the orders that lists need, the look-ups that routes make, and
/// the changes that tests ask for. Not synchronized; see `LiveWorld`.
class World {
 public:
  explicit World(WorldTables tables)
      : tables_(std::move(tables)),
        drawn_events_(static_cast<Index>(tables_.events.size())),
        drawn_issues_(static_cast<Index>(tables_.issues.size())) {}

  std::uint64_t seed() const { return tables_.seed; }
  const std::vector<Organization>& organizations() const { return tables_.organizations; }
  const Organization& organization(Index index) const { return tables_.organizations[index]; }
  const Project& project(Index index) const { return tables_.projects[index]; }
  const Issue& issue(Index index) const { return tables_.issues[index]; }
  const Event& event(Index serial) const { return tables_.events[serial]; }
  const Release& release(Index index) const { return tables_.releases[index]; }
  std::size_t project_count() const { return tables_.projects.size(); }
  std::size_t issue_count() const { return tables_.issues.size(); }
  Second drawn_for() const { return tables_.start; }
  /// How many events and issues there were before tests added any.
  Index drawn_events() const { return drawn_events_; }
  Index drawn_issues() const { return drawn_issues_; }
  const Shelves& shelves() const { return shelves_; }

  /// Look-ups by slug or id, as path parts give them. Deleted things are not found.
  std::optional<Index> find_organization(std::string_view id_or_slug) const;
  std::optional<Index> find_project(Index organization, std::string_view id_or_slug) const;
  std::optional<Index> find_issue(std::uint64_t id) const;
  std::optional<Index> find_issue(Index organization, std::string_view short_id) const;
  std::optional<Index> find_release(Index organization, std::string_view version) const;
  std::optional<Index> find_event(std::string_view id) const;

  /// The present slug of a project that once had this one.
  std::optional<std::string> renamed_to(Index organization, std::string_view slug) const;

  EventId id_of(Index serial) const { return event_id(tables_.seed, serial); }

  /// An event's time with the fraction that only its body and its issue's database row keep.
  Instant time_of(Index serial) const;
  /// When an event arrived: soon after it happened, unless it was added late.
  Instant received_at(Index serial) const;
  Instant first_seen(const Issue& issue) const { return time_of(issue.events.front()); }
  Instant last_seen(const Issue& issue) const { return time_of(issue.events.back()); }

  /// What a list shows: an unresolved issue past its project's resolve age reads as resolved while
  /// the search still finds it as unresolved (sentry-api.md 4.2, rows dropped after the search).
  IssueStatus shown_status(const Issue& issue, Instant now) const;

  std::string short_id(const Issue& issue) const;

  /// A project's error and default events in [from, to), oldest first; ties by id.
  std::span<const Index> events_between(const Project& project, Second from, Second to) const {
    return between(project.events, from, to);
  }

  /// An issue's events in [from, to), oldest first.
  std::span<const Index> events_between(const Issue& issue, Second from, Second to) const {
    // Most windows hold all of an issue's events or none.
    if (issue.first_at >= from && issue.last_at < to) return issue.events;
    if (issue.first_at >= to || issue.last_at < from) return {};
    return between(issue.events, from, to);
  }

  /// The second of the last event of `window`, which are events of the issue.
  Second last_at(const Issue& issue, std::span<const Index> window) const {
    return window.size() == issue.events.size() ? issue.last_at : event(window.back()).at;
  }

  /// The first second whose events are still kept at `now`.
  Second kept_from(Instant now) const;

  /// The release a project ran at that time.
  std::optional<Index> release_at(const Project& project, Second when) const;

  /// When a project ran a release: [start, end).
  struct Span {
    Second from = 0;
    Second to = 0;
  };
  Span running(const Project& project, Index release) const;

  // Changes, for tests.

  struct NewEvents {
    Index issue = 0;
    std::vector<Index> serials;
  };
  /// Adds `count` events that happened at `at` and arrived at `received`, to `issue` or to a new
  /// issue of `kind`.
  NewEvents add_events(Index project, std::optional<Index> issue, IssueKind kind, Second at,
                       Instant received, std::size_t count);
  void set_status(Index issue, IssueStatus status, Substatus substatus);
  void set_priority(Index issue, Priority priority);
  /// `who` is one of the organization's users or teams.
  void assign(Index issue, AssigneeKind kind, std::uint8_t who);
  void set_comments(Index issue, std::int32_t added);
  void delete_issue(Index issue);
  /// The events of `from` become those of `into`, which is of the same project, and `from` is gone.
  void merge_issue(Index from, Index into);
  /// Its members `id` and `projects` are set here.
  Index add_release(Index project, Release release);
  void add_deploy(Index release, Instant finished);
  /// How rows of a release's commits or deploys were changed; `last` is the newest, as JSON.
  void set_commits(Index release, std::int32_t added, std::string last);
  void set_deploys(Index release, std::int32_t added, std::string last);
  void set_released(Index release, Instant when);
  void set_archived(Index release, bool archived);
  Index add_project(Index organization, std::string slug, Platform platform, Instant created,
                    bool member);
  void rename_project(Index project, std::string slug);
  void delete_project(Index project);
  Shelves& shelves() { return shelves_; }

 private:
  std::span<const Index> between(const std::vector<Index>& events, Second from, Second to) const;
  Index add_issue(Index project, IssueKind kind);
  void place_event(Index serial);

  WorldTables tables_;
  Index drawn_events_ = 0;
  Index drawn_issues_ = 0;
  Shelves shelves_;
  std::map<Index, Instant> received_;  // of events added later; others came soon
};

}  // namespace sandbox
