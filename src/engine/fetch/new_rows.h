#pragma once

#include <cstddef>

#include "engine/fetch/recent_records.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Whether a list still brings new rows, so that a server that gives a new cursor with the same
/// rows again is not followed for ever. Empty pages tell nothing. The first pages are not looked
/// at: no window that is heeded has so many, and each row would cost a look-up.
class NewRows {
 public:
  void add(const RecordPage& page);

  /// How many pages in turn brought nothing new.
  std::size_t pages_in_vain() const { return pages_in_vain_; }

  /// The latest pages had rows, and for so long no new one that the list has no end.
  bool ended() const { return pages_in_vain_ >= kMostInVain; }

  static constexpr std::size_t kNotLookedAt = 50;
  static constexpr std::size_t kMostInVain = 100;

 private:
  std::size_t pages_ = 0;
  std::size_t pages_in_vain_ = 0;
  RecentRecords seen_;
};

}  // namespace source_sentry
