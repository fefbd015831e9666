#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "engine/fetch/recent_records.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Finds out whether a list has left out rows. For lists whose cursor names a row and not a number
/// of rows, so that new rows do not push others onto the next page.
///
/// Some servers do not settle the order of rows of one time. A page that begins among such rows may
/// show a row of an earlier page again, and another row is then on no page. So this counts places,
/// which is how many rows were listed, and different rows. While there are more places than rows,
/// the caller reads these places again, with pages of another size. Nothing is missing once there
/// are as many rows as places, or once they are read again and no page repeats a row of another.
///
/// Equal rows on one page are different rows. So are rows without an id, see NamelessRows. Not
/// thread-safe.
class HiddenRows {
 public:
  /// The page that `cursor` asks for begins.
  void begin_page(std::string cursor);
  /// Counts the rows of the page, or of a slice of it.
  void add(const RecordPage& page);

  /// Call this at the end of each page. `last`: no page follows. Whether the places must be read
  /// again, beginning with the page that first showed a row which came again.
  bool in_doubt(bool last);

  /// The cursor to read them again from. Nothing if that was done often enough: the missing rows
  /// are then given up. `onward`: the cursor of the page after the present one.
  std::optional<std::string> go_back(const std::string& onward);
  /// The places cannot be read again: gives up the missing rows. The `onward` of the first
  /// `go_back`, with which the list continues. Requires `again`.
  std::string give_up();
  /// How often these places were read again.
  std::size_t tries() const { return tries_; }

  /// Whether places are being read again.
  bool again() const { return again_.has_value(); }

  /// How many rows may be missing after all tries. Once there are any, nothing more is tried.
  std::uint64_t missing() const { return missing_; }

 private:
  struct Page {
    std::string cursor;
    std::uint64_t at = 0;  // places before it
    RecentRecords rows{};
  };
  struct Again {
    std::uint64_t until = 0;
    std::uint64_t missing = 0;
    std::string onward;
    RecentRecords earlier{};
    bool repeats = false;
  };
  void note_repeat(const RecordView& row);
  void settle();

  std::deque<Page> pages_;    // the latest
  std::optional<Page> from_;  // the first of them to show a row that came again
  std::uint64_t places_ = 0;
  std::uint64_t different_ = 0;
  RecentRecords listed_;
  std::optional<Again> again_;
  std::size_t tries_ = 0;
  std::uint64_t missing_ = 0;
};

}  // namespace source_sentry
