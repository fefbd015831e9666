#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "live/notion/created_pages.h"
#include "live/notion/database.h"

namespace source_sentry {

/// What Sentry's form asks for.
struct NewPage {
  std::string key;  ///< what it is made for: the same key within a day is the same page
  std::string title;
  std::string description;
  std::string owner_id;  ///< of a user in Notion; empty for none
  std::string sentry_url;
};

/// What Sentry shows of a page.
struct PageLink {
  std::string url;
  std::string identifier;
};

struct FormOption {
  std::string label;
  std::string value;
};

/// The pages of the configured database. Each call throws a FormError where it fails. Thread-safe.
class Pages {
 public:
  Pages(const NotionSettings& settings, NotionClient& client, Database& database,
        CreatedPages& created, Clock& clock);

  /// Makes the page, or finds the one that was made for the key.
  PageLink create(const NewPage& page);

  /// Puts the URL into a page of the database.
  PageLink link(const std::string& page_id, const std::string& sentry_url);

  /// The pages whose titles hold the text, newest first.
  std::vector<FormOption> search(const std::string& text);

 private:
  nlohmann::json made_before(const NewPage& page);
  nlohmann::json make(const NewPage& page);
  nlohmann::json find_by_url(const std::string& url);
  std::string body_of(const NewPage& page);
  PageLink shown(nlohmann::json page);

  const NotionSettings& settings_;
  NotionClient& client_;
  Database& database_;
  CreatedPages& created_;
  Clock& clock_;
  KeyedLocks making_;
};

}  // namespace source_sentry
