#include "engine/fetch/new_rows.h"

namespace source_sentry {

void NewRows::add(const RecordPage& page) {
  if (!page.continues) ++pages_;
  if (pages_ <= kNotLookedAt) return;
  if (page.records.empty() && page.empty + page.not_objects == 0) return;
  bool any = false;
  for (const RecordView& row : page.records) {
    // The same row with another time is no new one.
    const bool seen = seen_.seen_before(row.id.empty() ? row.json : row.id, "");
    any = any || !seen;
  }
  if (any) {
    pages_in_vain_ = 0;
  } else if (!page.continues) {
    ++pages_in_vain_;
  }
}

}  // namespace source_sentry
