#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <tuple>
#include <vector>

namespace source_sentry {

/// Finds the newest record of each key among any number of them: an external sort of the keys'
/// hashes (128 bits of XXH3) with the numbers of their records, in some 24 MB of memory and one bit
/// a record. Not thread-safe.
class KeySort {
 public:
  /// `folder`: where it may write; what it has written there is gone at its end. `most`: entries in
  /// memory at a time.
  explicit KeySort(std::filesystem::path folder, std::size_t most = std::size_t{1} << 20);
  ~KeySort();
  KeySort(const KeySort&) = delete;
  KeySort& operator=(const KeySort&) = delete;

  /// The next record's key.
  void add(std::string_view key);

  /// For each record whether it is the last one of its key. The end: nothing may be added then.
  std::vector<bool> newest();

 private:
  struct Entry {
    std::array<std::uint64_t, 2> hash;
    std::uint64_t number;

    bool operator<(const Entry& other) const {
      return std::tie(hash, number) < std::tie(other.hash, other.number);
    }
    bool operator>(const Entry& other) const { return other < *this; }
  };
  class Run;

  void spill();

  const std::filesystem::path folder_;
  const std::size_t most_;
  std::vector<Entry> entries_;
  std::vector<std::filesystem::path> runs_;
  std::uint64_t count_ = 0;
};

}  // namespace source_sentry
