#include "engine/write/row_memory.h"

#include <algorithm>

namespace source_sentry {

Instant RowMemory::begin(bool full_refresh, Instant usual) {
  if (full_refresh || !plan_.fingerprint) {
    checkpoint_.refresh.reset();
    return usual;
  }
  const auto width = plan_.gone ? KnownRows::Width::kWhole : KnownRows::Width::kHalf;
  if (active() && checkpoint_.refresh->rows.width() != width) checkpoint_.refresh.reset();
  had_memory_ = active();
  reads_all_ = !checkpoint_.high_water && !checkpoint_.position;
  if (!had_memory_) checkpoint_.refresh = Refresh{KnownRows(width), {}, {}, {}};
  if (spans_all()) {
    checkpoint_.refresh->rows.begin_listing();
    return Instant::min();
  }
  if (plan_.tail <= Duration::zero()) return usual;
  if (!checkpoint_.position) checkpoint_.refresh->rows.begin_listing();
  usual_ = usual;
  if (!checkpoint_.high_water) return usual;
  return std::min(usual, std::max(whole_seconds(*checkpoint_.high_water - plan_.tail), plan_.from));
}

bool RowMemory::is_known(const RecordView& row) {
  if (!active() || (plan_.tail <= Duration::zero() && !spans_all())) return false;
  const auto when = parse_instant(row.cursor);
  const bool earlier = when && *when < usual_;
  if (row.id.empty()) return earlier;
  const std::uint64_t fingerprint = fingerprint_of(row);
  const bool known =
      checkpoint_.refresh->rows.knows(row.id, fingerprint) || (earlier && !had_memory_);
  if (known) {
    checkpoint_.refresh->rows.remember(row.id, fingerprint);
  } else {
    checkpoint_.refresh->rows.mark_listed(row.id);  // and stays known as it was until it is noted
  }
  return known;
}

void RowMemory::note(const RecordView& row) {
  if (!active()) return;
  checkpoint_.refresh->rows.remember(row.id, fingerprint_of(row));
  ++noted_;
}

/// While rows are left from run to run, time stands still for the rest: otherwise those whose turn
/// comes again with time would take the place of the ones that have not had theirs.
std::uint64_t RowMemory::fingerprint_of(const RecordView& row) const {
  const auto& visits = checkpoint_.visits;
  const bool stands = visits && visits->left > 0;
  return plan_.fingerprint(row.json, stands ? visits->began.value_or(plan_.now) : plan_.now);
}

bool RowMemory::is_worth_saving() {
  constexpr std::size_t kPart = 16;
  if (!spans_all() || noted_ * kPart < rows().size() || noted_ == 0) return false;
  noted_ = 0;
  return true;
}

std::vector<std::string> RowMemory::gone(const std::string& route) {
  if (!plan_.gone || !spans_all()) return {};
  Refresh& refresh = *checkpoint_.refresh;
  const bool same = refresh.route.empty() || refresh.route == route;
  refresh.route = route;
  if (!same || !rows().any_listed()) return {};
  return rows().unlisted();
}

void RowMemory::finish(bool all) {
  // A run that has read everything has seen all that a sweep would.
  if (active() && plan_.sweep && reads_all_) checkpoint_.refresh->sweep_began = plan_.now;
  const bool has_tail = active() && (plan_.tail > Duration::zero() || spans_all());
  // If nothing at all was listed, the rows are more likely hidden than gone.
  if (!has_tail || !all || !checkpoint_.refresh->rows.any_listed()) return;
  checkpoint_.refresh->rows.forget_unlisted();
}

bool RowMemory::sweep_is_due() const {
  if (!plan_.sweep || !active()) return false;
  const Refresh& refresh = *checkpoint_.refresh;
  if (refresh.sweep_down_to || !refresh.sweep_began) return true;
  // A daily run is not punctual to the second.
  return plan_.now - *refresh.sweep_began >= plan_.sweep->every / 10 * 9;
}

void RowMemory::begin_sweep() {
  Refresh& refresh = *checkpoint_.refresh;
  if (refresh.sweep_down_to) return;
  refresh.sweep_began = plan_.now;
  refresh.sweep_down_to = whole_seconds(plan_.now) + std::chrono::seconds(1);
  refresh.rows.begin_listing();
}

void RowMemory::swept_down_to(Instant created) {
  auto& down_to = checkpoint_.refresh->sweep_down_to;
  down_to = std::min(*down_to, created);
}

}  // namespace source_sentry
