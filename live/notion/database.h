#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "live/notion/api/notion_client.h"
#include "live/notion/cache/documents.h"
#include "live/notion/settings.h"

namespace source_sentry {

struct NotionColumn {
  std::string name;
  std::string type;                  ///< "url"
  std::vector<std::string> options;  ///< of select and status
};

/// What the bridge needs to know of a database: one table of it, which the newer API calls a data
/// source.
struct NotionSchema {
  std::string source_id;  ///< of the data source; the database's own where there are none
  std::string title;      ///< of the database, for people
  std::vector<NotionColumn> columns;

  const NotionColumn* find(const std::string& name) const;
  /// The column that every page's title is in.
  const std::string& title_column() const;
};

/// The configured database. Thread-safe.
class Database {
 public:
  Database(const NotionSettings& settings, NotionClient& client, Documents& documents);

  /// From the cache, or of Notion.
  NotionSchema schema(const NotionPatience& patience = kBeforeAForm);
  /// Notion has refused what fits the known one.
  void forget_schema();

  /// What is wrong with the columns, in sentences; empty where nothing is.
  std::string problems_of(const NotionSchema& schema) const;

  /// Asks Notion whether all is as the configuration says. Throws a ConnectorError that says all
  /// that is wrong; a transient one where Notion cannot tell now.
  void check();

  /// Where pages are made: the `parent` of a new one.
  nlohmann::json parent();
  /// The call that searches it.
  std::string query_target(const NotionPatience& patience = kBeforeAForm);
  bool owns(const nlohmann::json& page);

 private:
  nlohmann::json read(const NotionPatience& patience) const;
  nlohmann::json read_source(const nlohmann::json& database, const NotionPatience& patience) const;

  const NotionSettings& settings_;
  NotionClient& client_;
  Documents& documents_;
  const std::string key_;
};

}  // namespace source_sentry
