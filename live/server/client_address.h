#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace source_sentry {

/// What of an address one client has to itself: all of it for IPv4, also where it is mapped into
/// IPv6, and its /64 for IPv6, of which a client has as many addresses as it likes.
std::string client_key(const std::string& address);

/// Counts what each client has. Thread-safe.
class ClientCounts {
 public:
  /// False, and nothing is counted, where the client has `most` already.
  bool add(const std::string& key, std::size_t most);
  void remove(const std::string& key);

 private:
  std::mutex mutex_;
  std::map<std::string, std::size_t, std::less<>> counts_;
};

}  // namespace source_sentry
