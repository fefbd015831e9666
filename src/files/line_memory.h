#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

namespace source_sentry {

/// Which records a file holds, so that none of them is written there twice: what a run looks back
/// at, and what a run that was killed had not saved yet, comes again byte for byte. A record is
/// remembered by the 64 bits of XXH3 over its bytes, in some eight bytes of memory: among ten
/// million records two different ones are taken for one with a chance of 1 in 400,000.
/// Not thread-safe.
class LineMemory {
 public:
  /// The hashes of the records so far, as bytes() gave them; what is behind the last whole one is
  /// ignored.
  explicit LineMemory(std::string_view saved = {});

  /// Whether the record is new; it is known from now on.
  bool is_new(std::string_view record);

  /// The hashes of the new records since the last call, eight bytes each, lowest byte first.
  std::string take_new_bytes() { return std::exchange(fresh_bytes_, {}); }

  std::size_t size() const { return sorted_.size() + fresh_.size(); }

 private:
  void merge();

  std::vector<std::uint64_t> sorted_;
  std::unordered_set<std::uint64_t> fresh_;  // since the last merge
  std::string fresh_bytes_;
};

}  // namespace source_sentry
