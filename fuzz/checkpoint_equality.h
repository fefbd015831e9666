#pragma once

#include "engine/state/checkpoint.h"

namespace source_sentry {

/// Whether two checkpoints say the same in every part.
inline bool same(const Checkpoint& a, const Checkpoint& b) {
  if (a.high_water != b.high_water || a.late_until != b.late_until) return false;
  if (a.refresh != b.refresh || a.shared != b.shared) return false;
  if (!(a.written == b.written)) return false;
  if (a.position.has_value() != b.position.has_value()) return false;
  if (!a.position) return true;
  const Position& x = *a.position;
  const Position& y = *b.position;
  if (x.full_refresh != y.full_refresh || x.read_until != y.read_until) return false;
  if (x.page.has_value() != y.page.has_value()) return false;
  return !x.page || (x.page->window_end == y.page->window_end && x.page->cursor == y.page->cursor &&
                     x.page->newest == y.page->newest && x.page->route == y.page->route);
}

}  // namespace source_sentry
