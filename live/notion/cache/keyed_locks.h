#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace source_sentry {

/// One at a time for each key. Thread-safe.
class KeyedLocks {
  struct Entry {
    std::mutex mutex;
    int holders = 0;  // and those who wait
  };

 public:
  /// Holds a key until its end.
  class Held {
   public:
    Held(KeyedLocks& locks, std::string key);
    ~Held();
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;

   private:
    KeyedLocks& locks_;
    const std::string key_;
    Entry& entry_;
  };

 private:
  Entry& enter(const std::string& key);

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

}  // namespace source_sentry
