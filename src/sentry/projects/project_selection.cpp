#include "sentry/projects/project_selection.h"

#include <fnmatch.h>

#include <algorithm>
#include <cstdint>

#include "base/text.h"

namespace source_sentry {
namespace {

bool leaves_out(const std::string& pattern) { return pattern.starts_with('!'); }

bool matches(const std::string& pattern, const std::string& slug) {
  return fnmatch(pattern.c_str(), slug.c_str(), 0) == 0;
}

/// The number a shard draws for a name; the same on every machine and in every version, since
/// shards of one organization may run anywhere. FNV-1a, then splitmix64's last steps.
std::uint64_t draw(std::string_view name, std::size_t shard) {
  std::uint64_t hash = fnv1a(name);
  hash ^= (shard + 1) * 0x9e3779b97f4a7c15;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111eb;
  return hash ^ (hash >> 31);
}

}  // namespace

bool is_chosen(const std::vector<std::string>& patterns, const std::string& slug) {
  bool chosen = std::all_of(patterns.begin(), patterns.end(), leaves_out);
  for (const std::string& pattern : patterns) {
    if (leaves_out(pattern)) {
      if (matches(pattern.substr(1), slug)) chosen = false;
    } else if (matches(pattern, slug)) {
      chosen = true;
    }
  }
  return chosen;
}

std::vector<std::string> exact_names(const std::vector<std::string>& patterns) {
  std::vector<std::string> names;
  for (const std::string& pattern : patterns) {
    const bool wild = pattern.find_first_of("*?[") != std::string::npos;
    if (!leaves_out(pattern) && !wild) names.push_back(pattern);
  }
  return names;
}

bool belongs_to(const Shard& shard, std::string_view name) {
  std::size_t winner = 0;
  for (std::size_t i = 1; i < shard.count; ++i) {
    if (draw(name, i) > draw(name, winner)) winner = i;
  }
  return winner == shard.index;
}

}  // namespace source_sentry
