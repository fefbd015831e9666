#include "files/line_memory.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace source_sentry {
namespace {

constexpr std::size_t kBytes = sizeof(std::uint64_t);
static_assert(std::endian::native == std::endian::little, "the saved hashes' byte order");

/// A hash table takes five times the memory of a sorted list, so no more than this, or an eighth
/// of all, is in it.
constexpr std::size_t kLeastToMerge = 1 << 15;
constexpr std::size_t kPartToMerge = 8;

}  // namespace

LineMemory::LineMemory(std::string_view saved) : sorted_(saved.size() / kBytes) {
  if (!sorted_.empty()) std::memcpy(sorted_.data(), saved.data(), sorted_.size() * kBytes);
  std::sort(sorted_.begin(), sorted_.end());
}

bool LineMemory::is_new(std::string_view record) {
  const std::uint64_t hash = XXH3_64bits(record.data(), record.size());
  if (std::binary_search(sorted_.begin(), sorted_.end(), hash)) return false;
  if (!fresh_.insert(hash).second) return false;
  fresh_bytes_.append(reinterpret_cast<const char*>(&hash), kBytes);
  if (fresh_.size() >= std::max(kLeastToMerge, sorted_.size() / kPartToMerge)) merge();
  return true;
}

void LineMemory::merge() {
  const auto middle = static_cast<std::ptrdiff_t>(sorted_.size());
  sorted_.insert(sorted_.end(), fresh_.begin(), fresh_.end());
  std::sort(sorted_.begin() + middle, sorted_.end());
  std::inplace_merge(sorted_.begin(), sorted_.begin() + middle, sorted_.end());
  fresh_.clear();
}

}  // namespace source_sentry
