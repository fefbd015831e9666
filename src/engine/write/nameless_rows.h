#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "engine/fetch/mark_set.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Tells rows without an id apart, by their whole contents. Equal rows on one page are different
/// records. A row that comes again on a later page, with the time at which the two pages meet, is
/// the same record: a server without a fixed order for rows of one time shows it in the place of
/// another row, which is then on no page.
///
/// Memory is bounded: it keeps marks of the rows of the present time, and of a list's first 100,000
/// rows, in case the list is read again. Not thread-safe.
class NamelessRows {
 public:
  void begin_page() { ++page_; }

  /// The whole list is read again from here on.
  void begin_pass();

  /// Whether the row was listed before; remembers it. The row must have a cursor value.
  /// `moved_by_new`: the page begins at a row's number, so that a new row pushes the last row of
  /// the page before onto this one. Nothing is hidden by that.
  bool comes_again(const RecordView& row, bool moved_by_new);

  /// How many rows came in the place of others since the list was last begun.
  std::uint64_t hiding() const { return hiding_; }

 private:
  std::uint64_t page_ = 0;
  bool again_ = false;
  std::string time_;  // of the latest row, as the server wrote it
  std::unordered_map<std::uint64_t, std::uint64_t> tied_;  // its rows, with the page that had them
  MarkSet all_;
  std::uint64_t hiding_ = 0;
};

}  // namespace source_sentry
