#include "engine/write/nameless_rows.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace source_sentry {
namespace {

/// More rows of one time than any server's cursor can tell apart.
constexpr std::size_t kMostTied = 10'000;
/// Rows after these are written a second time if the list is read again.
constexpr std::size_t kMost = 100'000;

}  // namespace

void NamelessRows::begin_pass() {
  again_ = true;
  time_.clear();
  tied_.clear();
  hiding_ = 0;
}

bool NamelessRows::comes_again(const RecordView& row, bool moved_by_new) {
  const std::uint64_t mark = std::max<std::uint64_t>(std::hash<std::string_view>()(row.json), 1);
  if (row.cursor != time_) {
    time_ = row.cursor;
    tied_.clear();
  }
  const auto tied = tied_.find(mark);
  const bool of_earlier_page = tied != tied_.end() && tied->second != page_;
  if (of_earlier_page && !(moved_by_new && tied_.size() == 1)) ++hiding_;
  if (tied == tied_.end() && tied_.size() < kMostTied) tied_.emplace(mark, page_);
  const bool known = all_.contain(mark);
  if (!known && all_.size() < kMost) all_.insert(mark);
  return of_earlier_page || (again_ && known);
}

}  // namespace source_sentry
