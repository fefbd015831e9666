#include "engine/expand/document_cache.h"

#include <utility>

#include "engine/fetch/fetcher.h"

namespace source_sentry {

DocumentCache::Found DocumentCache::look(const std::string& key) {
  const auto [at, is_new] = documents_.try_emplace(key);
  return {at->second, is_new};
}

DocumentCache::Found DocumentCache::claim(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  return look(key);
}

DocumentCache::Found DocumentCache::wait(const std::string& key, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  Found found;
  const bool settled = changed_.wait(lock, stop, [&] {
    found = look(key);
    return found.document || found.mine;
  });
  if (!settled) throw Stopped();
  return found;
}

void DocumentCache::put(const std::string& key, std::shared_ptr<const Document> document) {
  {
    const std::scoped_lock lock(mutex_);
    documents_[key] = std::move(document);
  }
  changed_.notify_all();
}

void DocumentCache::give_back(const std::string& key) {
  {
    const std::scoped_lock lock(mutex_);
    documents_.erase(key);
  }
  changed_.notify_all();
}

}  // namespace source_sentry
