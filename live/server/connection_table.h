#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "live/server/client_address.h"
#include "live/server/connection.h"

namespace source_sentry {

/// The open connections, and who may have another one. Thread-safe.
class ConnectionTable {
 public:
  explicit ConnectionTable(const ServerLimits& limits) : limits_(limits) {}

  /// Whether a client may have one more connection, which is counted from now on. Where there are
  /// as many as may be, another one is made to end for it.
  bool admit(const std::string& peer);
  /// It has come to nothing.
  void give_back(const std::string& peer) { counts_.remove(client_key(peer)); }
  void add(std::shared_ptr<Connection> connection);
  void remove(Connection& connection);

  std::size_t size() const;
  std::vector<std::shared_ptr<Connection>> all() const;
  /// False where there still are some by then.
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline);

 private:
  std::shared_ptr<Connection> first_to_go() const;
  std::size_t most_of(const std::string& peer) const;

  const ServerLimits& limits_;
  ClientCounts counts_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<Connection*, std::shared_ptr<Connection>> connections_;
};

}  // namespace source_sentry
