#pragma once

#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <tuple>

#include "live/notion/database.h"
#include "live/notion/users.h"

namespace source_sentry {

/// What a verified webhook says of an issue.
struct IssueChange {
  std::string issue_id;
  std::string link;           ///< the issue's page in Sentry; empty where the webhook has none
  std::string status;         ///< "resolved"
  std::string assignee_name;  ///< of a person or a team; empty: nobody
  std::string assignee_email;
  std::string last_seen;  ///< as Sentry writes it
  std::string action;     ///< "resolved"
  Instant sent;           ///< by the webhook's header, or when it came

  /// Whether it tells of a later moment of the same issue than `other`: webhooks may overtake each
  /// other, and their headers know whole seconds only.
  bool is_newer_than(const IssueChange& other) const;
};

/// `data` of an `issue` webhook; nothing where it has no issue.
std::optional<IssueChange> issue_change(const nlohmann::json& data, const std::string& action,
                                        Instant sent);

/// Lets the pages of an issue follow it, in the columns that are configured for it. Thread-safe.
class Follow {
 public:
  enum class Outcome { kChanged, kNoPage, kNothingToSay };

  Follow(const NotionSettings& settings, NotionClient& client, Database& database, Users& users);

  /// Finds the pages with the issue's link and changes them. Throws a FormError.
  Outcome apply(const IssueChange& change);

 private:
  nlohmann::json values_of(const IssueChange& change);
  std::vector<std::string> pages_of(const IssueChange& change);

  const NotionSettings& settings_;
  NotionClient& client_;
  Database& database_;
  Users& users_;
};

/// Whether both are pages of the same issue: its number, and the same server, of which one may be
/// named by an organization's own subdomain. An empty `link` is of any server.
bool is_same_issue(const std::string& url, const std::string& issue_id, const std::string& link);

}  // namespace source_sentry
