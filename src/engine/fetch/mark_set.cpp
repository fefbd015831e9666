#include "engine/fetch/mark_set.h"

#include <utility>

namespace source_sentry {
namespace {

constexpr std::size_t kFewestSlots = 64;

}  // namespace

bool MarkSet::contain(std::uint64_t mark) const {
  return !slots_.empty() && slots_[slot_of(mark)] == mark;
}

void MarkSet::insert(std::uint64_t mark) {
  if (4 * size_ >= 3 * slots_.size()) grow();  // so that a quarter is free to end a search
  slots_[slot_of(mark)] = mark;
  ++size_;
}

/// The mark's slot, or the free one that it would take.
std::size_t MarkSet::slot_of(std::uint64_t mark) const {
  const std::size_t last = slots_.size() - 1;
  std::size_t slot = mark & last;
  while (slots_[slot] != 0 && slots_[slot] != mark) slot = (slot + 1) & last;
  return slot;
}

void MarkSet::grow() {
  const std::size_t size = slots_.empty() ? kFewestSlots : 2 * slots_.size();
  for (const std::uint64_t mark : std::exchange(slots_, std::vector<std::uint64_t>(size))) {
    if (mark != 0) slots_[slot_of(mark)] = mark;
  }
}

}  // namespace source_sentry
