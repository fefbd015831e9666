#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace source_sentry {

/// Which bodies are in the spool, by their ids, so that none is stored twice. It remembers at least
/// the latest half of `most`, in two generations of flat memory: 786,432 ids take 25 MB, and half
/// of them are a webhook every 1.5 seconds for seven days. Not thread-safe.
class KnownBodies {
 public:
  static constexpr std::size_t kMost = 786'432;

  /// Each is known for the time of `know`.
  explicit KnownBodies(Duration know, std::size_t most = kMost) : know_(know), most_(most) {}

  /// Whether it is an id that can be known: 32 hexadecimal digits, in lower case.
  static bool is_id(std::string_view id);

  /// What came in at that time; does nothing for other ids.
  void add(std::string_view id, Instant received_at);

  bool knows(std::string_view id, Instant now) const;

  /// Frees the memory of what is known for long enough.
  void forget_old(Instant now);

  /// How many are remembered, those that are not known any more included.
  std::size_t size() const { return latest_.size() + earlier_.size(); }

 private:
  using Key = std::array<std::uint64_t, 2>;

  /// Times by ids: a table with open addressing, from which nothing is removed but all.
  class Generation {
   public:
    void set(const Key& key, Instant at);
    std::optional<Instant> find(const Key& key) const;
    std::size_t size() const { return size_; }
    Instant first() const { return first_; }
    Instant last() const { return last_; }

   private:
    struct Slot {
      Key key{};
      Instant at = Instant::min();  // then it is empty
    };
    std::size_t place_of(const Key& key) const;
    void grow();

    std::vector<Slot> slots_;  // a power of two
    std::size_t size_ = 0;
    Instant first_ = Instant::max();
    Instant last_ = Instant::min();
  };

  static bool parse_id(std::string_view id, Key& key);

  const Duration know_;
  const std::size_t most_;
  Generation latest_;
  Generation earlier_;
};

}  // namespace source_sentry
