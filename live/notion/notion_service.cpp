#include "live/notion/notion_service.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <utility>

#include "base/error.h"
#include "http/base_url.h"
#include "live/notion/cache/memory_cache.h"
#include "live/notion/cache/redis_cache.h"
#include "live/notion/created_pages.h"
#include "live/notion/follow_queue.h"
#include "live/notion/ui_schema.h"

namespace source_sentry {
namespace {

using std::chrono::seconds;

constexpr std::size_t kThreads = 4;  // Notion answers about three calls a second
constexpr std::size_t kMostWaiting = 64;
constexpr std::size_t kLargestAnswer = std::size_t{32} << 20;

std::filesystem::path file_in(const std::filesystem::path& folder, const char* name) {
  return folder.empty() ? folder : folder / name;
}

}  // namespace

ConnectionOptions notion_connection(const NotionSettings& settings, const std::string& user_agent,
                                    const Variable& variable) {
  ConnectionOptions options;
  options.base = settings.base_url;
  options.token = settings.token;
  options.user_agent = user_agent;
  options.connect_timeout = seconds(3);
  options.idle_timeout = seconds(10);
  options.largest_body = kLargestAnswer;
  if (const auto base = parse_base_url(settings.base_url)) {
    const std::string proxy = proxy_from(variable, *base);
    if (!proxy.empty()) options.proxy = parse_proxy(proxy);
    if (!proxy.empty() && !options.proxy) {
      throw ConnectorError(FailureKind::kConfig,
                           "The proxy that the environment names for Notion is not one.");
    }
  }
  return options;
}

/// In the order in which each needs those above it; the threads end first.
class NotionService::Parts {
 public:
  Parts(NotionSettings given, Options options, NotionBridge::IsSigned is_signed, Clock& clock)
      : settings(std::move(given)),
        clients(std::move(options.connection)),
        client([this] { return clients.make(); }, settings.version, clock, ending.get_token()),
        memory(file_in(options.folder, "notion-cache.json"), settings.cache_time, clock),
        documents(cache(clock), [this](auto work) { return pool.add(std::move(work)); }),
        database(settings, client, documents),
        created(file_in(options.folder, "notion-pages.json"), clock),
        pages(settings, client, database, created, clock),
        users(settings, client, documents, clock),
        follow(settings, client, database, users),
        bridge({path_prefix(options.prefix), settings.installation_id, options.answer_time}, pages,
               users, pool, clock, std::move(is_signed)),
        pool(kThreads, kMostWaiting) {
    if (settings.columns.follow()) queue.emplace(follow);
  }

  const NotionSettings settings;
  std::stop_source ending;
  CurlClientFactory clients;
  NotionClient client;
  MemoryCache memory;
  std::optional<RedisCache> redis;
  Documents documents;
  Database database;
  CreatedPages created;
  Pages pages;
  Users users;
  Follow follow;
  NotionBridge bridge;
  std::optional<FollowQueue> queue;
  WorkPool pool;

 private:
  Cache& cache(Clock& clock) {
    if (settings.redis.host.empty()) return memory;
    return redis.emplace(settings.redis, settings.cache_time, memory, clock);
  }
};

NotionService::NotionService(NotionSettings settings, Options options,
                             NotionBridge::IsSigned is_signed, Clock& clock)
    : parts_(std::make_unique<Parts>(std::move(settings), std::move(options), std::move(is_signed),
                                     clock)) {}

NotionService::~NotionService() { stop(); }

void NotionService::check() {
  try {
    parts_->database.check();
  } catch (const ConnectorError& error) {
    if (error.kind() != FailureKind::kTransient) throw;
    spdlog::warn("Whether the Notion database is as configured is not known yet. {}",
                 error.message());
  }
}

NotionBridge& NotionService::handler() { return parts_->bridge; }

void NotionService::follow(IssueChange change) {
  if (parts_->queue) parts_->queue->add(std::move(change));
}

void NotionService::wait_for_pages() {
  if (parts_->queue) parts_->queue->wait();
}

void NotionService::stop() { parts_->ending.request_stop(); }

}  // namespace source_sentry
