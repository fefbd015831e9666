#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/time.h"

namespace source_sentry {

/// Which bodies are in the spool, by their ids, so that none is stored twice. Remembers the latest
/// `most` of them, for some 90 bytes of memory each: 500,000 take 45 MB, and are a webhook every
/// 1.2 seconds for seven days. Not thread-safe.
class KnownBodies {
 public:
  static constexpr std::size_t kMost = 500'000;

  /// Each is known for the time of `know`.
  explicit KnownBodies(Duration know, std::size_t most = kMost) : know_(know), most_(most) {}

  /// Whether it is an id that can be known: 32 hexadecimal digits, in lower case.
  static bool is_id(std::string_view id);

  /// What came in at that time; does nothing for other ids.
  void add(std::string_view id, Instant received_at);

  bool knows(std::string_view id, Instant now) const;

  /// Forgets what is known for long enough.
  void forget_old(Instant now);

  std::size_t size() const { return times_.size(); }

 private:
  using Key = std::array<std::uint64_t, 2>;
  struct Hash {
    // An id is a hash already.
    std::size_t operator()(const Key& key) const noexcept { return key[0] ^ key[1]; }
  };
  static bool parse_id(std::string_view id, Key& key);
  void forget_first();

  const Duration know_;
  const std::size_t most_;
  std::unordered_map<Key, Instant, Hash> times_;
  std::deque<std::pair<Instant, Key>> order_;  // as they came
};

}  // namespace source_sentry
