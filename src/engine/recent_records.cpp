#include "engine/recent_records.h"

#include <functional>

namespace source_sentry {

bool RecentRecords::seen_before(std::string_view id, std::string_view cursor) {
  constexpr std::size_t kRemembered = 10'000;
  if (id.empty()) return false;
  const std::hash<std::string_view> hash;
  constexpr std::size_t kSpread = 0x9E3779B97F4A7C15;
  const std::size_t mark = hash(id) ^ (hash(cursor) * kSpread);
  if (!hashes_.insert(mark).second) return true;
  order_.push_back(mark);
  if (order_.size() > kRemembered) {
    hashes_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

}  // namespace source_sentry
