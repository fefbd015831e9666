#include "engine/recent_records.h"

#include <functional>

namespace source_sentry {
namespace {

std::size_t mark_of(std::string_view id, std::string_view cursor) {
  const std::hash<std::string_view> hash;
  constexpr std::size_t kSpread = 0x9E3779B97F4A7C15;
  return hash(id) ^ (hash(cursor) * kSpread);
}

}  // namespace

bool RecentRecords::seen_before(std::string_view id, std::string_view cursor) {
  constexpr std::size_t kRemembered = 10'000;
  if (id.empty()) return false;
  const std::size_t mark = mark_of(id, cursor);
  if (!hashes_.insert(mark).second) return true;
  order_.push_back(mark);
  if (order_.size() > kRemembered) {
    hashes_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

bool RecentRecords::contain(std::string_view id, std::string_view cursor) const {
  return !id.empty() && hashes_.contains(mark_of(id, cursor));
}

}  // namespace source_sentry
