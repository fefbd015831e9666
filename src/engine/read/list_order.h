#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// The order in which a list's rows come, as far as its pages have shown it. It tells whether a
/// page that is older than what is wanted proves that all later pages are older as well. Not
/// thread-safe.
class ListOrder {
 public:
  /// `received_key`: top-level key of the time at which the server received a row; may be empty.
  explicit ListOrder(std::string received_key) : received_key_(std::move(received_key)) {}

  /// Takes in the next page, or the next slice of it.
  void add(const RecordPage& page);

  /// The next page does not follow the latest one: rows are listed again.
  void begin_again() { cursor_.last = received_.last = std::nullopt; }

  /// Whether everything after the latest page is older than `from`. `sorted`: the list was asked to
  /// sort its rows by the cursor. A list that was not may be sorted by the time of receipt, and a
  /// record is never newer than its receipt. If rows do not say when they were received, nothing is
  /// proven, and this is false.
  bool is_below(Instant from, bool sorted) const;

 private:
  /// How one of the rows' times changes from row to row.
  struct Course {
    std::optional<Instant> last;
    std::optional<Instant> newest;  ///< of the latest page
    bool known = true;              ///< all rows have this time
    std::uint64_t down = 0;         ///< how often a row is older than the one before it
    std::uint64_t up = 0;           ///< how often a row is newer than the one before it

    void add(std::optional<Instant> when);
    bool falls() const { return known && down > 0 && up == 0; }
    /// Allows for a few rows that move while they are listed.
    bool falls_mostly() const { return known && down > 0 && up * 10 <= down; }
    bool is_below(Instant from) const { return known && newest && *newest < from; }
  };

  std::string received_key_;
  Course cursor_;
  Course received_;
};

}  // namespace source_sentry
