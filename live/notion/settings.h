#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "live/notion/cache/redis_cache.h"

namespace source_sentry {

/// The columns of the database, by their names in Notion. Those that are empty are not used.
struct NotionColumns {
  std::string assignee = "Assignee";       ///< people: the owner that is chosen in Sentry's form
  std::string id = "ID";                   ///< unique_id: what Sentry shows of the page
  std::string sentry_url = "Sentry link";  ///< url: the issue

  // What follows the issue, by its webhooks.
  std::string status{};           ///< status, select or text
  std::string sentry_assignee{};  ///< people or text: whom Sentry has assigned
  std::string last_seen{};        ///< date or text

  bool follow() const { return !(status.empty() && sentry_assignee.empty() && last_seen.empty()); }
};

/// What Sentry-Notion's environment says, and what we add to it.
struct NotionSettings {
  std::string token{};
  std::string client_secret{};
  std::string database_id{};
  std::string data_source_id{};  ///< empty: the database has only one
  NotionColumns columns{};
  std::map<std::string, std::string> status_names{};  ///< Sentry's word -> the column's option
  std::chrono::seconds cache_time{21'600};
  RedisSettings redis{};
  std::string version = "2025-09-03";                   ///< Notion-Version
  std::string base_url = "https://api.notion.com/v1/";  ///< nothing else is ever called
  std::string installation_id{};                        ///< empty: that of any installation

  /// Databases have several data sources, which have the columns.
  bool has_data_sources() const { return version >= "2025-09-03"; }
  /// What no log may show.
  std::vector<std::string> secrets() const;
};

/// The option that stands for each of Sentry's words, unresolved, resolved and ignored.
std::map<std::string, std::string> status_names(const NotionSettings& settings);

/// An environment variable's value; empty where it is not set.
using Variable = std::function<std::string(const char* name)>;

/// Throws a ConnectorError that tells all problems at once, each as a sentence.
NotionSettings notion_settings(const Variable& variable);

}  // namespace source_sentry
