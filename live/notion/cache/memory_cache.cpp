#include "live/notion/cache/memory_cache.h"

#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "base/file.h"
#include "base/json_member.h"
#include "base/json_text.h"
#include "live/notion/cache/private_file.h"

namespace source_sentry {
namespace {

constexpr int kFileFormat = 1;  // of the file

}  // namespace

MemoryCache::MemoryCache(std::filesystem::path file, std::chrono::seconds time, Clock& clock)
    : file_(std::move(file)), time_(time), clock_(clock) {
  if (!file_.empty()) load();
}

/// A text of the future is not fresh either: the clock was wrong when it was kept, or is now.
bool MemoryCache::is_fresh(const Kept& kept) const {
  const Duration age = clock_.now() - kept.at;
  return age >= Duration::zero() && age < time_;
}

std::optional<std::string> MemoryCache::find(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = kept_.find(key);
  if (found == kept_.end() || !is_fresh(found->second)) return std::nullopt;
  return found->second.text;
}

void MemoryCache::keep(const std::string& key, const std::string& text) {
  const std::scoped_lock lock(mutex_);
  kept_[key] = {text, clock_.now()};
  save();
}

void MemoryCache::drop(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  if (kept_.erase(key) > 0) save();
}

void MemoryCache::load() {
  std::string reason;
  const auto text = read_file(file_.string(), reason);
  if (!text) return;
  const nlohmann::json document = parse_json(*text);
  const nlohmann::json* format = member(document, "v");
  const nlohmann::json* texts = member(document, "texts");
  if (format == nullptr || *format != kFileFormat || texts == nullptr || !texts->is_object())
    return;
  for (const auto& [key, entry] : texts->items()) {
    const auto at = parse_instant(text_member(entry, "at"));
    if (at) kept_[key] = {text_member(entry, "text"), *at};
  }
}

/// What has expired is not written again: the file holds people's names.
void MemoryCache::save() {
  if (file_.empty()) return;
  nlohmann::json texts = nlohmann::json::object();
  for (const auto& [key, kept] : kept_) {
    if (is_fresh(kept)) texts[key] = {{"at", format_instant(kept.at)}, {"text", kept.text}};
  }
  const nlohmann::json document = {{"v", kFileFormat}, {"texts", std::move(texts)}};
  try {
    write_private_file(file_,
                       document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    warned_ = false;
  } catch (const ConnectorError& error) {
    if (!std::exchange(warned_, true)) {
      spdlog::warn("What is known of Notion is not saved for the next start. {}", error.message());
    }
  }
}

}  // namespace source_sentry
