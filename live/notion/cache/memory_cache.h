#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>

#include "base/clock.h"
#include "live/notion/cache/cache.h"

namespace source_sentry {

/// In memory, and in a file, so that a restart finds it again.
class MemoryCache final : public Cache {
 public:
  /// `file`: empty for none. `time`: how long a text is kept.
  MemoryCache(std::filesystem::path file, std::chrono::seconds time, Clock& clock);

  std::optional<std::string> find(const std::string& key) override;
  void keep(const std::string& key, const std::string& text) override;
  void drop(const std::string& key) override;

 private:
  struct Kept {
    std::string text;
    Instant at;
  };
  bool is_fresh(const Kept& kept) const;
  void load();
  void save();

  const std::filesystem::path file_;
  const std::chrono::seconds time_;
  Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
  bool warned_ = false;
};

}  // namespace source_sentry
