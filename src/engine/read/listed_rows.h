#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "engine/fetch/recent_records.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// What the pages of a list have shown since they were followed from its begin, newest first.
class ListedRows {
 public:
  void add(const RecordPage& page);

  /// Whether the latest page began with a row that was listed before.
  bool begins_with_known() const { return begins_with_known_; }

  /// The list is known from here on: the end of the oldest row's second, of which more rows may
  /// follow. Nothing while no row was listed, nor where rows have no id or no time, or are not in
  /// order of time, so that no time tells how far the list is known.
  std::optional<Instant> edge() const;

  /// How many different rows there were, those that are no records included.
  std::uint64_t distinct() const { return distinct_; }

  /// How many of them are not of the oldest row's second.
  std::uint64_t above_edge() const { return distinct_ - in_oldest_second_; }

 private:
  RecentRecords seen_;
  bool begins_with_known_ = false;
  bool in_order_ = true;
  std::optional<Instant> oldest_;  // its whole second
  std::uint64_t distinct_ = 0;
  std::uint64_t in_oldest_second_ = 0;
};

}  // namespace source_sentry
