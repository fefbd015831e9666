#include "engine/fetch/recent_records.h"

#include <cstddef>
#include <functional>
#include <utility>

namespace source_sentry {
namespace {

/// At least so many records are remembered, and at most twice as many: a hundred pages of a list.
constexpr std::size_t kGeneration = 10'000;

std::uint64_t mark_of(std::string_view id, std::string_view cursor) {
  const std::hash<std::string_view> hash;
  constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;
  const std::uint64_t mark = hash(id) ^ (hash(cursor) * kSpread);
  return mark == 0 ? 1 : mark;
}

}  // namespace

bool RecentRecords::seen_before(std::string_view id, std::string_view cursor) {
  if (id.empty()) return false;
  const std::uint64_t mark = mark_of(id, cursor);
  if (contain(mark)) return true;
  if (latest_.size() == kGeneration) age();
  latest_.insert(mark);
  return false;
}

void RecentRecords::age() { before_ = std::exchange(latest_, {}); }

bool RecentRecords::contain(std::string_view id, std::string_view cursor) const {
  return !id.empty() && contain(mark_of(id, cursor));
}

}  // namespace source_sentry
