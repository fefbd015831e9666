#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "engine/fetch/recent_records.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// What the pages of a list, newest first, have shown since its first page. Not thread-safe.
class ListedRows {
 public:
  /// Takes in the next page, or the next slice of it.
  void add(const RecordPage& page);

  /// Whether the latest page began with a row that was listed before.
  bool begins_with_known() const { return begins_with_known_; }

  /// All rows of this time and newer were listed. It is the end of the oldest row's second, because
  /// more rows of that second may follow. Nothing while no row was listed. Nothing either if rows
  /// have no id or no time, or are not sorted by time: then no time tells how much was listed.
  std::optional<Instant> edge() const;

  /// How many different rows there were, including those that are not records.
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
