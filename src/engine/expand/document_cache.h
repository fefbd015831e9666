#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/error.h"

namespace source_sentry {

/// A document as the server sent it, or what came instead.
struct Document {
  std::string json;
  std::optional<ConnectorError> error;
  int status = 0;        ///< of the answer; 0 if it is not the server's own
  bool gone = false;     ///< since it was listed
  bool refused = false;  ///< perhaps for this document alone
};

/// Documents that several streams of a run need, each asked for once. A caller that claims one not
/// asked for yet has to fetch it, and must put it or give it back. Thread-safe, and not locked
/// while a request is under way.
///
/// A caller fetches what it has claimed before it waits for what another has claimed: otherwise two
/// might wait for each other.
class DocumentCache {
 public:
  struct Found {
    std::shared_ptr<const Document> document;  ///< null: not there yet
    bool mine = false;                         ///< the caller has to fetch it
  };
  Found claim(const std::string& key);

  /// Waits until a claimed document is there, or was given back and is the caller's. Throws
  /// Stopped.
  Found wait(const std::string& key, const std::stop_token& stop);

  void put(const std::string& key, std::shared_ptr<const Document> document);
  void give_back(const std::string& key);

 private:
  Found look(const std::string& key);

  std::mutex mutex_;
  std::condition_variable_any changed_;
  /// By key; null: claimed.
  std::map<std::string, std::shared_ptr<const Document>> documents_;
};

}  // namespace source_sentry
