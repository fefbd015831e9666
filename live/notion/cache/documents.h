#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <set>
#include <string>

#include "live/notion/cache/cache.h"
#include "live/notion/cache/keyed_locks.h"

namespace source_sentry {

/// Does work later, in another thread; false where there is no room for it.
using Later = std::function<bool(std::function<void()>)>;

/// What is read from Notion and kept in a cache: each document is read by one thread at a time.
/// Where the kept one has expired, the old one is given once more while a new one is read, and also
/// where none can be read. Thread-safe.
class Documents {
 public:
  using Read = std::function<nlohmann::json()>;

  /// `later`: none reads at once. The cache outlives it.
  explicit Documents(Cache& cache, Later later = {});

  /// `read` may be called after this returns, so what it uses outlives `later`'s threads.
  nlohmann::json get(const std::string& key, const Read& read);

  /// Reads it now.
  nlohmann::json renew(const std::string& key, const Read& read);

  void drop(const std::string& key);

 private:
  std::optional<nlohmann::json> kept(const std::string& key);
  std::optional<nlohmann::json> expired(const std::string& key);
  nlohmann::json read_and_keep(const std::string& key, const Read& read);
  bool renew_later(const std::string& key, const Read& read);

  Cache& cache_;
  const Later later_;
  KeyedLocks reading_;
  std::mutex mutex_;
  std::map<std::string, std::string> last_;  // as they were last read here or found
  std::set<std::string> renewed_later_;
};

}  // namespace source_sentry
