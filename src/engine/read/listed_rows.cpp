#include "engine/read/listed_rows.h"

namespace source_sentry {

void ListedRows::add(const RecordPage& page) {
  if (!page.continues) begins_with_known_ = false;
  distinct_ += page.empty + page.not_objects;
  for (const RecordView& row : page.records) {
    if (seen_.seen_before(row.id, row.cursor)) {
      if (!page.continues && &row == &page.records.front()) begins_with_known_ = true;
      continue;
    }
    ++distinct_;
    const auto when = parse_instant(row.cursor);
    if (row.id.empty() || !when || (oldest_ && whole_seconds(*when) > *oldest_)) {
      in_order_ = false;
      continue;
    }
    if (oldest_ != whole_seconds(*when)) in_oldest_second_ = 0;
    oldest_ = whole_seconds(*when);
    ++in_oldest_second_;
  }
}

std::optional<Instant> ListedRows::edge() const {
  if (!oldest_ || !in_order_) return std::nullopt;
  return *oldest_ + std::chrono::seconds(1);
}

}  // namespace source_sentry
