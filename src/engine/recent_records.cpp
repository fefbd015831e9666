#include "engine/recent_records.h"

#include <functional>
#include <utility>

namespace source_sentry {
namespace {

/// So many records at least are remembered, and twice as many at most: a hundred pages of a list.
constexpr std::size_t kGeneration = 10'000;
constexpr std::size_t kFewestSlots = 64;

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

bool RecentRecords::Marks::contain(std::uint64_t mark) const {
  return !slots_.empty() && slots_[slot_of(mark)] == mark;
}

void RecentRecords::Marks::insert(std::uint64_t mark) {
  if (4 * size_ >= 3 * slots_.size()) grow();  // so that a quarter is free to end a search
  slots_[slot_of(mark)] = mark;
  ++size_;
}

/// The mark's slot, or the free one that it would take.
std::size_t RecentRecords::Marks::slot_of(std::uint64_t mark) const {
  const std::size_t last = slots_.size() - 1;
  std::size_t slot = mark & last;
  while (slots_[slot] != 0 && slots_[slot] != mark) slot = (slot + 1) & last;
  return slot;
}

void RecentRecords::Marks::grow() {
  const std::size_t size = slots_.empty() ? kFewestSlots : 2 * slots_.size();
  for (const std::uint64_t mark : std::exchange(slots_, std::vector<std::uint64_t>(size))) {
    if (mark != 0) slots_[slot_of(mark)] = mark;
  }
}

}  // namespace source_sentry
