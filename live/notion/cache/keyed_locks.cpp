#include "live/notion/cache/keyed_locks.h"

#include <utility>

namespace source_sentry {

KeyedLocks::Entry& KeyedLocks::enter(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  Entry& entry = entries_[key];
  ++entry.holders;
  return entry;
}

KeyedLocks::Held::Held(KeyedLocks& locks, std::string key)
    : locks_(locks), key_(std::move(key)), entry_(locks.enter(key_)) {
  entry_.mutex.lock();
}

KeyedLocks::Held::~Held() {
  entry_.mutex.unlock();
  const std::scoped_lock lock(locks_.mutex_);
  if (--entry_.holders == 0) locks_.entries_.erase(key_);
}

}  // namespace source_sentry
