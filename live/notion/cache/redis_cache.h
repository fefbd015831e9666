#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "live/notion/cache/cache.h"

struct redisContext;

namespace source_sentry {

struct RedisSettings {
  std::string host{};  ///< empty: no Redis
  std::uint16_t port = 6379;
  std::string user{};
  std::string password{};
  int database = 0;
};

/// In a Redis that several processes share. While it is down, another cache takes its place.
class RedisCache final : public Cache {
 public:
  /// `time`: how long a text is kept. `meanwhile` and the clock outlive it.
  RedisCache(RedisSettings settings, std::chrono::seconds time, Cache& meanwhile, Clock& clock);
  ~RedisCache() override;

  std::optional<std::string> find(const std::string& key) override;
  void keep(const std::string& key, const std::string& text) override;
  void drop(const std::string& key) override;

 private:
  struct Closer {
    void operator()(redisContext* context) const;
  };
  using Context = std::unique_ptr<redisContext, Closer>;
  enum class Result { kText, kNone, kFailed };

  Result run(const std::vector<std::string>& words, std::string* text);
  Result reply_to(redisContext& context, const std::vector<std::string>& words, std::string* text,
                  std::string& why) const;
  Context borrow(std::string& why);
  void give_back(Context context);
  void fail(const std::string& why);

  const RedisSettings settings_;
  const std::chrono::seconds time_;
  Cache& meanwhile_;
  Clock& clock_;
  std::mutex mutex_;
  std::vector<Context> idle_;  // a thread takes one and gives it back: no two use the same
  Instant down_until_ = Instant::min();
  bool down_ = false;
};

}  // namespace source_sentry
