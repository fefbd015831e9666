#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "engine/fetch/recent_records.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Whether a list has shown a row at each of its places, where pages begin at a row and not at a
/// number, so that nothing moves a row from one page to the next. Where nothing settles the order
/// of rows of one time, a page that begins among them shows one of an earlier page again, and
/// another is on no page. It shows on pages of another size: as many different rows as places are
/// all, and so are those of pages of which none shows a row again.
///
/// Alike rows on one page have a place each. Rows without an id are taken as different, see
/// NamelessRows.
class HiddenRows {
 public:
  /// The page that `cursor` asks for comes next.
  void begin_page(std::string cursor);
  void add(const RecordPage& page);

  /// Takes in that the page is whole; `last`: none follows. Whether places are to be asked for
  /// again, from the page on that has shown first what came again.
  bool in_doubt(bool last);

  /// The cursor by which they are; nothing when that was done often enough: what is missing is
  /// given up. `onward`: the one behind the page at hand.
  std::optional<std::string> go_back(const std::string& onward);
  /// Places that are asked for again lead nowhere: gives up what is missing. The cursor by which
  /// the list went on before.
  std::string give_up();
  /// How often that was done for these places.
  std::size_t tries() const { return tries_; }

  /// Whether places are asked for again.
  bool again() const { return again_.has_value(); }

  /// How many rows may be missing, whatever was tried; nothing is tried any more then.
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
  std::optional<Page> from_;  // of them, the one that first showed what came again
  std::uint64_t places_ = 0;
  std::uint64_t different_ = 0;
  RecentRecords listed_;
  std::optional<Again> again_;
  std::size_t tries_ = 0;
  std::uint64_t missing_ = 0;
};

}  // namespace source_sentry
