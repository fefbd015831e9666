#include "engine/read/list_order.h"

#include <algorithm>

#include "json/members.h"

namespace source_sentry {

void ListOrder::Course::add(std::optional<Instant> when) {
  if (!when) {
    known = false;
    return;
  }
  newest = std::max(newest.value_or(*when), *when);
  if (last && *when < *last) ++down;
  if (last && *when > *last) ++up;
  last = when;
}

void ListOrder::add(const RecordPage& page) {
  cursor_.newest.reset();
  received_.newest.reset();
  if (received_key_.empty()) received_.known = false;
  for (const RecordView& row : page.records) {
    cursor_.add(parse_instant(row.cursor));
    if (!received_.known) continue;
    received_.add(parse_instant(text_of_value(member_value(row.json, received_key_))));
  }
}

bool ListOrder::is_below(Instant from, bool sorted) const {
  if (!cursor_.is_below(from)) return false;
  if (sorted) return cursor_.falls_mostly();
  return received_.is_below(from) && (received_.falls() || cursor_.falls());
}

}  // namespace source_sentry
