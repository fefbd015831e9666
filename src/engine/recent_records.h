#pragma once

#include <cstddef>
#include <deque>
#include <string_view>
#include <unordered_set>

namespace source_sentry {

/// Remembers the latest records of a stream, so that one that a list shows twice is written once:
/// lists paged by offset repeat rows at a page's edge when something is inserted above them.
/// Bounded memory, which suffices because repeats come close together.
class RecentRecords {
 public:
  /// Whether the record was among the latest; remembers it. The cursor value takes part: an issue
  /// that was seen again in between is news. Records without an id are always new.
  bool seen_before(std::string_view id, std::string_view cursor);

  /// Whether it was among the latest.
  bool contain(std::string_view id, std::string_view cursor) const;

 private:
  std::unordered_set<std::size_t> hashes_;
  std::deque<std::size_t> order_;
};

}  // namespace source_sentry
