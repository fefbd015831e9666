#include "live/notion/cache/redis_cache.h"

#include <hiredis/hiredis.h>
#include <spdlog/spdlog.h>
#include <sys/time.h>

#include <utility>

#include "base/text.h"

namespace source_sentry {
namespace {

// A cache that answers later than Notion itself would is of no use.
constexpr timeval kPatience{0, 200'000};

constexpr std::chrono::seconds kLeftAlone(5);

struct ReplyDeleter {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

}  // namespace

void RedisCache::Closer::operator()(redisContext* context) const { redisFree(context); }

RedisCache::RedisCache(RedisSettings settings, std::chrono::seconds time, Cache& meanwhile,
                       Clock& clock)
    : settings_(std::move(settings)), time_(time), meanwhile_(meanwhile), clock_(clock) {}

RedisCache::~RedisCache() = default;

std::optional<std::string> RedisCache::find(const std::string& key) {
  std::string text;
  switch (run({"GET", key}, &text)) {
    case Result::kText:
      return text;
    case Result::kNone:
      return std::nullopt;
    default:
      return meanwhile_.find(key);
  }
}

void RedisCache::keep(const std::string& key, const std::string& text) {
  meanwhile_.keep(key, text);
  run({"SETEX", key, std::to_string(time_.count()), text}, nullptr);
}

void RedisCache::drop(const std::string& key) {
  meanwhile_.drop(key);
  run({"DEL", key}, nullptr);
}

RedisCache::Result RedisCache::run(const std::vector<std::string>& words, std::string* text) {
  std::string why;
  Context context = borrow(why);
  if (!context && why.empty()) return Result::kFailed;  // it is being left alone
  const Result result = context ? reply_to(*context, words, text, why) : Result::kFailed;
  if (result == Result::kFailed) {
    fail(why);
  } else {
    give_back(std::move(context));
  }
  return result;
}

/// Words go by their length, so that none of their bytes means anything to Redis.
RedisCache::Result RedisCache::reply_to(redisContext& context,
                                        const std::vector<std::string>& words, std::string* text,
                                        std::string& why) const {
  std::vector<const char*> starts;
  std::vector<std::size_t> lengths;
  for (const std::string& word : words) {
    starts.push_back(word.data());
    lengths.push_back(word.size());
  }
  const std::unique_ptr<redisReply, ReplyDeleter> reply(static_cast<redisReply*>(
      redisCommandArgv(&context, static_cast<int>(words.size()), starts.data(), lengths.data())));
  if (!reply) {
    why = context.errstr;
    return Result::kFailed;
  }
  if (reply->type == REDIS_REPLY_ERROR) {
    why.assign(reply->str, reply->len);
    return Result::kFailed;
  }
  if (reply->type != REDIS_REPLY_STRING) return Result::kNone;
  if (text != nullptr) text->assign(reply->str, reply->len);
  return Result::kText;
}

RedisCache::Context RedisCache::borrow(std::string& why) {
  {
    const std::scoped_lock lock(mutex_);
    if (clock_.steady_now() < down_until_) return nullptr;
    if (!idle_.empty()) {
      Context context = std::move(idle_.back());
      idle_.pop_back();
      return context;
    }
  }
  Context context(redisConnectWithTimeout(settings_.host.c_str(), settings_.port, kPatience));
  if (!context || context->err != 0) {
    why = context ? context->errstr : "there is no memory";
    return nullptr;
  }
  redisSetTimeout(context.get(), kPatience);
  std::vector<std::vector<std::string>> before;
  if (!settings_.password.empty()) {
    before.push_back({"AUTH"});
    if (!settings_.user.empty()) before.back().push_back(settings_.user);
    before.back().push_back(settings_.password);
  }
  if (settings_.database != 0) before.push_back({"SELECT", std::to_string(settings_.database)});
  for (const auto& words : before) {
    if (reply_to(*context, words, nullptr, why) == Result::kFailed) return nullptr;
  }
  return context;
}

void RedisCache::give_back(Context context) {
  const std::scoped_lock lock(mutex_);
  idle_.push_back(std::move(context));
  if (std::exchange(down_, false)) spdlog::info("Redis answers again.");
}

void RedisCache::fail(const std::string& why) {
  const std::scoped_lock lock(mutex_);
  idle_.clear();  // opened before the trouble began
  down_until_ = clock_.steady_now() + kLeftAlone;
  if (!std::exchange(down_, true)) {
    constexpr std::size_t kShown = 200;
    spdlog::warn("Redis is not used for now ({}): Notion is asked instead.", excerpt(why, kShown));
  }
}

}  // namespace source_sentry
