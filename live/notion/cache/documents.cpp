#include "live/notion/cache/documents.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/json_member.h"
#include "base/json_text.h"

namespace source_sentry {
namespace {

using Json = nlohmann::json;

constexpr int kFormat = 1;  // of what is in the cache; another one's is a miss

std::optional<Json> unpacked(const std::string& text) {
  Json document = parse_json(text);
  const Json* format = member(document, "v");
  if (format == nullptr || *format != kFormat || !document.contains("value")) return std::nullopt;
  return std::move(document["value"]);
}

}  // namespace

Documents::Documents(Cache& cache, Later later) : cache_(cache), later_(std::move(later)) {}

Json Documents::get(const std::string& key, const Read& read) {
  if (auto document = kept(key)) return *std::move(document);
  auto old = expired(key);
  if (old && renew_later(key, read)) return *std::move(old);
  const KeyedLocks::Held held(reading_, key);
  if (auto document = kept(key)) return *std::move(document);  // another thread has read it
  try {
    return read_and_keep(key, read);
  } catch (const ConnectorError& error) {
    if (!old) throw;
    spdlog::warn("What is known of Notion has expired and is used once more. {}", error.message());
    return *std::move(old);
  }
}

Json Documents::renew(const std::string& key, const Read& read) {
  const KeyedLocks::Held held(reading_, key);
  return read_and_keep(key, read);
}

void Documents::drop(const std::string& key) {
  cache_.drop(key);
  const std::scoped_lock lock(mutex_);
  last_.erase(key);
}

std::optional<Json> Documents::kept(const std::string& key) {
  const auto text = cache_.find(key);
  if (!text) return std::nullopt;
  auto document = unpacked(*text);
  if (document) {
    const std::scoped_lock lock(mutex_);
    last_[key] = *text;
  }
  return document;
}

std::optional<Json> Documents::expired(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = last_.find(key);
  return found == last_.end() ? std::nullopt : unpacked(found->second);
}

Json Documents::read_and_keep(const std::string& key, const Read& read) {
  Json value = read();
  const std::string text =
      Json{{"v", kFormat}, {"value", value}}.dump(-1, ' ', false, Json::error_handler_t::replace);
  cache_.keep(key, text);
  const std::scoped_lock lock(mutex_);
  last_[key] = text;
  return value;
}

/// Whether it will be read anew without this thread.
bool Documents::renew_later(const std::string& key, const Read& read) {
  if (!later_) return false;
  {
    const std::scoped_lock lock(mutex_);
    if (!renewed_later_.insert(key).second) return true;
  }
  const auto forget = [this, key] {
    const std::scoped_lock lock(mutex_);
    renewed_later_.erase(key);
  };
  const bool taken = later_([this, key, read, forget] {
    try {
      renew(key, read);
    } catch (const std::exception& error) {
      spdlog::warn("What is known of Notion has expired and was not read anew. {}", error.what());
    }
    forget();
  });
  if (!taken) forget();
  return taken;
}

}  // namespace source_sentry
