#include "engine/write/look_back.h"

namespace source_sentry {
namespace {

/// The time that a server shows of a record may be a fraction off the one that it searches by.
constexpr std::chrono::seconds kTimesDiffer(1);

}  // namespace

void LookBack::begin(bool full_refresh) {
  active_ = plan_.records_stay && !full_refresh && plan_.lookback > Duration::zero();
  if (!active_) checkpoint_.written = WrittenIds();
  began_with_ = checkpoint_.high_water;
  if (began_with_) come_to(*began_with_);
}

void LookBack::come_to(Instant newest) {
  if (newest <= newest_) return;
  newest_ = newest;
  reaches_ = whole_seconds(newest) - plan_.lookback - kTimesDiffer;
}

bool LookBack::is_known(std::string_view id, Instant until) {
  if (!has_saved() || id.empty()) return false;
  const WrittenIds::Mark mark = WrittenIds::mark_of(id);
  if (!checkpoint_.written.contain(mark)) return false;
  add(mark, until);
  return true;
}

void LookBack::note(std::string_view id, Instant until) {
  if (!active_ || id.empty()) return;
  // Lists are newest first, so only the first rows of a long one have to be noted.
  if (until >= reaches_) pending_.push_back({WrittenIds::mark_of(id), until});
}

void LookBack::gone_out() {
  for (const Pending& one : pending_) add(one.mark, one.until);
  pending_.clear();
}

void LookBack::add(WrittenIds::Mark mark, Instant until) {
  checkpoint_.written.note(mark, until);
  // All rows of a list that is oldest first get here.
  constexpr std::size_t kLetGrowTo = 4 * WrittenIds::kMost;
  if (checkpoint_.written.noted() >= kLetGrowTo) tidy();
}

void LookBack::tidy() {
  checkpoint_.written.forget_before(reaches_);
  checkpoint_.written.keep_noted(WrittenIds::kMost);
}

void LookBack::finish() {
  if (!active_) return;
  // If the cursor has not moved, the next run looks back just as far: keep also what was not met.
  if (checkpoint_.high_water != began_with_) checkpoint_.written.forget_unmet();
  tidy();
}

}  // namespace source_sentry
