#pragma once

#include <cstdint>
#include <string_view>

#include "engine/fetch/mark_set.h"

namespace source_sentry {

/// Remembers the latest records of a stream, so that one that a list shows twice is written once:
/// lists paged by offset repeat rows at a page's edge when something is inserted above them.
/// Bounded memory, which suffices because repeats come close together.
class RecentRecords {
 public:
  /// Whether the record was among the latest; remembers it. The cursor value counts: an issue that
  /// was seen again in between is new. Records without an id are always new.
  bool seen_before(std::string_view id, std::string_view cursor);

  /// Forgets what was remembered before its last call.
  void age();

  /// Whether it was among the latest.
  bool contain(std::string_view id, std::string_view cursor) const;

 private:
  bool contain(std::uint64_t mark) const { return latest_.contain(mark) || before_.contain(mark); }

  MarkSet latest_;
  MarkSet before_;  // the generation before; the one before that is forgotten
};

}  // namespace source_sentry
