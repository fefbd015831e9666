#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace source_sentry {

/// A set of hashes that can only grow: a table in one piece, since each record is looked up, and a
/// list may have as many rows as fit into memory.
class MarkSet {
 public:
  bool contain(std::uint64_t mark) const;
  /// `mark` must not be zero, and not be in it.
  void insert(std::uint64_t mark);
  std::size_t size() const { return size_; }
  void clear() { *this = MarkSet(); }

 private:
  std::size_t slot_of(std::uint64_t mark) const;
  void grow();

  std::vector<std::uint64_t> slots_;  // none, or a power of two; zero in a free one
  std::size_t size_ = 0;
};

}  // namespace source_sentry
