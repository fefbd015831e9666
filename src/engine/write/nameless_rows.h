#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "engine/fetch/mark_set.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Rows without an id are told apart by all that they say. Alike ones on one page are records of
/// their own. One that comes again on a later page, at the time at which the two pages meet, is the
/// same: a server that keeps rows of one time in no fixed order shows it in the place of another,
/// which is on no page then.
///
/// What it remembers is bounded: the rows of the time at hand, and those of a list that can be gone
/// through again.
class NamelessRows {
 public:
  void begin_page() { ++page_; }

  /// From here on the whole list comes again.
  void begin_pass();

  /// Whether the row, which has a cursor value, was listed before; remembers it. `moved_by_new`:
  /// the page begins at a row's number, so a new row above moves the last one of a page to the next
  /// page, and nothing is hidden by that.
  bool comes_again(const RecordView& row, bool moved_by_new);

  /// How many came in the place of others in this pass.
  std::uint64_t hiding() const { return hiding_; }

 private:
  std::uint64_t page_ = 0;
  bool again_ = false;
  std::string time_;                                       // of the latest row, as it is written
  std::unordered_map<std::uint64_t, std::uint64_t> tied_;  // its rows, with the page that had them
  MarkSet all_;
  std::uint64_t hiding_ = 0;
};

}  // namespace source_sentry
