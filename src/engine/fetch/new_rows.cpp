#include "engine/fetch/new_rows.h"

#include <algorithm>
#include <functional>
#include <string_view>

namespace source_sentry {

void NewRows::add(const RecordPage& page) {
  if (!page.continues) ++pages_;
  if (pages_ <= kNotLookedAt) return;
  if (page.records.empty() && page.empty + page.not_objects == 0) return;
  bool any = false;
  for (const RecordView& row : page.records) {
    // The same row with another time is not new.
    const std::string_view name = row.id.empty() ? row.json : row.id;
    const bool seen = seen_.seen_before(name, "");
    any = any || !seen;
    follow(std::hash<std::string_view>()(name));
  }
  if (any) {
    pages_in_vain_ = 0;
  } else if (!page.continues) {
    ++pages_in_vain_;
  }
}

void NewRows::follow(std::uint64_t mark) {
  ++rows_;
  // While a second lap may be under way, the rows of the first one are kept.
  const bool half_way = laps_ > 0 && rows_ < 2 * keep_next_at_;
  if (rows_ >= keep_next_at_ && !half_way) {
    kept_at_ = rows_;
    keep_next_at_ = 2 * rows_;
    kept_rows_ = 0;
    laps_ = 0;
    again_.fill(false);
  }
  if (kept_rows_ < kKept) {
    kept_.at(kept_rows_++) = mark;
    return;
  }
  if (rows_ - kept_at_ < kMuchLater) return;
  auto* const found = std::find(kept_.begin(), kept_.end(), mark);
  if (found == kept_.end()) return;
  again_.at(static_cast<std::size_t>(found - kept_.begin())) = true;
  if (static_cast<std::size_t>(std::count(again_.begin(), again_.end(), true)) < kMostOfKept)
    return;
  ++laps_;
  again_.fill(false);
}

}  // namespace source_sentry
