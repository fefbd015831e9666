#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/fetch/mark_set.h"
#include "json/record_splitter.h"

namespace source_sentry {

/// Whether a list has shown all of its rows: lists in no fixed order show one row on two pages, and
/// another on none. A list is read in passes.
class ListCensus {
 public:
  void begin_pass() {
    ++passes_;
    this_pass_.clear();
    repeated_ = false;
    nameless_ = 0;
    counted_.reset();
  }

  /// `counted`: how many rows the server says there are; `capped`: or more.
  void add(const RecordPage& page, std::optional<std::uint64_t> counted, bool capped) {
    // What was deleted meanwhile is no longer counted.
    if (counted) counted_ = counted;
    capped_ = capped;
    nameless_ += page.empty + page.not_objects;
    for (const RecordView& row : page.records) {
      if (row.id.empty()) {
        ++nameless_;
        note_nameless(row);
        continue;
      }
      const std::uint64_t mark = mark_of(row.id);
      const bool shown = all_.contain(mark);
      if (!shown) all_.insert(mark);
      // In the first pass both are the same.
      if (passes_ == 1 ? shown : this_pass_.contain(mark)) {
        repeated_ = true;
      } else if (passes_ > 1) {
        this_pass_.insert(mark);
      }
    }
  }

  /// A row of it cannot be read, and is reported.
  void lose_row() { ++nameless_; }

  /// What shows that rows were missed in the latest pass, for people; nothing where nothing does.
  /// `nameless_hide`: rows without an id came in place of others in it, see NamelessRows.
  std::optional<std::string> sign(bool nameless_hide = false) const {
    const std::uint64_t shown = all_.size() + nameless_;
    if (counted_ && *counted_ > shown) {
      return "the server counts " + std::to_string(*counted_) + " and lists " +
             std::to_string(shown);
    }
    if (repeated_ || (nameless_hide && !shows_all()))
      return "rows are listed twice, so others may be missing";
    return std::nullopt;
  }

 private:
  static std::uint64_t mark_of(std::string_view text) {
    return std::max<std::uint64_t>(std::hash<std::string_view>()(text), 1);
  }

  /// They are told apart by their whole contents.
  void note_nameless(const RecordView& row) {
    const std::uint64_t mark = mark_of(row.json);
    if (all_nameless_.size() < kMostNameless && !all_nameless_.contain(mark)) {
      all_nameless_.insert(mark);
    }
  }

  /// Whether all passes together have shown as many different rows as the server counts.
  bool shows_all() const {
    return counted_ && !capped_ && all_.size() + all_nameless_.size() >= *counted_;
  }

  /// No server has so many, though a page may hold as many as fit into memory.
  static constexpr std::size_t kMostNameless = 100'000;

  std::size_t passes_ = 0;
  MarkSet all_;
  MarkSet all_nameless_;
  MarkSet this_pass_;  // empty in the first one
  std::uint64_t nameless_ = 0;
  std::optional<std::uint64_t> counted_;
  bool capped_ = false;
  bool repeated_ = false;
};

}  // namespace source_sentry
