#pragma once

#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "live/notion/api/notion_client.h"
#include "live/notion/cache/documents.h"
#include "live/notion/pages.h"

namespace source_sentry {

/// The people of the workspace. What is kept of each is the id, the name, and a digest of the
/// e-mail address, which tells whether it is the one that Sentry names. Thread-safe.
class Users {
 public:
  Users(const NotionSettings& settings, NotionClient& client, Documents& documents, Clock& clock);

  /// The first of those whose names hold the text, in any case.
  std::vector<FormOption> search(const std::string& text);

  /// Who has that e-mail address, or else alone that name; nothing where nobody is meant for sure.
  /// Nobody waits for it before a form.
  std::optional<std::string> id_of(const std::string& name, const std::string& email);

 private:
  nlohmann::json read(const NotionPatience& patience) const;
  nlohmann::json known(const NotionPatience& patience);
  bool may_look_again();

  NotionClient& client_;
  Documents& documents_;
  Clock& clock_;
  const std::string key_;
  std::mutex mutex_;
  std::optional<Instant> looked_;
};

}  // namespace source_sentry
