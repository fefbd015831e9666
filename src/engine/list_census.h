#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/mark_set.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Whether a list has shown all of its rows: lists in no fixed order show one row on two pages, and
/// another one on none. A list is gone through in passes.
class ListCensus {
 public:
  void begin_pass() {
    ++passes_;
    this_pass_.clear();
    repeated_ = false;
    nameless_ = 0;
    counted_.reset();
  }

  /// `counted`: how many rows the server says that there are.
  void add(const RecordPage& page, std::optional<std::uint64_t> counted) {
    // What was deleted meanwhile is no longer counted.
    if (counted) counted_ = counted;
    nameless_ += page.empty + page.not_objects;
    for (const RecordView& row : page.records) {
      if (row.id.empty()) {
        ++nameless_;
        continue;
      }
      const std::uint64_t mark = std::max<std::uint64_t>(std::hash<std::string_view>()(row.id), 1);
      const bool shown = all_.contain(mark);
      if (!shown) all_.insert(mark);
      // In the first pass these are the same.
      if (passes_ == 1 ? shown : this_pass_.contain(mark)) {
        repeated_ = true;
      } else if (passes_ > 1) {
        this_pass_.insert(mark);
      }
    }
  }

  /// A row of it cannot be had, and is told.
  void lose_row() { ++nameless_; }

  /// What shows that rows were missed in the latest pass, for people; nothing where nothing does.
  std::optional<std::string> sign() const {
    const std::uint64_t shown = all_.size() + nameless_;
    if (counted_ && *counted_ > shown) {
      return "the server counts " + std::to_string(*counted_) + " and lists " +
             std::to_string(shown);
    }
    if (repeated_) return "rows are listed twice, so others may be missing";
    return std::nullopt;
  }

 private:
  std::size_t passes_ = 0;
  MarkSet all_;
  MarkSet this_pass_;  // empty in the first one
  std::uint64_t nameless_ = 0;
  std::optional<std::uint64_t> counted_;
  bool repeated_ = false;
};

/// What is added to a list's query to have it in another way: servers that ignore `per_page`, such
/// as GlitchTip with 50 rows to a page, take this.
inline constexpr std::string_view kLargerPages = "&limit=100";

}  // namespace source_sentry
