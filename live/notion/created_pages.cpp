#include "live/notion/created_pages.h"

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

constexpr int kPagesFormat = 1;
constexpr std::chrono::hours kKept(24);

}  // namespace

CreatedPages::CreatedPages(std::filesystem::path file, Clock& clock)
    : file_(std::move(file)), clock_(clock) {
  if (!file_.empty()) load();
}

std::optional<CreatedPages::Entry> CreatedPages::find(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  const auto found = entries_.find(key);
  if (found == entries_.end() || clock_.now() - found->second.at >= kKept) return std::nullopt;
  return found->second;
}

void CreatedPages::put(const std::string& key, const std::string& page_id) {
  const std::scoped_lock lock(mutex_);
  entries_[key] = {page_id, clock_.now()};
  save();
}

void CreatedPages::forget(const std::string& key) {
  const std::scoped_lock lock(mutex_);
  if (entries_.erase(key) > 0) save();
}

void CreatedPages::load() {
  std::string reason;
  const auto text = read_file(file_.string(), reason);
  if (!text) return;
  const nlohmann::json document = parse_json(*text);
  const nlohmann::json* format = member(document, "v");
  const nlohmann::json* pages = member(document, "pages");
  if (format == nullptr || *format != kPagesFormat || pages == nullptr || !pages->is_object()) {
    spdlog::warn("{} cannot be read: a page that was made lately may be made once more.",
                 file_.string());
    return;
  }
  for (const auto& [key, entry] : pages->items()) {
    const auto at = parse_instant(text_member(entry, "at"));
    if (at) entries_[key] = {text_member(entry, "page"), *at};
  }
}

/// A disk that is full makes no page impossible: only the memory of it would be lost by a restart.
void CreatedPages::save() {
  const Instant now = clock_.now();
  std::erase_if(entries_, [&](const auto& entry) { return now - entry.second.at >= kKept; });
  if (file_.empty()) return;
  nlohmann::json pages = nlohmann::json::object();
  for (const auto& [key, entry] : entries_) {
    pages[key] = {{"at", format_instant(entry.at)}, {"page", entry.page_id}};
  }
  const nlohmann::json document = {{"v", kPagesFormat}, {"pages", std::move(pages)}};
  try {
    write_private_file(file_,
                       document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  } catch (const ConnectorError& error) {
    spdlog::warn("The pages that were made are not saved for the next start. {}", error.message());
  }
}

}  // namespace source_sentry
