#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/time.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// In which order a list's rows come, as far as its pages have shown it: whether a page that is
/// older than what is wanted proves that the pages behind it are older too.
class ListOrder {
 public:
  /// `received_key`: top-level key of the time at which the server got a row; may be empty.
  explicit ListOrder(std::string received_key) : received_key_(std::move(received_key)) {}

  void add(const RecordPage& page);

  /// The next page does not follow the latest one: rows come again.
  void begin_again() { cursor_.last = received_.last = std::nullopt; }

  /// Whether all that follows the latest page is older than `from`. `sorted`: the list was asked to
  /// sort its rows by the cursor. A list that was not may go by the time of receipt, and a record
  /// is no older than its receipt says; where rows do not carry that, nothing is proven.
  bool is_below(Instant from, bool sorted) const;

 private:
  /// One time of the rows, from row to row.
  struct Course {
    std::optional<Instant> last;
    std::optional<Instant> newest;  ///< of the latest page
    bool known = true;              ///< all rows have one
    std::uint64_t down = 0;         ///< how often a row is older than the one before
    std::uint64_t up = 0;           ///< and how often newer

    void add(std::optional<Instant> when);
    bool falls() const { return known && down > 0 && up == 0; }
    /// Rows may move while they are listed.
    bool falls_mostly() const { return known && down > 0 && up * 10 <= down; }
    bool is_below(Instant from) const { return known && newest && *newest < from; }
  };

  std::string received_key_;
  Course cursor_;
  Course received_;
};

}  // namespace source_sentry
