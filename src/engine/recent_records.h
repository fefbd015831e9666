#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace source_sentry {

/// Remembers the latest records of a stream, so that one that a list shows twice is written once:
/// lists paged by offset repeat rows at a page's edge when something is inserted above them.
/// Bounded memory, which suffices because repeats come close together.
class RecentRecords {
 public:
  /// Whether the record was among the latest; remembers it. The cursor value takes part: an issue
  /// that was seen again in between is news. Records without an id are always new.
  bool seen_before(std::string_view id, std::string_view cursor);

  /// What was remembered before the last call is forgotten.
  void age();

  /// Whether it was among the latest.
  bool contain(std::string_view id, std::string_view cursor) const;

 private:
  /// A set to which marks are only added: a table in one piece, since each record is looked up.
  class Marks {
   public:
    bool contain(std::uint64_t mark) const;
    /// `mark` must not be zero, and not be in it.
    void insert(std::uint64_t mark);
    std::size_t size() const { return size_; }

   private:
    std::size_t slot_of(std::uint64_t mark) const;
    void grow();

    std::vector<std::uint64_t> slots_;  // none, or a power of two; zero in a free one
    std::size_t size_ = 0;
  };

  bool contain(std::uint64_t mark) const { return latest_.contain(mark) || before_.contain(mark); }

  Marks latest_;
  Marks before_;  // the generation before; the one before that is forgotten
};

}  // namespace source_sentry
