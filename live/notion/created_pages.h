#pragma once

#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/clock.h"

namespace source_sentry {

/// The pages that were made, by what they were made for, for a day: who clicks again gets the same
/// one. In a file, so that a restart knows them, too. Thread-safe.
class CreatedPages {
 public:
  struct Entry {
    std::string page_id;  ///< empty: it was asked for, and no answer is known
    Instant at;
  };

  /// `file`: empty for none.
  CreatedPages(std::filesystem::path file, Clock& clock);

  std::optional<Entry> find(const std::string& key);

  /// Written before Notion is asked, and once it has answered.
  void asked(const std::string& key) { put(key, {}); }
  void made(const std::string& key, const std::string& page_id) { put(key, page_id); }
  void forget(const std::string& key);

 private:
  void put(const std::string& key, const std::string& page_id);
  void load();
  void save();

  const std::filesystem::path file_;
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace source_sentry
