#include "files/key_sort.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <utility>

#include "files/append_file.h"

namespace source_sentry {

namespace fs = std::filesystem;

/// Sorted entries in a file.
class KeySort::Run {
 public:
  explicit Run(const fs::path& path) : file_(path, std::ios::binary) {}

  std::optional<Entry> next() {
    if (at_ == entries_.size()) {
      constexpr std::size_t kAtATime = 4096;
      entries_.resize(kAtATime);
      file_.read(reinterpret_cast<char*>(entries_.data()), kAtATime * sizeof(Entry));
      entries_.resize(static_cast<std::size_t>(file_.gcount()) / sizeof(Entry));
      at_ = 0;
      if (entries_.empty()) return std::nullopt;
    }
    return entries_[at_++];
  }

 private:
  std::ifstream file_;
  std::vector<Entry> entries_;
  std::size_t at_ = 0;
};

KeySort::KeySort(fs::path folder, std::size_t most) : folder_(std::move(folder)), most_(most) {}

KeySort::~KeySort() {
  std::error_code none;
  for (const fs::path& run : runs_) fs::remove(run, none);
}

void KeySort::add(std::string_view key) {
  const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
  entries_.push_back({{hash.high64, hash.low64}, count_++});
  if (entries_.size() == most_) spill();
}

void KeySort::spill() {
  std::sort(entries_.begin(), entries_.end());
  AppendFile file(runs_.emplace_back(folder_ / ("sort." + std::to_string(runs_.size()))), 0);
  const std::string_view bytes(reinterpret_cast<const char*>(entries_.data()),
                               entries_.size() * sizeof(Entry));
  file.append(std::span(&bytes, 1));
  entries_.clear();
}

std::vector<bool> KeySort::newest() {
  std::vector<bool> newest(count_);
  std::optional<Entry> last;
  const auto take = [&](const Entry& entry) {
    if (last && last->hash != entry.hash) newest[last->number] = true;
    last = entry;
  };
  if (runs_.empty()) {
    std::sort(entries_.begin(), entries_.end());
    for (const Entry& entry : entries_) take(entry);
  } else {
    if (!entries_.empty()) spill();
    std::vector<Run> runs(runs_.begin(), runs_.end());
    using Next = std::pair<Entry, std::size_t>;
    std::priority_queue<Next, std::vector<Next>, std::greater<>> queue;
    const auto advance = [&](std::size_t run) {
      if (const auto entry = runs[run].next()) queue.emplace(*entry, run);
    };
    for (std::size_t run = 0; run < runs.size(); ++run) advance(run);
    while (!queue.empty()) {
      const auto [entry, run] = queue.top();
      queue.pop();
      take(entry);
      advance(run);
    }
  }
  if (last) newest[last->number] = true;
  return newest;
}

}  // namespace source_sentry
