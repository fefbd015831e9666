#include "engine/look_back.h"

#include <algorithm>

namespace source_sentry {

void LookBack::begin(bool full_refresh) {
  active_ = plan_.records_stay && !full_refresh && plan_.lookback > Duration::zero();
  if (!active_) checkpoint_.written = WrittenIds();
  began_with_ = newest_ = checkpoint_.high_water;
}

bool LookBack::is_known(std::string_view id, Instant when, Instant until) {
  if (!has_saved() || id.empty()) return false;
  const WrittenIds::Mark mark = WrittenIds::mark_of(id);
  if (!checkpoint_.written.contain(mark)) return false;
  add(mark, when, until);
  return true;
}

void LookBack::note(std::string_view id, Instant when, Instant until) {
  if (active_ && !id.empty()) pending_.push_back({WrittenIds::mark_of(id), when, until});
}

void LookBack::gone_out() {
  for (const Pending& one : pending_) add(one.mark, one.when, one.until);
  pending_.clear();
}

void LookBack::add(WrittenIds::Mark mark, Instant when, Instant until) {
  newest_ = std::max(newest_.value_or(when), when);
  checkpoint_.written.note(mark, until);
  // Long lists come by here, of which only the end is looked back to.
  constexpr std::size_t kLetGrowTo = 4 * WrittenIds::kMost;
  if (checkpoint_.written.noted() < kLetGrowTo) return;
  tidy();
  checkpoint_.written.keep_noted(WrittenIds::kMost);
}

void LookBack::tidy() {
  if (newest_) checkpoint_.written.forget_before(whole_seconds(*newest_) - plan_.lookback);
}

void LookBack::finish() {
  if (!active_) return;
  // As long as the cursor stays, so does what it looks back to, also if a list does not show it.
  if (checkpoint_.high_water != began_with_) checkpoint_.written.forget_unmet();
  newest_ = checkpoint_.high_water;
  tidy();
}

}  // namespace source_sentry
