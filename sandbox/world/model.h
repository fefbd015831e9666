#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"

namespace sandbox {

using source_sentry::Duration;
using source_sentry::Instant;

/// Whole seconds since 1970: the resolution of Sentry's event store (sentry-api.md 4.0).
using Second = std::uint32_t;

/// What an index into one of the world's tables is.
using Index = std::uint32_t;

enum class IssueKind : std::uint8_t { kError, kMessage, kPerformance, kFeedback };
enum class IssueStatus : std::uint8_t { kUnresolved, kResolved, kIgnored };
enum class Priority : std::uint8_t { kLow, kMedium, kHigh };
enum class AssigneeKind : std::uint8_t { kNobody, kUser, kTeam };
enum class Substatus : std::uint8_t {
  kNone,
  kNew,
  kOngoing,
  kRegressed,
  kEscalating,
  kArchivedUntilEscalating,
  kArchivedUntilCondition,
  kArchivedForever,
};

/// Which vocabulary (exceptions, source lines, contexts) a project's events are written in.
enum class Platform : std::uint8_t { kJavascript, kPython, kCocoa, kJava };

/// An event is this and its serial number, its place in the table; all else is drawn from those.
struct Event {
  Second at = 0;
  Index issue = 0;
};

struct Issue {
  std::uint64_t id = 0;
  Index project = 0;
  std::uint32_t number = 0;  ///< counts within the project; the tail of the short id
  IssueKind kind = IssueKind::kError;
  IssueStatus status = IssueStatus::kUnresolved;
  Substatus substatus = Substatus::kOngoing;
  Priority priority = Priority::kMedium;
  AssigneeKind assignee = AssigneeKind::kNobody;
  std::uint8_t assignee_index = 0;
  bool deleted = false;
  std::int32_t comments = 0;  ///< added by tests to those it was drawn with, or taken away
  std::vector<Index> events;  ///< serial numbers, oldest first; never empty
  Second first_at = 0;        ///< of the first of them and
  Second last_at = 0;         ///< of the last, at hand for searches, which look at every issue
};

struct Release {
  std::uint64_t id = 0;
  std::string version;
  std::vector<Index> projects;
  Instant created;
  std::optional<Instant> released;
  bool archived = false;
  std::vector<Instant> deploys;  ///< added by tests to those it was drawn with
  // What tests did to the rows of its commits and deploys: how many more or less, and the newest
  // as JSON. Nothing unless they did.
  std::int32_t commits_changed = 0;
  std::int32_t deploys_changed = 0;
  std::string last_commit;
  std::string last_deploy;
};

struct ClientKey {
  std::uint64_t row = 0;  ///< the database id, which only cursors show
  std::string public_key;
  std::string secret_key;
  std::string label;
  Instant created;
  bool active = true;
  bool rate_limited = false;
};

struct Project {
  std::uint64_t id = 0;
  Index organization = 0;
  std::string slug;
  std::string name;
  Platform platform = Platform::kPython;
  Instant created;
  bool bookmarked = false;  ///< by the user of the user token
  bool member = true;       ///< whether that user is in one of its teams
  bool deleted = false;
  std::uint32_t resolve_age =
      0;  ///< hours after which unresolved issues count as resolved; 0 never
  std::vector<std::uint8_t> teams;  ///< into the organization's teams
  std::vector<ClientKey> keys;      ///< oldest first
  std::vector<Index> events;        ///< serials of error and default events, oldest first
  std::vector<Index> issues;        ///< oldest first
  std::vector<Index> releases;      ///< oldest first
};

struct Team {
  std::uint64_t id = 0;
  std::string slug;
  std::string name;
};

struct User {
  std::uint64_t id = 0;
  std::string name;
  std::string email;
};

struct Organization {
  std::uint64_t id = 0;
  std::string slug;
  std::string name;
  Instant created;
  std::vector<Team> teams;
  std::vector<User> users;  ///< the first one owns the user token
  std::vector<Index> projects;
  std::vector<Index> releases;                 ///< by dateCreated, oldest first
  std::map<std::string, std::string> renamed;  ///< former project slug to present one
};

}  // namespace sandbox
