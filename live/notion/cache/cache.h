#pragma once

#include <optional>
#include <string>

namespace source_sentry {

/// Keeps texts for a while. Whatever goes wrong in it is a miss, never an error. Thread-safe.
class Cache {
 public:
  virtual ~Cache() = default;

  /// Nothing where it is not there, or has been for too long.
  virtual std::optional<std::string> find(const std::string& key) = 0;
  virtual void keep(const std::string& key, const std::string& text) = 0;
  virtual void drop(const std::string& key) = 0;
};

}  // namespace source_sentry
