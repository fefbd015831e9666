#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/fetch/recent_records.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Whether a list still brings new rows, so that a server that gives a new cursor with the same
/// rows again is not followed for ever. Empty pages say nothing. The first pages are not checked:
/// no window that is heeded has so many, and each row would cost a look-up.
///
/// What repeats soon is known from the latest rows. A circle may be longer than those: so some
/// neighbouring rows are kept, and replaced each time that the rows have doubled, as Brent finds
/// cycles; when most of them have come again much later, whatever the order, a lap is complete. A
/// few rows that a list repeats, or a page that overlaps the one before, are not a lap.
class NewRows {
 public:
  void add(const RecordPage& page);

  /// How many pages in a row brought nothing new.
  std::size_t pages_in_vain() const { return pages_in_vain_; }

  /// The latest pages had rows, but no new one for so long that the list has no end; or all rows
  /// have come round twice.
  bool ended() const { return pages_in_vain_ >= kMostInVain || came_round(); }
  bool came_round() const { return laps_ >= kMostLaps; }

  static constexpr std::size_t kNotLookedAt = 50;
  static constexpr std::size_t kMostInVain = 100;

 private:
  static constexpr std::size_t kKept = 16;
  static constexpr std::size_t kMostOfKept = 12;
  static constexpr std::uint64_t kMuchLater = 5'000;
  static constexpr std::size_t kMostLaps = 2;

  void follow(std::uint64_t mark);

  std::size_t pages_ = 0;
  std::size_t pages_in_vain_ = 0;
  RecentRecords seen_;
  std::uint64_t rows_ = 0;
  std::uint64_t kept_at_ = 0;       // the number of the row from which those are kept
  std::uint64_t keep_next_at_ = 1;  // and that of the next one
  std::array<std::uint64_t, kKept> kept_{};
  std::array<bool, kKept> again_{};
  std::size_t kept_rows_ = 0;
  std::size_t laps_ = 0;
};

}  // namespace source_sentry
